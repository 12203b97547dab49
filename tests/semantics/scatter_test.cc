// M16: indices that occur more than once.

#include <gtest/gtest.h>

#include "tests/semantics/both_engines.h"

namespace assay {
namespace {

using namespace test;

const Attribute kAdd = {"reduction", std::string("add")};
const Attribute kMul = {"reduction", std::string("mul")};
const Attribute kMax = {"reduction", std::string("max")};
const Attribute kMin = {"reduction", std::string("min")};

OneNode ScatterND(const Tensor& data, const Tensor& indices, const Tensor& updates,
                  std::vector<Attribute> attributes = {}) {
  return {.opset = 18,
          .op = "ScatterND",
          .inputs = {data, indices, updates},
          .attributes = std::move(attributes)};
}

OneNode ScatterElements(const Tensor& data, const Tensor& indices, const Tensor& updates,
                        std::vector<Attribute> attributes = {}) {
  return {.opset = 18,
          .op = "ScatterElements",
          .inputs = {data, indices, updates},
          .attributes = std::move(attributes)};
}

const Tensor kData = Floats({10, 20, 30, 40});
const Tensor kUpdates = Floats({1, 2, 3, 4});
const Tensor kTuples = Tensor::Of<int64_t>({4, 1}, {1, 3, 1, -3});

TEST(ScatterND, DuplicatesAreReduced) {
  ExpectOutputs(ScatterND(kData, kTuples, kUpdates, {kAdd}), {Floats({10, 28, 30, 42})});
  ExpectOutputs(ScatterND(kData, kTuples, kUpdates, {kMul}), {Floats({10, 240, 30, 80})});
  ExpectOutputs(ScatterND(kData, kTuples, kUpdates, {kMax}), {Floats({10, 20, 30, 40})});
  ExpectOutputs(ScatterND(kData, kTuples, kUpdates, {kMin}), {Floats({10, 1, 30, 2})});
}

TEST(ScatterND, OfDuplicatesWithoutReductionTheLastStays) {
  ExpectOutputs(ScatterND(kData, kTuples, kUpdates), {Floats({10, 4, 30, 2})});
}

TEST(ScatterND, DuplicateSlices) {
  const Tensor data = Values(DType::kFloat32, {2, 2}, {1, 2, 3, 4});
  const Tensor rows = Tensor::Of<int64_t>({3, 1}, {0, -2, 0});
  const Tensor updates = Values(DType::kFloat32, {3, 2}, {1, 10, 2, 20, 3, 30});
  ExpectOutputs(ScatterND(data, rows, updates, {kAdd}),
                {Values(DType::kFloat32, {2, 2}, {7, 62, 3, 4})});
  ExpectOutputs(ScatterND(data, rows, updates), {Values(DType::kFloat32, {2, 2}, {3, 30, 3, 4})});
}

TEST(ScatterElements, DuplicatesAreReduced) {
  const Tensor indices = Tensor::Vector<int64_t>({1, 3, 1, -3});
  ExpectOutputs(ScatterElements(kData, indices, kUpdates, {kAdd}), {Floats({10, 28, 30, 42})});
  ExpectOutputs(ScatterElements(kData, indices, kUpdates, {kMul}), {Floats({10, 240, 30, 80})});
  ExpectOutputs(ScatterElements(kData, indices, kUpdates, {kMax}), {kData});
  ExpectOutputs(ScatterElements(kData, indices, kUpdates, {kMin}), {Floats({10, 1, 30, 2})});
}

TEST(ScatterElements, OfDuplicatesWithoutReductionTheLastStays) {
  const Tensor data = Values(DType::kFloat32, {2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor indices = Tensor::Of<int32_t>({2, 3}, {0, 0, -3, 2, 1, 2});
  const Tensor updates = Values(DType::kFloat32, {2, 3}, {10, 20, 30, 40, 50, 60});
  ExpectOutputs(ScatterElements(data, indices, updates, {{"axis", int64_t{1}}}),
                {Values(DType::kFloat32, {2, 3}, {30, 2, 3, 4, 50, 60})});
}

TEST(ScatterElements, DuplicatesOfIntegersWrapExactly) {
  const Tensor indices = Tensor::Vector<int64_t>({0, 0, 0});
  const Tensor large = Tensor::Vector<int64_t>({16777217, 16777217, 1});
  ExpectOutputs(ScatterElements(Tensor::Vector<int64_t>({1, 0, 0}), indices, large, {kAdd}),
                {Tensor::Vector<int64_t>({33554436, 0, 0})});
}

}  // namespace
}  // namespace assay
