#include "ops/convolution.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

namespace assay {
namespace {

struct Data {
  std::vector<double> input;
  std::vector<double> weights;
  std::vector<double> output;
};

Data RandomData(const Convolution& c) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> value(-1, 1);
  Data data;
  data.input.resize(static_cast<size_t>(c.batch * c.channels * c.input_count()));
  data.weights.resize(static_cast<size_t>(c.filters * c.channels_per_group() * c.kernel_count()));
  for (double& x : data.input) x = value(random);
  for (double& x : data.weights) x = value(random);
  data.output.assign(static_cast<size_t>(c.batch * c.filters * c.output_count()), 99);
  return data;
}

WindowAxis Axis(int64_t input, int64_t kernel, int64_t stride = 1, int64_t dilation = 1,
                int64_t pad_begin = 0, int64_t pad_end = 0) {
  const int64_t extent = (kernel - 1) * dilation + 1;
  return {input,
          kernel,
          stride,
          dilation,
          pad_begin,
          pad_end,
          (input + pad_begin + pad_end - extent) / stride + 1};
}

std::vector<Convolution> Examples() {
  return {
      {2, 3, 5, 1, {Axis(11, 3)}},
      {1, 4, 8, 1, {Axis(23, 3, 1, 1, 1, 1), Axis(25, 3, 1, 1, 1, 1)}},
      {2, 6, 9, 3, {Axis(10, 3, 2, 1, 0, 1), Axis(9, 2, 3, 2, 2, 0)}},
      {1, 40, 33, 1, {Axis(9, 3, 1, 4, 4, 4), Axis(8, 3, 1, 4, 4, 4)}},
      {1, 4, 4, 4, {Axis(12, 5, 2, 1, 2, 2), Axis(7, 3, 1, 2, 5, 0)}},
      {2, 3, 6, 3, {Axis(6, 3, 1, 1, 1, 1), Axis(6, 3, 1, 1, 1, 1)}},
      {1, 2, 4, 1, {Axis(4, 2, 1, 1, 1, 0), Axis(5, 3, 2, 1, 1, 1), Axis(6, 2, 1, 2)}},
      {1, 3, 4, 1, {Axis(1, 5, 1, 1, 3, 3), Axis(2, 4, 1, 1, 2, 2)}},
      {1, 1, 2, 1, {Axis(3, 3, 1, 1, 1, 1), Axis(3, 3, 1, 1, 1, 1)}},
      {0, 2, 3, 1, {Axis(4, 2)}},
  };
}

TEST(Convolve, EqualsTheNaiveConvolution) {
  ThreadPool threads(2);
  for (const Convolution& c : Examples()) {
    SCOPED_TRACE(c.OutputShape().ToString());
    Data data = RandomData(c);
    Convolve(c, data.input.data(), data.weights.data(), data.output.data(), threads);
    std::vector<double> naive(data.output.size());
    NaiveConvolve(c, data.input.data(), data.weights.data(), naive.data());
    // All operands are below 1: the sum of magnitudes is below the number of terms.
    const double bound = 1e-14 * static_cast<double>(c.channels_per_group() * c.kernel_count());
    for (size_t i = 0; i < naive.size(); ++i) {
      ASSERT_NEAR(data.output[i], naive[i], bound) << "element " << i;
    }
  }
}

TEST(Convolve, HasTheSameBitsForEveryNumberOfThreads) {
  for (const Convolution& c : Examples()) {
    ThreadPool one(1);
    Data data = RandomData(c);
    Convolve(c, data.input.data(), data.weights.data(), data.output.data(), one);
    for (int count : {2, 3, 5}) {
      ThreadPool threads(count);
      std::vector<double> output(data.output.size());
      Convolve(c, data.input.data(), data.weights.data(), output.data(), threads);
      EXPECT_TRUE(output.empty() || std::memcmp(output.data(), data.output.data(),
                                                output.size() * sizeof(double)) == 0)
          << c.OutputShape().ToString() << " with " << count << " threads";
    }
  }
}

// Both ways to compute must agree on what a weight that is not finite does over padding.
TEST(Convolve, MultipliesPaddingByInfiniteWeights) {
  ThreadPool threads(1);
  for (const int64_t filters : {1, 4}) {
    const Convolution c = {1, 1, filters, 1, {Axis(3, 3, 1, 1, 1, 1), Axis(3, 1)}};
    Data data = RandomData(c);
    data.weights[0] = std::numeric_limits<double>::infinity();
    Convolve(c, data.input.data(), data.weights.data(), data.output.data(), threads);
    std::vector<double> naive(data.output.size());
    NaiveConvolve(c, data.input.data(), data.weights.data(), naive.data());
    for (size_t i = 0; i < naive.size(); ++i) {
      EXPECT_EQ(std::isnan(data.output[i]), std::isnan(naive[i])) << filters << " filters, " << i;
    }
    EXPECT_TRUE(std::isnan(data.output[0]));
  }
}

}  // namespace
}  // namespace assay
