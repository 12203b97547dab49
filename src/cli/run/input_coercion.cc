#include "cli/run/input_coercion.h"

#include <fmt/format.h>

#include <limits>
#include <utility>

#include "base/near_names.h"
#include "report/python_text.h"

namespace assay {
namespace {

std::string ShapeText(const std::optional<SymbolicShape>& shape) {
  return shape ? PythonTuple(*shape) : "None";
}

// True if an element lies outside what `dtype` can hold.
bool ExceedsRange(const Tensor& tensor, DType dtype) {
  double low = 0;
  double high = 0;
  if (IsInteger(dtype)) {
    const IntegerRange range = IntegerRangeOf(dtype);
    low = static_cast<double>(range.min);
    high = dtype == DType::kUInt64 ? 0x1p64 : static_cast<double>(range.max);
  } else if (dtype == DType::kFloat32) {
    high = std::numeric_limits<float>::max();
    low = -high;
  } else if (dtype == DType::kFloat16) {
    high = 65504;
    low = -high;
  } else {
    return false;
  }
  for (int64_t i = 0; i < tensor.elements(); ++i) {
    const double value = tensor.ValueAsDouble(i);
    if (value < low || value > high) return true;
  }
  return false;
}

Result<Tensor> CoerceTensor(const Tensor& given, const TensorInfo& wanted, OnceLog& log) {
  Tensor tensor = given;
  const DType dtype = wanted.type.dtype;
  if (tensor.dtype() != dtype) {
    log.Write(
        Severity::kWarning,
        fmt::format("Input tensor: {} | Buffer dtype ({}) does not match expected input dtype "
                    "({}), attempting to cast.",
                    wanted.name, DTypeName(tensor.dtype()), DTypeName(dtype)));
    if (ExceedsRange(tensor, dtype)) {
      log.Write(Severity::kWarning,
                fmt::format("Some values in this input are out of range of {}. Unexpected behavior "
                            "may ensue!",
                            DTypeName(dtype)));
    }
    Result<Tensor> converted = ConvertTensor(tensor, dtype);
    if (!converted.ok()) return converted.status().WithContext("input " + wanted.name);
    tensor = *std::move(converted);
  }
  if (ShapeFits(tensor.shape(), wanted.type.shape)) return tensor;
  return Status(StatusCode::kInvalidInput,
                fmt::format("input {}: expected shape {}, got {} in the input data", wanted.name,
                            ShapeText(wanted.type.shape), tensor.shape().ToString()),
                "inputs are run as they are: reshape or transpose them before they are stored");
}

Status MissingInput(const TensorInfo& wanted, const std::vector<std::string>& names) {
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  std::string hint = DidYouMean(wanted.name, candidates);
  if (hint.empty()) hint = "arrays are assigned to inputs by their names";
  return Status(StatusCode::kInvalidInput,
                fmt::format("input {}: it is not in the input data, which has: {}", wanted.name,
                            PythonStringList(names)),
                std::move(hint));
}

}  // namespace

bool ShapeFits(const Shape& given, const std::optional<SymbolicShape>& wanted) {
  if (!wanted) return true;
  if (given.rank() != static_cast<int>(wanted->size())) return false;
  for (int axis = 0; axis < given.rank(); ++axis) {
    const Dim& dim = (*wanted)[static_cast<size_t>(axis)];
    if (dim.IsKnown() && dim.value() >= 0 && dim.value() != given[axis]) return false;
  }
  return true;
}

Result<TensorMap> CoerceInputs(const TensorMap& given, const std::vector<TensorInfo>& wanted,
                               OnceLog& log) {
  std::vector<std::string> names;
  for (const NamedTensor& item : given) names.push_back(item.name);
  TensorMap coerced;
  for (const TensorInfo& info : wanted) {
    const Tensor* tensor = given.Find(info.name);
    if (tensor == nullptr) {
      const bool stands_in = wanted.size() == 1 && given.size() == 1 &&
                             given[0].tensor.dtype() == info.type.dtype &&
                             ShapeFits(given[0].tensor.shape(), info.type.shape);
      if (!stands_in) return MissingInput(info, names);
      log.Write(
          Severity::kWarning,
          fmt::format("Input tensor: {} | Buffer name ({}) does not match expected input name "
                      "({}).",
                      info.name, names[0], info.name));
      tensor = &given[0].tensor;
    }
    ASSAY_ASSIGN_OR_RETURN(Tensor fitting, CoerceTensor(*tensor, info, log));
    coerced.Add(info.name, std::move(fitting));
  }
  return coerced;
}

}  // namespace assay
