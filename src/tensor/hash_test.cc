#include "tensor/hash.h"

#include <gtest/gtest.h>

#include <cmath>

namespace assay {
namespace {

TEST(HashTensor, IsTheSameEverywhere) {
  // XXH3 of the name of the type, rank, extents and elements; a change of this value makes the
  // hashes in saved reports meaningless.
  EXPECT_EQ(HashTensor(Tensor::Of<float>(Shape{2, 1}, {1.0F, -2.5F})).ToString(),
            "b44d47c392410aecbd9fdb5b0cb47a5d");
  EXPECT_EQ(HashTensors({}).ToString(), "2c0a8a99dc147d5445c3b49d035665b2");
}

TEST(HashTensor, DependsOnTypeShapeAndEveryBit) {
  const Tensor base = Tensor::Of<float>(Shape{2, 2}, {0, 1, 2, 3});
  const ContentHash hash = HashTensor(base);
  EXPECT_EQ(hash, HashTensor(Tensor::Of<float>(Shape{2, 2}, {0, 1, 2, 3})));
  EXPECT_NE(hash, HashTensor(base.Reshaped(Shape{4})));
  EXPECT_NE(hash, HashTensor(Tensor::Of<float>(Shape{2, 2}, {-0.0F, 1, 2, 3})));
  EXPECT_NE(hash, HashTensor(Tensor::View(DType::kInt32, Shape{2, 2}, base.raw(), nullptr)));
  EXPECT_NE(HashTensor(Tensor::Zeros(DType::kInt8, Shape{0})),
            HashTensor(Tensor::Zeros(DType::kInt8, Shape{0, 1})));
}

TEST(HashTensor, UnusedBitsOfPackedTensorsDoNotCount) {
  Tensor a = Tensor::Zeros(DType::kInt4, Shape{3});
  Tensor b = Tensor::Zeros(DType::kInt4, Shape{3});
  static_cast<uint8_t*>(b.mutable_raw())[1] = 0xF0;
  EXPECT_EQ(HashTensor(a), HashTensor(b));
  static_cast<uint8_t*>(b.mutable_raw())[1] = 0x01;
  EXPECT_NE(HashTensor(a), HashTensor(b));
}

TEST(HashTensor, StringsKeepTheirBoundaries) {
  EXPECT_NE(HashTensor(Tensor::Vector<std::string>({"ab", "c"})),
            HashTensor(Tensor::Vector<std::string>({"a", "bc"})));
}

TEST(HashTensors, DoesNotDependOnTheOrderButOnTheNames) {
  const Tensor one = Tensor::Scalar(1.0F);
  const Tensor two = Tensor::Scalar(2.0F);
  EXPECT_EQ(HashTensors({{"a", one}, {"b", two}}), HashTensors({{"b", two}, {"a", one}}));
  EXPECT_NE(HashTensors({{"a", one}, {"b", two}}), HashTensors({{"a", two}, {"b", one}}));
  EXPECT_NE(HashTensors({{"a", one}}), HashTensors({{"a", one}, {"a", one}}));
}

}  // namespace
}  // namespace assay
