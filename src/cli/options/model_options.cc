#include "cli/options/model_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/near_names.h"
#include "base/quote.h"
#include "onnx/foreign_file.h"

namespace assay {
namespace {

constexpr std::string_view kTypes[] = {
    "frozen", "keras", "ckpt", "onnx", "engine", "uff", "trt-network-script", "caffe"};

constexpr OptionDef kModelType = {
    .names = {"--model-type"},
    .arity = ArgumentCount::kOne,
    .value = "TYPE",
    .help = "Type of the model, if its extension does not tell. Assay runs onnx",
    .choices = kTypes};

constexpr OptionDef kModelRows[] = {
    {.names = {"model_file"},
     .arity = ArgumentCount::kOptional,
     .value = "PATH",
     .help = "The model: an ONNX file, or an engine file that --save-engine wrote",
     .path = PathUse::kReadModel},
    kModelType,
    {.names = {"--input-shapes", "--inputs"},
     .arity = ArgumentCount::kOneOrMore,
     .value = "NAME:SHAPE",
     .help = "Shapes of the inputs to generate, for example image:[1,3,224,224] other:[10]; names "
             "may hold the wildcards * and ?"},
};

constexpr OptionDef kRequiredModelRows[] = {
    {.names = {"model_file"},
     .arity = ArgumentCount::kOne,
     .value = "PATH",
     .help = "The model: an ONNX file, or an engine file that --save-engine wrote",
     .path = PathUse::kReadModel},
    kModelType,
};

constexpr OptionDef kLoadRows[] = {
    {.names = {"--external-data-dir", "--load-external-data", "--ext"},
     .arity = ArgumentCount::kOne,
     .value = "DIR",
     .help = "Where the external data of the model lies (default: beside the model)",
     .path = PathUse::kReadFolder,
     .onnx_only = true},
    {.names = {"--ignore-external-data"},
     .arity = ArgumentCount::kFlag,
     .help = "Load the structure of the model without its external weights",
     .onnx_only = true},
    {.names = {"--fp-to-fp16"},
     .arity = ArgumentCount::kFlag,
     .help = "Convert the model to 16-bit floats",
     .handling = Handling::kRefused,
     .note = "Assay runs models as they are: convert the model beforehand and give the result to "
             "assay run beside the original"},
};

constexpr OptionDef kMarkRows[] = {
    {.names = {"--onnx-outputs"},
     .arity = ArgumentCount::kOneOrMore,
     .value = "NAME",
     .help = "Tensors to give out instead of the outputs of the model; wildcards are allowed, * "
             "(or: mark all) gives out every tensor",
     .onnx_only = true},
    {.names = {"--onnx-exclude-outputs"},
     .arity = ArgumentCount::kOneOrMore,
     .value = "NAME",
     .help = "Outputs to leave out after that; wildcards are allowed",
     .onnx_only = true},
    {.names = {"--onnx-outputs-by-type"},
     .arity = ArgumentCount::kOneOrMore,
     .value = "OP",
     .help = "Give out the outputs of all nodes of these operator types",
     .onnx_only = true},
};

constexpr OptionDef kSaveRows[] = {
    {.names = {"--save-onnx"},
     .arity = ArgumentCount::kOne,
     .value = "PATH",
     .help = "Save the model as it runs (with its outputs as marked)",
     .path = PathUse::kWriteModel},
    {.names = {"--save-external-data", "--external-data-path"},
     .arity = ArgumentCount::kOptional,
     .value = "NAME",
     .help = "Save weights in a file beside that model; the name of the file may be given"},
    {.names = {"--external-data-size-threshold"},
     .arity = ArgumentCount::kOne,
     .value = "BYTES",
     .help = "Smaller tensors stay inside the model (default: 1024; K, M and G are understood)"},
    {.names = {"--no-save-all-tensors-to-one-file"},
     .arity = ArgumentCount::kFlag,
     .help = "One file of external data for every tensor"},
};

constexpr OptionDef kShapeInferenceRows[] = {
    {.names = {"--shape-inference", "--do-shape-inference"},
     .arity = ArgumentCount::kFlag,
     .help = "Infer shapes when loading the model; Assay always does"},
    {.names = {"--no-onnxruntime-shape-inference"},
     .arity = ArgumentCount::kFlag,
     .help = "Do not use ONNX Runtime for that; Assay never does"},
};

// The type that an extension stands for; empty if it stands for none.
std::string_view TypeOfExtension(std::string_view extension) {
  constexpr std::pair<std::string_view, std::string_view> kByExtension[] = {
      {".onnx", "onnx"},  {".engine", "engine"},   {".plan", "engine"},
      {".hdf5", "keras"}, {".graphdef", "frozen"}, {".py", "trt-network-script"},
      {".uff", "uff"},    {".prototxt", "caffe"},
  };
  for (const auto& [known, type] : kByExtension) {
    if (extension == known) return type;
  }
  return {};
}

// Every ONNX file that is written today begins with its IR version.
constexpr char kFirstByteOfOnnx = '\x08';

Status CheckModelType(const ParsedOptions& options, const std::string& path) {
  ASSAY_ASSIGN_OR_RETURN(const auto file, MappedFile::Open(path));
  std::string type = options.Value("--model-type").value_or("");
  if (type.empty()) type = TypeOfExtension(std::filesystem::path(path).extension().string());
  const std::string_view foreign = DescribeForeignFile(file->text());
  if (type.empty() && foreign.empty() && file->text().starts_with(kFirstByteOfOnnx)) type = "onnx";
  if (type == "onnx" && !foreign.empty()) {
    return Status(StatusCode::kInvalidInput,
                  fmt::format("model: expected an ONNX model, got {} ({})", foreign, path));
  }
  if (type.empty()) {
    return Status(StatusCode::kUsage,
                  fmt::format("Could not automatically determine model type for: {}", path),
                  "Please explicitly specify the type with the --model-type option");
  }
  if (ModelSource(path, {}).is_engine()) return OkStatus();
  if (type == "engine") {
    return Status(StatusCode::kInvalidInput,
                  fmt::format("beginning of the engine file: expected \"ASSAYENG\", got {} ({})",
                              Quote(file->text().substr(0, 8)), path),
                  "it is damaged, or not an engine that Assay saved: build it again");
  }
  if (type != "onnx") {
    return Status(StatusCode::kUnsupported,
                  fmt::format("model: expected an ONNX model, got one of type {} ({})", type, path),
                  "export or convert the model to ONNX first");
  }
  return OkStatus();
}

// Names the model files of the same folder that are nearly called so.
Status CheckModelExists(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (fs::exists(path, ignored)) return OkStatus();
  const fs::path folder = fs::path(path).has_parent_path() ? fs::path(path).parent_path() : ".";
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    const std::filesystem::path extension = entry.path().extension();
    if (extension == ".onnx" || extension == ".engine")
      names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  return Status(StatusCode::kNotFound, fmt::format("Model path does not exist: {}", path),
                DidYouMean(fs::path(path).filename().string(), candidates));
}

Result<std::vector<TypedShape>> ReadInputShapes(const ParsedOptions& options) {
  constexpr std::string_view kLabel = "--input-shapes/--inputs";
  ASSAY_ASSIGN_OR_RETURN(std::vector<TypedShape> shapes,
                         ParseShapes(kLabel, options.Values("--input-shapes")));
  for (const TypedShape& shape : shapes) {
    for (const TypedExtent& extent : shape.extents) {
      if (!extent.is_dynamic()) continue;
      return Status(StatusCode::kUsage,
                    fmt::format("argument {}: expected a number for every extent of \"{}\", got {}",
                                kLabel, shape.name, extent.text),
                    "inputs are generated with these shapes, which have to be concrete");
    }
  }
  return shapes;
}

}  // namespace

constinit const OptionGroup kModelOptions = {"Model", "The model and its inputs", kModelRows};
constinit const OptionGroup kRequiredModelOptions = {"Model", "The model", kRequiredModelRows};
constinit const OptionGroup kOnnxLoadOptions = {"ONNX Model Loading", "Reading ONNX models",
                                                kLoadRows};
constinit const OptionGroup kOutputMarkingOptions = {
    "Outputs", "Which tensors of the model are given out and compared", kMarkRows};
constinit const OptionGroup kOnnxSaveOptions = {"ONNX Model Saving", "Writing ONNX models",
                                                kSaveRows};
constinit const OptionGroup kShapeInferenceOptions = {
    "ONNX Shape Inference", "Accepted for compatibility", kShapeInferenceRows};

Result<ModelSettings> ReadModelOptions(const ParsedOptions& options) {
  ModelSettings settings;
  ASSAY_ASSIGN_OR_RETURN(settings.input_shapes, ReadInputShapes(options));
  settings.path = options.Value("model_file").value_or("");
  if (settings.path.empty()) return settings;
  ASSAY_RETURN_IF_ERROR(CheckModelExists(settings.path));
  ASSAY_RETURN_IF_ERROR(CheckModelType(options, settings.path));
  return settings;
}

ModelSource::Options ReadOnnxLoadOptions(const ParsedOptions& options) {
  ModelSource::Options load;
  load.external_data_folder = options.Value("--external-data-dir").value_or("");
  load.ignore_external_data = options.Has("--ignore-external-data");
  const auto list = [&](std::string_view name) {
    const auto values = options.Values(name);
    return std::vector<std::string>(values.begin(), values.end());
  };
  load.outputs = list("--onnx-outputs");
  if (load.outputs == std::vector<std::string>{"mark", "all"}) load.outputs = {"*"};
  load.exclude_outputs = list("--onnx-exclude-outputs");
  load.outputs_by_type = list("--onnx-outputs-by-type");
  return load;
}

Result<OnnxSaveSettings> ReadOnnxSaveOptions(const ParsedOptions& options) {
  OnnxSaveSettings settings;
  settings.path = options.Value("--save-onnx").value_or("");
  settings.external_data = options.Has("--save-external-data");
  settings.external_data_name = options.Value("--save-external-data").value_or("");
  settings.one_external_file = !options.Has("--no-save-all-tensors-to-one-file");
  if (const auto text = options.Value("--external-data-size-threshold")) {
    ASSAY_ASSIGN_OR_RETURN(const int64_t bytes,
                           ParseByteCount("--external-data-size-threshold", *text));
    settings.external_data_threshold = static_cast<size_t>(bytes);
  }
  return settings;
}

}  // namespace assay
