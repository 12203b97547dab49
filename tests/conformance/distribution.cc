#include "tests/conformance/distribution.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <string_view>
#include <vector>

#include "ops/op_context.h"
#include "ops/op_def.h"

namespace assay {
namespace {

using Values = std::vector<double>;

Values ValuesOf(const Tensor& tensor) {
  Values values(static_cast<size_t>(tensor.elements()));
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = tensor.ValueAsDouble(static_cast<int64_t>(i));
  }
  return values;
}

double Mean(const Values& values) {
  double sum = 0;
  for (const double x : values) sum += x;
  return sum / static_cast<double>(values.size());
}

std::string CheckFigure(std::string_view name, double got, double expected, double error) {
  if (std::fabs(got - expected) <= kDeviations * error) return {};
  return fmt::format("{}: expected {} within {}, got {}", name, expected, kDeviations * error, got);
}

std::string CheckUniform(const OpContext& op, const Tensor* /*input*/, const Values& values) {
  const double low = op.Float("low");
  const double high = op.Float("high");
  for (const double x : values) {
    if (!(x >= low && x <= high)) return fmt::format("{} is not in [{}, {}]", x, low, high);
  }
  const double error = (high - low) / std::sqrt(12.0 * static_cast<double>(values.size()));
  return CheckFigure("mean", Mean(values), (low + high) / 2, error);
}

std::string CheckNormal(const OpContext& op, const Tensor* /*input*/, const Values& values) {
  const double mean = op.Float("mean");
  const double scale = op.Float("scale");
  const auto count = static_cast<double>(values.size());
  std::string message = CheckFigure("mean", Mean(values), mean, scale / std::sqrt(count));
  if (!message.empty()) return message;
  double squares = 0;
  for (const double x : values) squares += (x - mean) * (x - mean);
  return CheckFigure("variance", squares / count, scale * scale,
                     scale * scale * std::sqrt(2 / count));
}

std::string CheckBernoulli(const OpContext& /*op*/, const Tensor* input, const Values& values) {
  double ones = 0;
  double expected = 0;
  double variance = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double p = input->ValueAsDouble(static_cast<int64_t>(i));
    if (values[i] != 0 && values[i] != 1) return fmt::format("{} is neither 0 nor 1", values[i]);
    if (p == 1 - values[i])
      return fmt::format("element {} is {} with probability {}", i, values[i], p);
    ones += values[i];
    expected += p;
    variance += p * (1 - p);
  }
  return CheckFigure("count of ones", ones, expected, std::sqrt(variance));
}

std::string CheckMultinomial(const OpContext& /*op*/, const Tensor* input, const Values& values) {
  const int64_t classes = input->shape()[1];
  const int64_t rows = input->shape()[0];
  const int64_t samples = static_cast<int64_t>(values.size()) / rows;
  for (int64_t row = 0; row < rows; ++row) {
    double total = 0;
    const auto weight = [&](int64_t c) {
      return std::exp(input->ValueAsDouble(row * classes + c));
    };
    for (int64_t c = 0; c < classes; ++c) total += weight(c);
    Values counts(static_cast<size_t>(classes));
    for (int64_t i = 0; i < samples; ++i) {
      const double drawn = values[static_cast<size_t>(row * samples + i)];
      if (!(drawn >= 0 && drawn < static_cast<double>(classes))) {
        return fmt::format("{} is none of {} classes", drawn, classes);
      }
      ++counts[static_cast<size_t>(drawn)];
    }
    for (int64_t c = 0; c < classes; ++c) {
      const double expected = static_cast<double>(samples) * weight(c) / total;
      const std::string message = CheckFigure(fmt::format("count of class {} in row {}", c, row),
                                              counts[static_cast<size_t>(c)], expected,
                                              std::sqrt(expected * (1 - weight(c) / total)));
      if (!message.empty()) return message;
    }
  }
  return {};
}

struct Distribution {
  std::string_view op;
  std::string (*check)(const OpContext& op, const Tensor* input, const Values& values);
};

constexpr Distribution kDistributions[] = {
    {"Bernoulli", CheckBernoulli},   {"Multinomial", CheckMultinomial},
    {"RandomNormal", CheckNormal},   {"RandomNormalLike", CheckNormal},
    {"RandomUniform", CheckUniform}, {"RandomUniformLike", CheckUniform},
};

const Distribution* FindDistribution(const Node& node) {
  if (!IsRandom(node)) return nullptr;
  for (const Distribution& distribution : kDistributions) {
    if (distribution.op == node.op) return &distribution;
  }
  return nullptr;
}

}  // namespace

bool HasDistribution(const Node& node) { return FindDistribution(node) != nullptr; }

std::string CheckDistribution(const Node& node, const Tensor* input, const Tensor& output) {
  if (output.empty()) return {};
  const OpContext context(node, *FindOp(node.domain, node.op)->SchemaFor(node.opset));
  const std::string message = FindDistribution(node)->check(context, input, ValuesOf(output));
  return message.empty() ? message : fmt::format("{} \"{}\": {}", node.op, node.name, message);
}

}  // namespace assay
