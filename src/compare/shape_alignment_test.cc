#include "compare/shape_alignment.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

TEST(AlignToShape, ReshapesWhenTheRankDiffers) {
  const AlignedTensor aligned = AlignToShape(Tensor::Vector<float>({1, 2, 3, 4}), {2, 2});
  EXPECT_TRUE(aligned.fits);
  EXPECT_EQ(aligned.notes,
            (std::vector<std::string>{"Reshaped array from shape: (4,) to: (2, 2)"}));
}

TEST(AlignToShape, PermutesWhenOnlyTheOrderOfExtentsDiffers) {
  std::vector<float> values;
  for (int i = 0; i < 24; ++i) values.push_back(static_cast<float>(i));
  const AlignedTensor aligned = AlignToShape(Tensor::Of<float>({2, 3, 4}, values), {4, 2, 3});
  ASSERT_TRUE(aligned.fits);
  EXPECT_EQ(aligned.notes,
            (std::vector<std::string>{
                "Permuted array of shape: (2, 3, 4) to: (4, 2, 3) using permutation [2, 0, 1]"}));
  const auto data = aligned.tensor.data<float>();
  // out[k][i][j] = in[i][j][k]
  for (size_t k = 0; k < 4; ++k) {
    for (size_t i = 0; i < 2; ++i) {
      for (size_t j = 0; j < 3; ++j) {
        EXPECT_EQ(data[k * 6 + i * 3 + j], static_cast<float>(i * 12 + j * 4 + k));
      }
    }
  }
}

TEST(AlignToShape, ReshapesSameRankOtherExtents) {
  const AlignedTensor aligned = AlignToShape(Tensor::Of<float>({1, 6}, {1, 2, 3, 4, 5, 6}), {2, 3});
  EXPECT_TRUE(aligned.fits);
  EXPECT_EQ(aligned.tensor.data<float>()[5], 6);
}

TEST(AlignToShape, LeavesAFittingTensorAlone) {
  const Tensor tensor = Tensor::Of<float>({2, 2}, {1, 2, 3, 4});
  const AlignedTensor aligned = AlignToShape(tensor, {2, 2});
  EXPECT_TRUE(aligned.fits);
  EXPECT_TRUE(aligned.notes.empty());
  EXPECT_EQ(aligned.tensor.raw(), tensor.raw());
}

TEST(AlignToShape, WarnsWhenTheCountsDiffer) {
  const AlignedTensor aligned = AlignToShape(Tensor::Vector<float>({1, 2, 3}), {2});
  EXPECT_FALSE(aligned.fits);
  EXPECT_EQ(aligned.warnings,
            (std::vector<std::string>{
                "Could not reshape array from shape: (3,) to (2,). Skipping reshape."}));
}

}  // namespace
}  // namespace assay
