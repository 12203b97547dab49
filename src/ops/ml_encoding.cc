#include "ops/ml_encoding.h"

#include <cmath>

#include "ops/data_movement.h"
#include "ops/elementwise.h"

namespace assay {

KeyIndex::KeyIndex(const Tensor& keys) {
  for (int64_t i = 0; i < keys.elements(); ++i) {
    if (keys.dtype() == DType::kString) {
      strings_[keys.data<std::string>()[static_cast<size_t>(i)]] = i;
    } else if (!IsFloating(keys.dtype())) {
      integers_[keys.ValueAsInt(i)] = i;
    } else if (std::isnan(keys.ValueAsDouble(i))) {
      nan_ = i;
    } else {
      floats_[keys.ValueAsDouble(i)] = i;
    }
  }
}

int64_t KeyIndex::FindOne(const Tensor& values, int64_t i) const {
  const auto find = [](const auto& keys, const auto& key) {
    const auto found = keys.find(key);
    return found == keys.end() ? -1 : found->second;
  };
  if (values.dtype() == DType::kString) {
    return find(strings_, values.data<std::string>()[static_cast<size_t>(i)]);
  }
  if (!IsFloating(values.dtype())) return find(integers_, values.ValueAsInt(i));
  const double value = values.ValueAsDouble(i);
  return std::isnan(value) ? nan_ : find(floats_, value);
}

std::vector<int64_t> KeyIndex::Find(const Tensor& values, ThreadPool& threads) const {
  std::vector<int64_t> places(static_cast<size_t>(values.elements()));
  threads.ParallelFor(values.elements(), kElementwiseGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) places[static_cast<size_t>(i)] = FindOne(values, i);
  });
  return places;
}

Status Encode(ReferenceContext& context, const Encoding& encoding) {
  const auto in_reference_type = [](const Tensor& tensor) -> Result<Tensor> {
    if (!IsFloating(tensor.dtype())) return tensor;
    return ConvertTensor(tensor, DType::kFloat64);
  };
  ASSAY_ASSIGN_OR_RETURN(const Tensor table, in_reference_type(encoding.values));
  ASSAY_ASSIGN_OR_RETURN(const Tensor otherwise, in_reference_type(encoding.fallback));
  const Tensor& input = context.Input(0);
  const std::vector<int64_t> places = KeyIndex(encoding.keys).Find(input, context.threads());
  const ElementBuffer values(table);
  const ElementBuffer fallback(otherwise);
  ElementBuffer output(table.dtype(), input.shape());
  for (int64_t i = 0; i < input.elements(); ++i) {
    const int64_t place = places[static_cast<size_t>(i)];
    output.Copy(i, place < 0 ? fallback : values, std::max<int64_t>(place, 0), 1);
  }
  context.SetOutput(0, output.Finish());
  return OkStatus();
}

}  // namespace assay
