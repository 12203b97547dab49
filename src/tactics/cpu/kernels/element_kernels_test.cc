#include "tactics/cpu/kernels/element_kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

namespace assay {
namespace {

constexpr Isa kIsas[] = {Isa::kPortable, Isa::kAvx2, Isa::kAvx512};
constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// Bit patterns all over the floats, specials and both zeros among them.
std::vector<float> FloatsAllOver(uint32_t step) {
  std::vector<float> values = {0.0F, -0.0F, kInf, -kInf, kNan, 1, -1, 1e-45F, -1e-45F};
  for (uint64_t bits = 0; bits < uint64_t{1} << 32; bits += step) {
    float value = 0;
    const auto pattern = static_cast<uint32_t>(bits);
    std::memcpy(&value, &pattern, sizeof value);
    values.push_back(value);
  }
  return values;
}

// Distance of a float from the exact value, in units of the last place of the float next to it.
double UlpError(float got, double exact) {
  const auto nearest = static_cast<float>(exact);
  if (std::isnan(exact)) return std::isnan(got) ? 0 : kInf;
  if (std::isinf(nearest) || std::isinf(got)) return got == nearest ? 0 : kInf;
  const int exponent = nearest == 0 ? -126 : std::max(std::ilogb(nearest), -126);
  return std::fabs(static_cast<double>(got) - exact) / std::ldexp(1.0, exponent - 23);
}

struct Function {
  const char* name;
  UnaryFunction function;
  UnaryParameters parameters;
  double (*exact)(double x);
  double most_ulp = 0.51;
};

double Logistic(double x) { return 1 / (1 + std::exp(-x)); }

// Exact values in double, whose own error is far below the bound.
const Function kFunctions[] = {
    {"exp", UnaryFunction::kExp, {}, [](double x) { return std::exp(x); }, 1.1},
    {"log", UnaryFunction::kLog, {}, [](double x) { return std::log(x); }},
    {"erf", UnaryFunction::kErf, {}, [](double x) { return std::erf(x); }, 1.25},
    {"tanh", UnaryFunction::kTanh, {}, [](double x) { return std::tanh(x); }},
    {"sigmoid", UnaryFunction::kSigmoid, {}, Logistic},
    {"swish", UnaryFunction::kSwish, {.alpha = 1}, [](double x) { return x * Logistic(x); }},
    {"swish of 1.5",
     UnaryFunction::kSwish,
     {.alpha = 1.5F},
     [](double x) { return x * Logistic(1.5 * x); }},
    {"gelu",
     UnaryFunction::kGelu,
     {},
     [](double x) { return 0.5 * x * std::erfc(-x * std::sqrt(0.5)); }},
    {"gelu tanh",
     UnaryFunction::kGeluTanh,
     {},
     [](double x) { return x * Logistic(1.5957691216057308 * (x + 0.044715 * x * x * x)); }},
    {"softplus",
     UnaryFunction::kSoftplus,
     {},
     [](double x) {
       return std::fmax(x, 0) + std::log1p(std::exp(-std::fabs(x))) + (std::isnan(x) ? x : 0);
     }},
    {"mish",
     UnaryFunction::kMish,
     {},
     [](double x) {
       const double e = std::exp(-std::fabs(x));
       return x > 0 ? x * (1 + 2 * e) / (1 + 2 * e * (1 + e)) : x * e * (e + 2) / (e * (e + 2) + 2);
     }},
    {"elu",
     UnaryFunction::kElu,
     {.alpha = 1.25F},
     [](double x) { return x < 0 ? 1.25 * std::expm1(x) : x; }},
    {"selu",
     UnaryFunction::kSelu,
     {.alpha = 1.5F, .beta = 1.125F},
     [](double x) { return x > 0 ? 1.125 * x : 1.125 * 1.5 * std::expm1(x); }},
    {"celu",
     UnaryFunction::kCelu,
     {.alpha = 2},
     [](double x) { return x > 0 ? x : 2 * std::expm1(x / 2); }},
    {"softsign", UnaryFunction::kSoftsign, {}, [](double x) { return x / (1 + std::fabs(x)); }},
    {"hard sigmoid",
     UnaryFunction::kHardSigmoid,
     {.alpha = 0.25F, .beta = 0.5F},
     [](double x) { return std::clamp(0.25 * x + 0.5, 0.0, 1.0); }},
    {"hard swish",
     UnaryFunction::kHardSwish,
     {},
     [](double x) { return x * std::clamp(x / 6 + 0.5, 0.0, 1.0); }},
    {"power of 2.5",
     UnaryFunction::kPowOf,
     {.alpha = 2.5F},
     [](double x) { return std::pow(x, 2.5); }},
    {"power of -3", UnaryFunction::kPowOf, {.alpha = -3}, [](double x) { return std::pow(x, -3); }},
    {"square root", UnaryFunction::kSqrt, {}, [](double x) { return std::sqrt(x); }},
    {"floor", UnaryFunction::kFloor, {}, [](double x) { return std::floor(x); }},
    {"ceil", UnaryFunction::kCeil, {}, [](double x) { return std::ceil(x); }},
    {"round", UnaryFunction::kRound, {}, [](double x) { return std::nearbyint(x); }},
};

TEST(ElementKernels, FunctionsStayWithinTheirBounds) {
  const std::vector<float> in = FloatsAllOver(7919);
  std::vector<float> out(in.size());
  const auto count = static_cast<int64_t>(in.size());
  for (const Function& function : kFunctions) {
    std::vector<double> exact(in.size());
    for (size_t i = 0; i < in.size(); ++i) exact[i] = function.exact(in[i]);
    for (const Isa isa : kIsas) {
      if (!CanRun(isa, GetCpuFeatures())) continue;
      ElementKernelsOf(isa).Loop(function.function)(count, in.data(), function.parameters,
                                                    out.data());
      double worst = 0;
      float where = 0;
      for (size_t i = 0; i < in.size(); ++i) {
        const double error = UlpError(out[i], exact[i]);
        if (error > worst) {
          worst = error;
          where = in[i];
        }
      }
      EXPECT_LE(worst, function.most_ulp)
          << function.name << " at " << where << ", instruction set " << static_cast<int>(isa);
    }
  }
}

TEST(ElementKernels, PowerKeepsTheSpecialCasesOfC) {
  const float values[] = {0.0F,  -0.0F, 1,    -1,     2,     -2,      0.5F,
                          -0.5F, 3,     -3,   1e-40F, 1e30F, -1e30F,  kInf,
                          -kInf, kNan,  1e9F, 2.5F,   -2.5F, 8388609, -8388609};
  for (const Isa isa : kIsas) {
    if (!CanRun(isa, GetCpuFeatures())) continue;
    for (const float x : values) {
      for (const float y : values) {
        float got = 0;
        ElementKernelsOf(isa).Loop(BinaryFunction::kPow)(1, &x, 1, &y, 1, &got);
        const double exact = std::pow(static_cast<double>(x), static_cast<double>(y));
        EXPECT_LE(UlpError(got, exact), 0.51) << x << " to the power of " << y << ": " << got;
        EXPECT_TRUE(got != 0 || std::signbit(got) == std::signbit(exact)) << x << " " << y;
      }
    }
  }
}

TEST(ElementKernels, ZerosKeepTheirSign) {
  for (const Isa isa : kIsas) {
    if (!CanRun(isa, GetCpuFeatures())) continue;
    for (const UnaryFunction function :
         {UnaryFunction::kRelu, UnaryFunction::kSqrt, UnaryFunction::kFloor, UnaryFunction::kCeil,
          UnaryFunction::kRound, UnaryFunction::kTanh, UnaryFunction::kErf, UnaryFunction::kElu}) {
      const float in = -0.0F;
      float out = 1;
      ElementKernelsOf(isa).Loop(function)(1, &in, {.alpha = 1}, &out);
      EXPECT_EQ(out, 0);
      EXPECT_TRUE(std::signbit(out)) << static_cast<int>(function);
    }
  }
}

// Column 1 has a NaN, column 2 an infinity, column 3 nothing but -infinity, column 4 one.
std::vector<float> ColumnsWithSpecials(int64_t rows, int64_t columns) {
  std::vector<float> values(static_cast<size_t>(rows * columns));
  for (size_t i = 0; i < values.size(); ++i) {
    const auto column = static_cast<int64_t>(i) % columns;
    const bool is_last_row = static_cast<int64_t>(i) / columns == rows - 1;
    values[i] = column == 3 ? -kInf : static_cast<float>(i * 7919 % 1000) * 0x1p-5F - 16;
    if (is_last_row && column == 1) values[i] = kNan;
    if (is_last_row && column == 2) values[i] = kInf;
    if (is_last_row && column == 4) values[i] = -kInf;
  }
  return values;
}

TEST(ElementKernels, SoftmaxRunsDownEachColumn) {
  constexpr int64_t kColumns = 32;
  for (const Isa isa : kIsas) {
    if (!CanRun(isa, GetCpuFeatures())) continue;
    for (const int64_t rows : {0, 1, 2, 3, 64, 1001}) {
      const std::vector<float> in = ColumnsWithSpecials(rows, kColumns);
      std::vector<float> out = in;
      ElementKernelsOf(isa).softmax_columns(rows, kColumns, out.data());
      for (int64_t column = 0; column < kColumns; ++column) {
        const auto at = [&](int64_t row) { return static_cast<size_t>(row * kColumns + column); };
        double largest = -kInf;
        for (int64_t row = 0; row < rows; ++row) {
          largest = std::isnan(in[at(row)]) ? kNan : std::fmax(largest, in[at(row)]);
        }
        double sum = 0;
        for (int64_t row = 0; row < rows; ++row) sum += std::exp(in[at(row)] - largest);
        for (int64_t row = 0; row < rows; ++row) {
          const double exact = std::exp(in[at(row)] - largest) / sum;
          if (std::isnan(exact)) {
            EXPECT_TRUE(std::isnan(out[at(row)])) << rows << " rows, column " << column;
          } else {
            EXPECT_NEAR(out[at(row)], exact, 4e-7 * exact) << rows << " rows, column " << column;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace assay
