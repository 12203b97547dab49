#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "runners/onnxruntime/onnxruntime_library.h"

namespace assay {

inline constexpr std::string_view kCpuProvider = "CPUExecutionProvider";
inline constexpr std::string_view kCudaProvider = "CUDAExecutionProvider";
inline constexpr std::string_view kTensorRtProvider = "TensorrtExecutionProvider";

// Full names of the wanted execution providers, in the same order, each once: an exact match, else
// the first available one that contains the wanted name, ignoring case ("cuda"). Errors:
// kUnavailable with the list of available ones.
Result<std::vector<std::string>> MatchProviders(std::span<const std::string> wanted,
                                                std::span<const std::string> available);

// Adds a provider to the session's list. The library adds the CPU by itself at the end.
// tf32: whether CUDA may round float32 products to TF32.
Status AppendProvider(const OnnxRuntime& runtime, OrtSessionOptions* options,
                      const std::string& provider, bool tf32);

// How many nodes of the model each provider executes, as the library says in its log while it makes
// a session: the only place where the C API of this version tells it.
class NodePlacement {
 public:
  // Reads one log line; others than those of the placement are ignored.
  void ReadLine(std::string_view line);

  // True once the library has begun to tell. A model without nodes leaves nodes() empty.
  bool told() const { return told_; }
  const std::vector<std::pair<std::string, int64_t>>& nodes() const { return nodes_; }
  int64_t NodesOf(std::string_view provider) const;
  // "CUDAExecutionProvider 290 nodes, CPUExecutionProvider 12 nodes".
  std::string ToString() const;

 private:
  bool told_ = false;
  std::vector<std::pair<std::string, int64_t>> nodes_;
};

// Compares what was asked for with what the library does. Errors: kUnavailable if every node went
// to providers that were not asked for, or if the library did not tell. Otherwise `warnings` gets a
// line for each asked-for provider that runs nothing and each other provider that runs something.
Status VerifyPlacement(std::span<const std::string> wanted, const NodePlacement& placement,
                       std::vector<std::string>* warnings);

}  // namespace assay
