#include "ops/transposed_convolution.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

namespace assay {
namespace {

struct Data {
  std::vector<double> input;
  std::vector<double> weights;
  std::vector<double> output;
};

Data RandomData(const TransposedConvolution& c) {
  std::mt19937_64 random(11);
  std::uniform_real_distribution<double> value(-1, 1);
  Data data;
  data.input.resize(static_cast<size_t>(c.batch * c.channels * c.input_count()));
  data.weights.resize(static_cast<size_t>(c.channels * c.filters_per_group() * c.kernel_count()));
  for (double& x : data.input) x = value(random);
  for (double& x : data.weights) x = value(random);
  data.output.assign(static_cast<size_t>(c.batch * c.filters * c.output_count()), 99);
  return data;
}

// An axis of `input` elements (the windows) whose output is cut by the pads.
WindowAxis Axis(int64_t input, int64_t kernel, int64_t stride = 1, int64_t dilation = 1,
                int64_t pad_begin = 0, int64_t pad_end = 0) {
  const int64_t extent = (kernel - 1) * dilation + 1;
  return {(input - 1) * stride + extent - pad_begin - pad_end,
          kernel,
          stride,
          dilation,
          pad_begin,
          pad_end,
          input};
}

std::vector<TransposedConvolution> Examples() {
  return {
      {2, 3, 4, 1, {Axis(7, 3)}},
      {1, 8, 5, 1, {Axis(6, 2, 2), Axis(5, 2, 2)}},
      {2, 6, 9, 3, {Axis(5, 3, 2, 1, 1, 1), Axis(4, 3, 1, 2, 0, 3)}},
      {1, 4, 4, 4, {Axis(5, 4, 2, 1, 1, 1), Axis(5, 4, 2, 1, 1, 1)}},
      {1, 2, 3, 1, {Axis(2, 2, 1, 1, 0, 1), Axis(3, 3, 2, 1, 1, 1), Axis(3, 2, 1, 2)}},
      {0, 2, 3, 1, {Axis(4, 2)}},
  };
}

TEST(ConvolveTransposed, EqualsTheNaiveOne) {
  ThreadPool threads(2);
  for (const TransposedConvolution& c : Examples()) {
    SCOPED_TRACE(c.OutputShape().ToString());
    Data data = RandomData(c);
    ConvolveTransposed(c, data.input.data(), data.weights.data(), data.output.data(), threads);
    std::vector<double> naive(data.output.size());
    NaiveConvolveTransposed(c, data.input.data(), data.weights.data(), naive.data());
    // All operands are below 1: the sum of magnitudes is below the number of terms.
    const double bound = 1e-14 * static_cast<double>(c.channels_per_group() * c.kernel_count());
    for (size_t i = 0; i < naive.size(); ++i) {
      ASSERT_NEAR(data.output[i], naive[i], bound) << "element " << i;
    }
  }
}

TEST(ConvolveTransposed, HasTheSameBitsForEveryNumberOfThreads) {
  for (const TransposedConvolution& c : Examples()) {
    ThreadPool one(1);
    Data data = RandomData(c);
    ConvolveTransposed(c, data.input.data(), data.weights.data(), data.output.data(), one);
    for (int count : {2, 3, 5}) {
      ThreadPool threads(count);
      std::vector<double> output(data.output.size());
      ConvolveTransposed(c, data.input.data(), data.weights.data(), output.data(), threads);
      EXPECT_TRUE(output.empty() || std::memcmp(output.data(), data.output.data(),
                                                output.size() * sizeof(double)) == 0)
          << c.OutputShape().ToString() << " with " << count << " threads";
    }
  }
}

TEST(ConvolveTransposed, HasTheSameBitsForEveryWorkspace) {
  ThreadPool threads(2);
  for (const TransposedConvolution& c : Examples()) {
    Data data = RandomData(c);
    ConvolveTransposed(c, data.input.data(), data.weights.data(), data.output.data(), threads);
    for (int64_t bytes : {1, 1000, 3000}) {
      std::vector<double> output(data.output.size());
      ConvolveTransposed(c, data.input.data(), data.weights.data(), output.data(), threads, bytes);
      EXPECT_TRUE(output.empty() || std::memcmp(output.data(), data.output.data(),
                                                output.size() * sizeof(double)) == 0)
          << c.OutputShape().ToString() << " in " << bytes << " bytes";
    }
  }
}

}  // namespace
}  // namespace assay
