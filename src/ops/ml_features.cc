#include "ops/ml_features.h"

#include <fmt/format.h>

#include <algorithm>

namespace assay {

Result<Tensor> AsDoubles(const ReferenceContext& context, int input) {
  const Tensor& tensor = context.Input(input);
  if (tensor.dtype() == DType::kFloat64) return tensor;
  return ConvertTensor(tensor, DType::kFloat64);
}

Result<FeatureRows> FeatureRowsOf(const ReferenceContext& context) {
  FeatureRows rows;
  ASSAY_ASSIGN_OR_RETURN(rows.values, AsDoubles(context, 0));
  const Shape& shape = rows.values.shape();
  if (shape.rank() < 1 || shape.rank() > 2) {
    return OpContext::Invalid(
        fmt::format("shape of the features: expected [N, F] or [F], got {}", shape.ToString()));
  }
  rows.count = shape.rank() == 2 ? shape[0] : 1;
  rows.features = shape.dims().back();
  return rows;
}

Result<SymbolicRows> InferFeatureRows(const InferContext& context) {
  const SymbolicShape* shape = context.InputShape(0);
  if (shape == nullptr) return SymbolicRows();
  if (shape->empty() || shape->size() > 2) {
    return OpContext::Invalid(
        fmt::format("shape of the features: expected [N, F] or [F], got {}", ToString(*shape)));
  }
  return SymbolicRows{shape->size() == 2 ? (*shape)[0] : Dim(1), shape->back()};
}

std::vector<double> Doubles(const OpContext& context, std::string_view name) {
  const std::vector<float> values = context.Floats(name);
  return {values.begin(), values.end()};
}

Result<std::vector<double>> DoublesOrTensor(const OpContext& context, const std::string& name) {
  const Tensor* tensor = context.TensorAttribute(name + "_as_tensor");
  std::vector<double> values = Doubles(context, name);
  if (tensor == nullptr) return values;
  if (!values.empty()) {
    return OpContext::Invalid(
        fmt::format("attributes \"{0}\" and \"{0}_as_tensor\": expected one of them", name));
  }
  if (!IsFloating(tensor->dtype())) {
    return OpContext::Invalid(fmt::format("attribute \"{}_as_tensor\": expected floats, got {}",
                                          name, DTypeName(tensor->dtype())));
  }
  for (int64_t i = 0; i < tensor->elements(); ++i) values.push_back(tensor->ValueAsDouble(i));
  return values;
}

Result<int64_t> CountSets(std::string_view name, size_t size, int64_t width) {
  const auto total = static_cast<int64_t>(size);
  if (width > 0 && total > 0 && total % width == 0) return total / width;
  return OpContext::Invalid(
      fmt::format("attribute \"{}\": expected one or more sets of {} values, got {} values", name,
                  width, total));
}

double Dot(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

Result<ClassLabels> ClassLabelsOf(const OpContext& context, std::string_view integers,
                                  std::string_view strings) {
  ClassLabels labels{context.Ints(integers), context.Strings(strings)};
  if (labels.integers.empty() || labels.strings.empty()) return labels;
  return OpContext::Invalid(fmt::format(
      "attributes \"{}\" and \"{}\": expected one of them, got both", integers, strings));
}

void InferClasses(InferContext& context, const ClassLabels& labels, const SymbolicRows& rows,
                  Dim scores) {
  context.SetOutput(0, labels.dtype(), SymbolicShape{rows.count});
  context.SetOutput(1, DType::kFloat32, SymbolicShape{rows.count, std::move(scores)});
}

void WriteLabels(ReferenceContext& context, const ClassLabels& labels,
                 std::span<const int64_t> positions) {
  const auto count = static_cast<int64_t>(positions.size());
  Tensor tensor = Tensor::Allocate(labels.dtype(), {count});
  for (size_t i = 0; i < positions.size(); ++i) {
    const auto position = static_cast<size_t>(positions[i]);
    if (labels.strings.empty()) {
      tensor.mutable_data<int64_t>()[i] = labels.integers[position];
    } else {
      tensor.mutable_data<std::string>()[i] = labels.strings[position];
    }
  }
  context.SetOutput(0, std::move(tensor));
}

int64_t TopScore(std::span<const double> scores) {
  return std::max_element(scores.begin(), scores.end()) - scores.begin();
}

}  // namespace assay
