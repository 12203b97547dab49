// M18: equal rows of a batch have equal results.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstring>

#include "plan/test_networks.h"
#include "tests/semantics/both_engines.h"

namespace assay {
namespace {

using test::ExpectNear;
using test::RunEngineInEveryWay;
using test::RunReference;
using test::Shared;
using test::SharedModel;

Tensor Repeated(const Tensor& row, int64_t times) {
  Shape shape = row.shape();
  shape[0] = times;
  Tensor batch = Tensor::Allocate(row.dtype(), shape);
  for (int64_t i = 0; i < times; ++i) {
    std::memcpy(static_cast<char*>(batch.mutable_raw()) + static_cast<size_t>(i) * row.byte_size(),
                row.raw(), row.byte_size());
  }
  return batch;
}

void ExpectEqualRows(const Tensor& batch) {
  const size_t row = batch.byte_size() / static_cast<size_t>(batch.shape()[0]);
  const auto* bytes = static_cast<const char*>(batch.raw());
  for (int64_t i = 1; i < batch.shape()[0]; ++i) {
    EXPECT_EQ(std::memcmp(bytes, bytes + static_cast<size_t>(i) * row, row), 0) << "row " << i;
  }
}

// The decode head of a SegFormer: a linear layer over the pixels of every stage, the stages added,
// and a mean over the pixels beside the map.
SharedModel SegFormerBlock(DType dtype, int64_t batch) {
  constexpr int64_t kChannels = 24;
  constexpr int64_t kHeight = 9;
  constexpr int64_t kWidth = 13;
  ModelBuilder b(17);
  const auto weight = [&](const std::string& name, const Shape& shape, int64_t seed) {
    return b.Constant(name, *ConvertTensor(RandomTensor(shape, seed), dtype));
  };
  const auto ints = [&](const std::string& name, const std::vector<int64_t>& values) {
    return b.Constant(name, Tensor::Vector(values));
  };
  const ValueId x = b.Input("x", dtype, {batch, kChannels, kHeight, kWidth});
  const ValueId pixels =
      b.Add("Reshape", {x, ints("flat", {0, kChannels, kHeight * kWidth})}, "pixels");
  const ValueId rows =
      b.Add("Transpose", {pixels}, "rows", {{"perm", std::vector<int64_t>{0, 2, 1}}});
  const ValueId one = b.Add("MatMul", {rows, weight("w1", {kChannels, 40}, 1)}, "one");
  const ValueId biased = b.Add("Add", {one, weight("b1", {40}, 2)}, "biased");
  const ValueId active = b.Add("Relu", {biased}, "active");
  const ValueId two = b.Add("MatMul", {active, weight("w2", {40, kChannels}, 3)}, "two");
  const ValueId back = b.Add("Transpose", {two}, "back", {{"perm", std::vector<int64_t>{0, 2, 1}}});
  const ValueId map =
      b.Add("Reshape", {back, ints("map_shape", {0, kChannels, kHeight, kWidth})}, "map");
  const ValueId sum = b.Add("Add", {map, x}, "sum");
  const ValueId mixed = b.Add("Conv", {sum, weight("w3", {kChannels, kChannels, 3, 3}, 4)}, "mixed",
                              {{"pads", std::vector<int64_t>{1, 1, 1, 1}}});
  b.Output(mixed);
  b.Output(b.Add("ReduceMean", {mixed}, "mean", {{"axes", std::vector<int64_t>{2, 3}}}));
  b.Output(b.Add("Softmax", {two}, "scores", {{"axis", int64_t{-1}}}));
  return Shared(std::move(b));
}

class BatchIdentity : public testing::TestWithParam<DType> {};

TEST_P(BatchIdentity, RowsOfARepeatedBatchAreBitEqual) {
  const DType dtype = GetParam();
  const Tensor row = *ConvertTensor(RandomTensor({1, 24, 9, 13}, 7), dtype);
  for (const int64_t batch : {4, 5}) {
    SCOPED_TRACE(batch);
    for (const std::vector<Tensor>& outputs :
         RunEngineInEveryWay(SegFormerBlock(dtype, batch), {Repeated(row, batch)})) {
      for (const Tensor& output : outputs) ExpectEqualRows(output);
    }
  }
}

TEST_P(BatchIdentity, HoldsInTheReference) {
  const Tensor row = *ConvertTensor(RandomTensor({1, 24, 9, 13}, 7), GetParam());
  for (const TruthKind truth : {TruthKind::kTyped, TruthKind::kExact}) {
    for (const Tensor& output :
         RunReference(SegFormerBlock(GetParam(), 4), {Repeated(row, 4)}, truth)) {
      ExpectEqualRows(output);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Types, BatchIdentity,
                         testing::Values(DType::kFloat32, DType::kFloat64, DType::kFloat16),
                         [](const auto& info) { return std::string(DTypeName(info.param)); });

}  // namespace
}  // namespace assay
