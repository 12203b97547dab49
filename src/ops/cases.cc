#include "ops/cases.h"

#include <fmt/format.h>

namespace assay {

Tensor TensorAs(DType dtype, Shape shape, const std::vector<double>& values) {
  Result<Tensor> tensor = ConvertTensor(Tensor::Of<double>(std::move(shape), values), dtype);
  return tensor.ok() ? *std::move(tensor) : Tensor();
}

void AddUnaryCases(std::vector<OpCase>& cases, const Points& points,
                   const std::vector<Attribute>& attributes, const std::string& name) {
  std::vector<double> x;
  std::vector<double> y;
  for (const auto& [argument, value] : points) {
    x.push_back(argument);
    y.push_back(value);
  }
  cases.push_back({.name = name + "values",
                   .attributes = attributes,
                   .inputs = {Tensor::Vector(x)},
                   .expected = {Tensor::Vector(y)}});
  cases.push_back({.name = name + "scalar",
                   .attributes = attributes,
                   .inputs = {Tensor::Scalar(x[0])},
                   .expected = {Tensor::Scalar(y[0])}});
  cases.push_back({.name = name + "empty",
                   .attributes = attributes,
                   .inputs = {Tensor::Of<float>({0, 3}, {})},
                   .expected = {Tensor::Of<float>({0, 3}, {})}});
}

void AddTailCases(std::vector<OpCase>& cases, const Points& points,
                  const std::vector<Attribute>& attributes) {
  for (const auto& [argument, value] : points) {
    cases.push_back({.name = fmt::format("at_{}", argument),
                     .attributes = attributes,
                     .inputs = {Tensor::Scalar(argument)},
                     .expected = {Tensor::Scalar(value)}});
  }
}

}  // namespace assay
