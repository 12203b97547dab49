#include "cli/run/input_coercion.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "compare/shape_alignment.h"
#include "report/python_text.h"

namespace assay {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return std::tolower(static_cast<unsigned char>(c)); });
  return lower;
}

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

// The declared shape with its unknown extents taken from what the tensor holds, where that is
// possible.
std::optional<Shape> FreezeShape(const SymbolicShape& declared, const Tensor& tensor) {
  int64_t known = 1;
  int unknown = 0;
  for (const Dim& dim : declared) {
    if (dim.IsKnown())
      known *= dim.value();
    else
      ++unknown;
  }
  const bool same_rank = static_cast<int>(declared.size()) == tensor.shape().rank();
  if (unknown > 1 && !same_rank) return std::nullopt;
  Shape frozen;
  for (size_t axis = 0; axis < declared.size(); ++axis) {
    if (declared[axis].IsKnown())
      frozen.dims().push_back(declared[axis].value());
    else if (unknown == 1)
      frozen.dims().push_back(known == 0 ? 0 : tensor.elements() / known);
    else
      frozen.dims().push_back(tensor.shape()[static_cast<int>(axis)]);
  }
  return frozen;
}

Result<Tensor> CoerceTensor(const Tensor& given, const TensorInfo& wanted, LogSink& log) {
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
  log.Write(Severity::kWarning,
            fmt::format("Input tensor: {} | Buffer shape ({}) does not match expected input shape "
                        "({}). Attempting to transpose/reshape.",
                        wanted.name, tensor.shape().ToString(), ShapeText(wanted.type.shape)));
  if (const auto frozen = FreezeShape(*wanted.type.shape, tensor)) {
    AlignedTensor aligned = AlignToShape(tensor, *frozen);
    for (const std::string& warning : aligned.warnings) log.Write(Severity::kWarning, warning);
    for (const std::string& note : aligned.notes) log.Write(Severity::kInfo, note);
    if (aligned.fits) return std::move(aligned.tensor);
  }
  return Status(
      StatusCode::kInvalidInput,
      fmt::format("Input tensor: {} | Cannot reuse input data due to mismatch in shape or data "
                  "type.\nNote: Provided input: [dtype={}, shape={}], Requested input: [dtype={}, "
                  "shape={}]",
                  wanted.name, DTypeName(tensor.dtype()), tensor.shape().ToString(),
                  DTypeName(dtype), ShapeText(wanted.type.shape)));
}

}  // namespace

const std::string* FindNear(std::string_view name, const std::vector<std::string>& names) {
  const std::string wanted = Lower(name);
  for (const std::string& candidate : names) {
    const std::string lower = Lower(candidate);
    if (lower.find(wanted) != std::string::npos || wanted.find(lower) != std::string::npos) {
      return &candidate;
    }
  }
  return nullptr;
}

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
                               LogSink& log) {
  std::vector<std::string> names;
  for (const NamedTensor& item : given) names.push_back(item.name);
  TensorMap coerced;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const TensorInfo& info = wanted[i];
    const Tensor* tensor = given.Find(info.name);
    if (tensor == nullptr) {
      const std::string* near = FindNear(info.name, names);
      if (near == nullptr && i < names.size()) near = &names[i];
      if (near == nullptr) {
        return Status(
            StatusCode::kInvalidInput,
            fmt::format("Input tensor: {} | Does not exist in the provided input data.", info.name),
            fmt::format("the provided inputs are: {}", PythonStringList(names)));
      }
      log.Write(
          Severity::kWarning,
          fmt::format("Input tensor: {} | Buffer name ({}) does not match expected input name "
                      "({}).",
                      info.name, *near, info.name));
      tensor = given.Find(*near);
    }
    ASSAY_ASSIGN_OR_RETURN(Tensor fitting, CoerceTensor(*tensor, info, log));
    coerced.Add(info.name, std::move(fitting));
  }
  return coerced;
}

}  // namespace assay
