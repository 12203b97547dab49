#include "report/frontier_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>
#include <regex>
#include <type_traits>
#include <vector>

#include "base/thread_pool.h"
#include "report/python_text.h"

namespace assay {
namespace {

OutputComparison Compare(const Tensor& output, const Tensor& reference,
                         const CompareOptions& options) {
  ThreadPool pool(1);
  Result<OutputComparison> comparison = CompareTensors(output, reference, options, pool);
  EXPECT_TRUE(comparison.ok());
  return comparison.ok() ? *comparison : OutputComparison{};
}

// Every pair of tolerances that a line names.
std::vector<Tolerance> TolerancesIn(const std::string& line) {
  std::vector<Tolerance> tolerances;
  std::smatch match;
  const auto number = [&](int group) { return std::strtod(match[group].str().c_str(), nullptr); };
  if (std::regex_search(line, match, std::regex(R"( rel=(\S+) with abs=([^ ,]+))"))) {
    tolerances.push_back({number(2), number(1)});
  }
  if (std::regex_search(line, match, std::regex(R"( abs=(\S+) with rel=([^ ;]+))"))) {
    tolerances.push_back({number(1), number(2)});
  }
  const std::regex pair(R"(\(([^ ,]+), ([^ )]+)\))");
  const std::string pairs = line.substr(line.find("(abs, rel):") + 11);
  for (auto it = std::sregex_iterator(pairs.begin(), pairs.end(), pair);
       it != std::sregex_iterator(); ++it) {
    match = *it;
    tolerances.push_back({number(1), number(2)});
  }
  return tolerances;
}

class RandomPairs {
 public:
  explicit RandomPairs(uint32_t seed) : engine_(seed) {}

  template <typename Real>
  std::pair<Tensor, Tensor> Next() {
    const int kind = Pick(6);
    const int size = 2 + Pick(300);
    std::vector<Real> output;
    std::vector<Real> reference;
    for (int i = 0; i < size; ++i) {
      const double magnitude = std::pow(10.0, kind < 3 ? Pick(6) - 3 : Pick(60) - 30);
      double x = Signed() * magnitude;
      if (Pick(8) == 0) x = 0;
      double error = Signed() * magnitude * std::pow(10.0, -Pick(8));
      if (Pick(4) == 0) error = 0;
      if (kind == 5 && Pick(10) == 0) x = std::numeric_limits<Real>::denorm_min();
      reference.push_back(Nearest<Real>(x));
      output.push_back(Nearest<Real>(x + error));
    }
    return {Tensor::Vector<Real>(output), Tensor::Vector<Real>(reference)};
  }
  template <typename Real>
  static Real Nearest(double x) {
    if constexpr (std::is_integral_v<Real>) {
      x = std::clamp<double>(x, std::numeric_limits<Real>::min(), std::numeric_limits<Real>::max());
    }
    return static_cast<Real>(x);
  }
  int Pick(int count) { return static_cast<int>(engine_() % static_cast<uint32_t>(count)); }
  double Signed() { return static_cast<double>(engine_()) / 2147483648.0 - 1; }

 private:
  std::mt19937 engine_;
};

TEST(FrontierText, NamesTolerancesThatPassWhenTypedBack) {
  RandomPairs random(5);
  int tried = 0;
  for (int round = 0; round < 1500; ++round) {
    const int type = random.Pick(3);
    const auto [output, reference] = type == 0   ? random.Next<float>()
                                     : type == 1 ? random.Next<double>()
                                                 : random.Next<int32_t>();
    CompareOptions options;
    options.rule = static_cast<ToleranceRule>(random.Pick(kToleranceRuleCount));
    options.error_stat = static_cast<ErrorStat>(random.Pick(2 * kErrorStatCount));
    if (static_cast<int>(options.error_stat) >= kErrorStatCount) {
      options.error_stat = ErrorStat::kElementwise;
    }
    options.tolerance = {std::fabs(random.Signed()) * std::pow(10.0, -random.Pick(8)),
                         std::fabs(random.Signed()) * std::pow(10.0, -random.Pick(8))};
    const std::string line = FrontierText(Compare(output, reference, options));
    if (line.find("(abs, rel):") == std::string::npos) continue;
    for (const Tolerance& tolerance : TolerancesIn(line)) {
      options.tolerance = tolerance;
      const OutputComparison again = Compare(output, reference, options);
      EXPECT_EQ(again.verdict, Verdict::kPass)
          << line << "\nabs=" << tolerance.absolute << " rel=" << tolerance.relative << " rule "
          << ToleranceRuleName(options.rule) << " " << ErrorStatName(options.error_stat);
      ++tried;
    }
  }
  EXPECT_GT(tried, 3000);
}

TEST(FrontierText, SaysWhyNoTolerancesPass) {
  const Tensor nan = Tensor::Vector<float>({std::nanf(""), 1});
  const Tensor one = Tensor::Vector<float>({1, 2});
  EXPECT_EQ(FrontierText(Compare(nan, one, {})),
            "No tolerances pass: 1 elements are NaN on one side only, the first at (0,)");
}

TEST(FrontierText, NamesTheOtherToleranceAsTyped) {
  CompareOptions options;
  options.tolerance = {0.123456789, 1e-5};
  const std::string line =
      FrontierText(Compare(Tensor::Vector<float>({1, 2}), Tensor::Vector<float>({1, 3}), options));
  EXPECT_NE(line.find("rel=0.33334 with abs=0.123456789,"), std::string::npos) << line;
}

TEST(GeneralNumberUp, IsNeverLessThanTheValue) {
  EXPECT_EQ(GeneralNumberUp(0), "0");
  EXPECT_EQ(GeneralNumberUp(1e-5), "1e-05");
  EXPECT_EQ(GeneralNumberUp(1.00001), "1.0001");
  EXPECT_EQ(GeneralNumberUp(9.99991e-4, 3), "0.001");
  EXPECT_EQ(GeneralNumberUp(123456.2), "1.2346e+05");
  EXPECT_EQ(GeneralNumberUp(std::numeric_limits<double>::infinity()), "inf");
  std::mt19937_64 engine(3);
  for (int i = 0; i < 20000; ++i) {
    const double value = std::fabs(std::bit_cast<double>(engine()));
    if (!std::isfinite(value)) continue;
    const double up = std::strtod(GeneralNumberUp(value).c_str(), nullptr);
    EXPECT_GE(up, value);
    EXPECT_LE(up, std::max(value * 1.0002, value + 1e-320));
    EXPECT_EQ(std::strtod(ExactNumber(value).c_str(), nullptr), value);
  }
  const double largest = std::numeric_limits<double>::max();
  EXPECT_EQ(std::strtod(GeneralNumberUp(largest).c_str(), nullptr), largest);
}

}  // namespace
}  // namespace assay
