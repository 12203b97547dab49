#include "runners/onnxruntime/execution_providers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace assay {
namespace {

std::string Lowercase(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

bool Contains(std::span<const std::string> list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

// ONNX Runtime's generic call knows providers without this ending ("AZURE", "XNNPACK").
std::string ShortName(std::string_view provider) {
  constexpr std::string_view kEnding = "ExecutionProvider";
  if (provider.ends_with(kEnding)) provider.remove_suffix(kEnding.size());
  if (provider == "Azure" || provider == "Xnnpack") {
    std::string name(provider);
    for (char& c : name) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return name;
  }
  return std::string(provider);
}

Status CheckAppended(const OnnxRuntime& runtime, OrtStatus* status, const std::string& provider) {
  return runtime.Check(status, fmt::format("cannot use the execution provider {}", provider),
                       StatusCode::kUnavailable);
}

Status AppendCuda(const OnnxRuntime& runtime, OrtSessionOptions* options,
                  const std::string& provider, bool tf32) {
  const OrtApi& api = runtime.api();
  OrtCUDAProviderOptionsV2* cuda = nullptr;
  ASSAY_RETURN_IF_ERROR(CheckAppended(runtime, api.CreateCUDAProviderOptions(&cuda), provider));
  const OrtOwned<OrtCUDAProviderOptionsV2> owned(cuda, api.ReleaseCUDAProviderOptions);
  const char* key = "use_tf32";
  const char* value = tf32 ? "1" : "0";
  ASSAY_RETURN_IF_ERROR(
      CheckAppended(runtime, api.UpdateCUDAProviderOptions(cuda, &key, &value, 1), provider));
  return CheckAppended(runtime, api.SessionOptionsAppendExecutionProvider_CUDA_V2(options, cuda),
                       provider);
}

Status AppendTensorRt(const OnnxRuntime& runtime, OrtSessionOptions* options,
                      const std::string& provider) {
  const OrtApi& api = runtime.api();
  OrtTensorRTProviderOptionsV2* tensorrt = nullptr;
  ASSAY_RETURN_IF_ERROR(
      CheckAppended(runtime, api.CreateTensorRTProviderOptions(&tensorrt), provider));
  const OrtOwned<OrtTensorRTProviderOptionsV2> owned(tensorrt, api.ReleaseTensorRTProviderOptions);
  return CheckAppended(
      runtime, api.SessionOptionsAppendExecutionProvider_TensorRT_V2(options, tensorrt), provider);
}

// The CPU's provider has no entry in the symbol table, but a function of its own.
Status AppendCpu(const OnnxRuntime& runtime, OrtSessionOptions* options,
                 const std::string& provider) {
  ASSAY_ASSIGN_OR_RETURN(void* symbol,
                         runtime.library().Symbol("OrtSessionOptionsAppendExecutionProvider_CPU"));
  const auto append = reinterpret_cast<OrtStatus*(ORT_API_CALL*)(OrtSessionOptions*, int)>(symbol);
  return CheckAppended(runtime, append(options, /*use_arena=*/1), provider);
}

}  // namespace

Result<std::vector<std::string>> MatchProviders(std::span<const std::string> wanted,
                                                std::span<const std::string> available) {
  std::vector<std::string> matched;
  for (const std::string& name : wanted) {
    auto found = std::find(available.begin(), available.end(), name);
    if (found == available.end() && !name.empty()) {
      found = std::find_if(available.begin(), available.end(), [&](const std::string& candidate) {
        return Lowercase(candidate).find(Lowercase(name)) != std::string::npos;
      });
    }
    if (found == available.end()) {
      return Status(StatusCode::kUnavailable,
                    fmt::format("ONNX Runtime has no execution provider \"{}\": available are {}",
                                name, fmt::join(available, ", ")),
                    "choose one of these with --providers, or name a library that has it with "
                    "--onnxruntime-library PATH");
    }
    if (!Contains(matched, *found)) matched.push_back(*found);
  }
  return matched;
}

Status AppendProvider(const OnnxRuntime& runtime, OrtSessionOptions* options,
                      const std::string& provider, bool tf32) {
  if (provider == kCpuProvider) return AppendCpu(runtime, options, provider);
  if (provider == kCudaProvider) return AppendCuda(runtime, options, provider, tf32);
  if (provider == kTensorRtProvider) return AppendTensorRt(runtime, options, provider);
  return CheckAppended(runtime,
                       runtime.api().SessionOptionsAppendExecutionProvider(
                           options, ShortName(provider).c_str(), nullptr, nullptr, 0),
                       provider);
}

void NodePlacement::ReadLine(std::string_view line) {
  if (line.find("Node placements") != std::string_view::npos) told_ = true;
  constexpr std::string_view kBegin = "Node(s) placed on [";
  constexpr std::string_view kBeginAll = "All nodes placed on [";
  constexpr std::string_view kMiddle = "]. Number of nodes: ";
  size_t begin = line.find(kBegin);
  if (begin != std::string_view::npos) {
    begin += kBegin.size();
  } else {
    begin = line.find(kBeginAll);
    if (begin == std::string_view::npos) return;
    begin += kBeginAll.size();
  }
  const size_t middle = line.find(kMiddle, begin);
  if (middle == std::string_view::npos) return;
  const std::string_view provider = line.substr(begin, middle - begin);
  const std::string_view number = line.substr(middle + kMiddle.size());
  int64_t count = 0;
  if (std::from_chars(number.data(), number.data() + number.size(), count).ec != std::errc())
    return;
  for (auto& [name, nodes] : nodes_) {
    if (name == provider) {
      nodes += count;
      return;
    }
  }
  told_ = true;
  nodes_.emplace_back(provider, count);
}

int64_t NodePlacement::NodesOf(std::string_view provider) const {
  for (const auto& [name, nodes] : nodes_) {
    if (name == provider) return nodes;
  }
  return 0;
}

std::string NodePlacement::ToString() const {
  std::vector<std::string> parts;
  for (const auto& [name, nodes] : nodes_) {
    parts.push_back(fmt::format("{} {} {}", name, nodes, nodes == 1 ? "node" : "nodes"));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

Status VerifyPlacement(std::span<const std::string> wanted, const NodePlacement& placement,
                       std::vector<std::string>* warnings) {
  if (!placement.told()) {
    return Status(StatusCode::kUnavailable,
                  "ONNX Runtime does not tell which execution providers run the model",
                  "run with --providers cpu, or use the library that set-up installs");
  }
  int64_t wanted_nodes = 0;
  int64_t other_nodes = 0;
  for (const auto& [provider, nodes] : placement.nodes()) {
    if (Contains(wanted, provider)) {
      wanted_nodes += nodes;
      continue;
    }
    other_nodes += nodes;
    if (nodes > 0) {
      warnings->push_back(
          fmt::format("ONNX Runtime runs {} {} on {}, which was not asked for (asked for: {})",
                      nodes, nodes == 1 ? "node" : "nodes", provider, fmt::join(wanted, ", ")));
    }
  }
  if (wanted_nodes == 0 && other_nodes > 0) {
    return Status(StatusCode::kUnavailable,
                  fmt::format("ONNX Runtime runs no node on the execution providers asked for: "
                              "expected {}, got {}",
                              fmt::join(wanted, ", "), placement.ToString()),
                  "ask for the provider that really runs, or check that its device and libraries "
                  "are installed");
  }
  for (const std::string& provider : wanted) {
    if (other_nodes + wanted_nodes > 0 && placement.NodesOf(provider) == 0) {
      warnings->push_back(
          fmt::format("ONNX Runtime runs no node on {}, which was asked for", provider));
    }
  }
  return OkStatus();
}

}  // namespace assay
