#include "ir/constant_attribute.h"

#include <string>
#include <vector>

namespace assay {

std::optional<Tensor> ConstantOf(const Attribute& attribute) {
  const std::string& name = attribute.name;
  const AttributeValue& value = attribute.value;
  if (const auto* tensor = std::get_if<Tensor>(&value); tensor && name == "value") return *tensor;
  if (const auto* number = std::get_if<int64_t>(&value); number && name == "value_int") {
    return Tensor::Scalar(*number);
  }
  if (const auto* real = std::get_if<float>(&value); real && name == "value_float") {
    return Tensor::Scalar(*real);
  }
  if (const auto* text = std::get_if<std::string>(&value); text && name == "value_string") {
    return Tensor::Scalar(*text);
  }
  if (const auto* ints = std::get_if<std::vector<int64_t>>(&value); ints && name == "value_ints") {
    return Tensor::Vector(*ints);
  }
  if (const auto* reals = std::get_if<std::vector<float>>(&value);
      reals && name == "value_floats") {
    return Tensor::Vector(*reals);
  }
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value);
      texts && name == "value_strings") {
    return Tensor::Vector(*texts);
  }
  return std::nullopt;
}

}  // namespace assay
