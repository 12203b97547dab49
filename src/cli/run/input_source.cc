#include "cli/run/input_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/near_names.h"
#include "cli/run/input_coercion.h"
#include "report/python_text.h"
#include "tensor/image.h"
#include "tensor/random.h"
#include "tensor/tensor_file.h"

namespace assay {
namespace {

constexpr int64_t kDefaultExtent = 1;

constexpr std::string_view kShapesArgument = "argument --input-shapes/--inputs";

std::string TypedShapeText(const TypedShape& shape) { return Shape(shape.values()).ToString(); }

std::string DeclaredText(const TensorInfo& input) {
  return input.type.shape ? PythonTuple(*input.type.shape) : "None";
}

// "image:[?,3,?,?]": what --input-shapes has to fill in.
std::string OpenShapeText(const TensorInfo& input) {
  std::vector<std::string> extents;
  for (const Dim& dim : *input.type.shape) {
    const bool known = dim.IsKnown() && dim.value() >= 0;
    extents.push_back(known ? std::to_string(dim.value()) : "?");
  }
  return fmt::format("{}:[{}]", input.name, fmt::join(extents, ","));
}

// A length-n vector of integers whose typed "shape" has n extents is a shape itself: those are its
// values.
bool IsShapeTensor(const TensorInfo& input, const TypedShape& typed) {
  if (!IsInteger(input.type.dtype) || !input.type.shape || input.type.shape->size() != 1) {
    return false;
  }
  const Dim& length = (*input.type.shape)[0];
  return length.IsKnown() && length.value() == static_cast<int64_t>(typed.extents.size());
}

// Sequences and optionals cannot be generated.
Status CheckGenerated(const TensorInfo& input) {
  if (input.type.kind == ValueType::Kind::kTensor) return OkStatus();
  return Status(
      StatusCode::kUnsupported,
      fmt::format("input {}: expected a tensor, got {}", input.name, input.type.ToString()),
      "inputs of this type cannot be generated or stored");
}

std::string RangeEndText(const RangeEnd& end, DType dtype) {
  if (dtype == DType::kBool) return end.IsNonZero() ? "True" : "False";
  if (IsInteger(dtype)) {
    const auto whole = end.AsInteger();
    if (whole) return fmt::format("{}{}", whole->negative ? "-" : "", whole->magnitude);
  }
  return RangeEnd(end.AsDouble()).ToString();
}

}  // namespace

InputSource::InputSource(const DataLoaderSettings& settings, const std::vector<TypedShape>& shapes,
                         const NamedShapes& preferred, LogSink& log)
    : settings_(settings), shapes_(shapes), preferred_(preferred), log_(log), once_(log) {
  if (!settings_.random_inputs() || shapes_.empty()) return;
  std::string text = "{";
  for (const TypedShape& shape : shapes_) {
    if (text.size() > 1) text += ",\n ";
    text += fmt::format("{} [shape={}]", shape.name, TypedShapeText(shape));
  }
  log_.Write(
      Severity::kInfo,
      "Will generate inference input data according to provided TensorMetadata: " + text + "}");
}

Status InputSource::HintAtShapes(const Status& error) const {
  if (guessed_.empty() || error.code() == StatusCode::kInterrupted) return error;
  std::string hint = error.hint();
  if (!hint.empty()) hint += "\n";
  hint += fmt::format(
      "extents that the model leaves open were taken as {}, which may not suit it; give a number "
      "for every ?: --input-shapes {}",
      kDefaultExtent, fmt::join(guessed_, " "));
  return Status(error.code(), error.message(), std::move(hint));
}

int64_t InputSource::ExpectedIterations() const {
  return settings_.random_inputs() ? settings_.iterations : 0;
}

Result<std::optional<TensorMap>> InputSource::Next() {
  if (!checked_) {
    checked_ = true;
    ASSAY_RETURN_IF_ERROR(CheckShapeNames());
  }
  if (settings_.random_inputs()) return NextRandom();
  ASSAY_ASSIGN_OR_RETURN(std::optional<TensorMap> inputs,
                         settings_.image_path.empty() ? NextFromFiles() : NextPicture());
  if (inputs) ASSAY_RETURN_IF_ERROR(CheckLoaded(*inputs));
  return inputs;
}

const TypedShape* InputSource::FindShape(std::string_view input) const {
  const TypedShape* found = nullptr;
  for (const TypedShape& shape : shapes_) {
    if (FitsName(shape.name, input)) found = &shape;
  }
  return found;
}

Status InputSource::CheckShapeNames() const {
  std::vector<std::string> names;
  for (const TensorInfo& input : wanted_) names.push_back(input.name);
  for (const TypedShape& typed : shapes_) {
    const bool matches = std::ranges::any_of(
        names, [&](const std::string& name) { return FitsName(typed.name, name); });
    if (matches) continue;
    const std::vector<std::string_view> candidates(names.begin(), names.end());
    return Status(StatusCode::kUsage,
                  fmt::format("{}: no input of the model is called \"{}\"; its inputs are: {}",
                              kShapesArgument, typed.name, PythonStringList(names)),
                  DidYouMean(typed.name, candidates));
  }
  return OkStatus();
}

Status InputSource::CheckLoaded(const TensorMap& inputs) {
  std::set<const TypedShape*> used;
  for (const NamedTensor& item : inputs) {
    const TypedShape* typed = FindShape(item.name);
    if (typed == nullptr) continue;
    used.insert(typed);
    const auto info = std::ranges::find(wanted_, item.name, &TensorInfo::name);
    if (info != wanted_.end() && IsShapeTensor(*info, *typed)) continue;
    if (Shape(typed->values()) == item.tensor.shape()) continue;
    return Status(StatusCode::kUsage,
                  fmt::format("{}: expected the shape of the loaded data, {}, for input {}, got {}",
                              kShapesArgument, item.tensor.shape().ToString(), item.name,
                              TypedShapeText(*typed)),
                  "loaded data keeps its shape; leave the option out");
  }
  for (const TypedShape& typed : shapes_) {
    if (used.contains(&typed)) continue;
    once_.Write(Severity::kWarning,
                fmt::format("Option: --input-shapes {} has no effect: the inputs are loaded, and "
                            "none of them bears that name.",
                            typed.name));
  }
  return OkStatus();
}

const Shape* InputSource::PreferredShape(const TensorInfo& input) const {
  if (input.type.shape && ToConcrete(*input.type.shape)) return nullptr;
  const Shape* preferred = assay::FindShape(preferred_, input.name);
  if (preferred == nullptr && input.preferred_shape) preferred = &*input.preferred_shape;
  const bool fits = preferred != nullptr && ShapeFits(*preferred, input.type.shape);
  return fits ? preferred : nullptr;
}

Result<RandomInputSpec> InputSource::MakeSpec(const TensorInfo& input, const TypedShape* typed) {
  RandomInputSpec spec{input.name, input.type.dtype, {}};
  if (typed != nullptr && IsShapeTensor(input, *typed)) {
    spec.shape = Shape{static_cast<int64_t>(typed->extents.size())};
    spec.fixed_values = typed->values();
    once_.Write(
        Severity::kInfo,
        fmt::format("Assuming {} is a shape tensor. Setting input values to: [{}]. If these "
                    "values are not correct, please set it correctly in 'input_metadata' or "
                    "by providing --input-shapes",
                    input.name, fmt::join(typed->values(), " ")));
    return spec;
  }
  if (typed != nullptr) {
    if (!ShapeFits(Shape(typed->values()), input.type.shape)) {
      return Status(
          StatusCode::kUsage,
          fmt::format("{}: the shape {} does not fit input {}, which has shape {}", kShapesArgument,
                      TypedShapeText(*typed), input.name, DeclaredText(input)),
          "extents that the model fixes cannot be changed");
    }
    spec.shape = Shape(typed->values());
    return spec;
  }
  if (const Shape* preferred = PreferredShape(input)) {
    once_.Write(
        Severity::kInfo,
        fmt::format("Input tensor: {} [shape={}] | Will generate data of the shape that the "
                    "engine is tuned for: {}",
                    input.name, DeclaredText(input), preferred->ToString()));
    spec.shape = *preferred;
    return spec;
  }
  if (!input.type.shape) {
    return Status(
        StatusCode::kUsage,
        fmt::format("input {}: the model does not say how many dimensions it has", input.name),
        fmt::format("give its shape: --input-shapes {}:[...]", input.name));
  }
  bool is_dynamic = false;
  for (const Dim& dim : *input.type.shape) {
    const bool known = dim.IsKnown() && dim.value() >= 0;
    is_dynamic |= !known;
    spec.shape.dims().push_back(known ? dim.value() : kDefaultExtent);
  }
  if (is_dynamic) {
    guessed_.push_back(OpenShapeText(input));
    once_.Write(Severity::kWarning,
                fmt::format("Input tensor: {} [shape={}] | Will generate data of shape: [{}].\nIf "
                            "this is incorrect, please provide a custom data loader.",
                            input.name, DeclaredText(input), fmt::join(spec.shape.dims(), ", ")));
  }
  return spec;
}

void InputSource::WarnOfUnusedRanges() {
  std::set<std::string> known = {""};
  for (const TensorInfo& input : wanted_) known.insert(input.name);
  std::set<std::string> given;
  std::set<std::string> extra;
  for (const auto& [name, range] : settings_.random.ranges) {
    given.insert(name);
    if (!known.contains(name)) extra.insert(name);
  }
  if (extra.empty()) return;
  once_.Write(Severity::kWarning,
              fmt::format("Extra items in val_range: {}.\nNote: items requested were: {}, but all "
                          "items are: {}",
                          PythonSet(extra), PythonSet(known), PythonSet(given)));
}

Status InputSource::MakeSpecs() {
  std::vector<RandomInputSpec> specs;
  for (const TensorInfo& input : wanted_) {
    if (!settings_.image_path.empty() && input.name == settings_.image_input) continue;
    ASSAY_RETURN_IF_ERROR(CheckGenerated(input));
    ASSAY_ASSIGN_OR_RETURN(RandomInputSpec spec, MakeSpec(input, FindShape(input.name)));
    if (!spec.fixed_values && log_.IsEnabled(Severity::kVerbose)) {
      ValueRange range;
      for (const auto& [name, named] : settings_.random.ranges) {
        if (name.empty() || name == input.name) range = named;
        if (name == input.name) break;
      }
      once_.Write(
          Severity::kVerbose,
          fmt::format("Input tensor: {} | Generating input data in range: [{}, {}]", input.name,
                      RangeEndText(range.min, spec.dtype), RangeEndText(range.max, spec.dtype)));
    }
    specs.push_back(std::move(spec));
  }
  WarnOfUnusedRanges();
  specs_ = std::move(specs);
  return OkStatus();
}

Result<std::optional<TensorMap>> InputSource::NextRandom() {
  if (iteration_ >= settings_.iterations) return std::optional<TensorMap>();
  log_.Write(Severity::kVerbose, fmt::format("Generating data using numpy seed: {}",
                                             settings_.random.seed + iteration_));
  if (!specs_) ASSAY_RETURN_IF_ERROR(MakeSpecs());
  ASSAY_ASSIGN_OR_RETURN(TensorMap inputs, RandomInputs(*specs_, settings_.random, iteration_));
  ++iteration_;
  return std::optional<TensorMap>(std::move(inputs));
}

Result<std::optional<TensorMap>> InputSource::NextFromFiles() {
  if (!listed_) {
    listed_ = true;
    for (const std::string& path : settings_.input_files) {
      std::error_code ignored;
      if (!std::filesystem::is_directory(path, ignored)) {
        files_.push_back(path);
        continue;
      }
      ASSAY_ASSIGN_OR_RETURN(const std::vector<std::filesystem::path> inside,
                             ListIterationFiles(path));
      files_.insert(files_.end(), inside.begin(), inside.end());
    }
  }
  while (loaded_.empty()) {
    if (files_.empty()) return std::optional<TensorMap>();
    const std::filesystem::path path = files_.front();
    files_.pop_front();
    log_.Write(Severity::kInfo, fmt::format("Loading input data from {}", path.string()));
    ASSAY_ASSIGN_OR_RETURN(std::vector<TensorMap> iterations, LoadInputs(path));
    std::ranges::move(iterations, std::back_inserter(loaded_));
  }
  TensorMap inputs = std::move(loaded_.front());
  loaded_.pop_front();
  return std::optional<TensorMap>(std::move(inputs));
}

Status InputSource::PreparePictures() {
  ASSAY_ASSIGN_OR_RETURN(const std::vector<std::filesystem::path> pictures,
                         ListImages(settings_.image_path));
  files_.assign(pictures.begin(), pictures.end());
  std::vector<const TensorInfo*> candidates;
  for (const TensorInfo& input : wanted_) {
    const bool is_picture = input.type.shape && input.type.shape->size() == 4;
    if (settings_.image_input.empty() ? is_picture : input.name == settings_.image_input) {
      candidates.push_back(&input);
    }
  }
  if (candidates.size() != 1) {
    std::vector<std::string> names;
    for (const TensorInfo& input : wanted_) names.push_back(input.name);
    return Status(
        StatusCode::kUsage,
        fmt::format("argument --load-images: expected one input for the pictures, found {}{}",
                    candidates.size(),
                    settings_.image_input.empty() ? " with four dimensions"
                                                  : " called " + settings_.image_input),
        fmt::format("name it with --image-input; the inputs are: {}", PythonStringList(names)));
  }
  const TensorInfo& picture = *candidates[0];
  settings_.image_input = picture.name;
  if (picture.type.dtype == DType::kUInt8) settings_.image.dtype = DType::kUInt8;
  if (settings_.image.height == 0 && picture.type.shape && picture.type.shape->size() == 4) {
    const size_t first = settings_.image.layout == ImageLayout::kNchw ? 2 : 1;
    const Dim& height = (*picture.type.shape)[first];
    const Dim& width = (*picture.type.shape)[first + 1];
    if (height.IsKnown() && width.IsKnown()) {
      settings_.image.height = height.value();
      settings_.image.width = width.value();
    }
  }
  // Inputs beside the picture are generated.
  return MakeSpecs();
}

Result<std::optional<TensorMap>> InputSource::NextPicture() {
  if (!listed_) {
    listed_ = true;
    ASSAY_RETURN_IF_ERROR(PreparePictures());
  }
  if (files_.empty()) return std::optional<TensorMap>();
  const std::filesystem::path path = files_.front();
  files_.pop_front();
  log_.Write(Severity::kInfo, fmt::format("Loading input data from {}", path.string()));
  ASSAY_ASSIGN_OR_RETURN(Tensor tensor, LoadImage(path, settings_.image));
  TensorMap inputs;
  if (!specs_->empty()) {
    ASSAY_ASSIGN_OR_RETURN(inputs, RandomInputs(*specs_, settings_.random, iteration_));
  }
  ++iteration_;
  inputs.Add(settings_.image_input, std::move(tensor));
  return std::optional<TensorMap>(std::move(inputs));
}

}  // namespace assay
