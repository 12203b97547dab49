#include "tests/fuzz/graphs/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ops/infer_graph.h"
#include "tensor/narrow_float.h"

namespace assay::fuzz {
namespace {

double SpacingAt(DType type, double x) {
  const double magnitude = std::fabs(x);
  switch (type) {
    case DType::kFloat64:
      return std::max(magnitude * 0x1p-52, 0x1p-1074);
    case DType::kFloat16:
      return std::max(magnitude * 0x1p-10, 0x1p-24);
    case DType::kBFloat16:
      return std::max(magnitude * 0x1p-7, 0x1p-133);
    default:
      return std::max(magnitude * 0x1p-23, 0x1p-149);
  }
}

// What is added up to the value may leave the range where the value itself does not. Narrower types
// are added up in wider ones.
bool IsNearOverflow(DType type, double x) {
  return (type == DType::kFloat32 || type == DType::kFloat64) &&
         std::fabs(x) > LargestFinite(type) / 1024;
}

enum class Class { kFinite, kPositive, kNegative, kNan };

Class ClassOf(double x) {
  if (std::isnan(x)) return Class::kNan;
  if (std::isinf(x)) return x > 0 ? Class::kPositive : Class::kNegative;
  return Class::kFinite;
}

}  // namespace

Result<Truth> Truth::Of(const Case& c, ThreadPool& threads) {
  Truth truth(c, threads);
  Graph graph = c.model.graph;
  ASSAY_RETURN_IF_ERROR(InferGraph(graph));
  for (const ValueId id : graph.outputs) truth.types_.push_back(graph.value(id).type.dtype);
  ASSAY_ASSIGN_OR_RETURN(truth.typed_, RunReference(c, TruthKind::kTyped, threads));
  // The graph was made to fit the typed values.
  Result<Outputs> exact = RunReference(c, TruthKind::kExact, threads);
  truth.is_fragile_ = !exact.ok();
  truth.exact_ = exact.ok() ? std::move(*exact) : truth.typed_;
  for (const Tensor& tensor : truth.typed_) truth.largest_.push_back(LargestOf(tensor));
  return truth;
}

void Truth::Gather(Effort effort) {
  if (gathered_ == effort) return;
  gathered_ = effort;
  const int runs = effort == Effort::kSome ? 12 : 100;
  for (int i = 0; i < runs; ++i) {
    Shaking shaking;
    shaking.seed = shaken_.size() + 1;
    if (effort != Effort::kSome) shaking.amplitude = std::ldexp(4, i % 5);
    shaking.short_computed = effort == Effort::kTies;
    shaking.short_given = effort == Effort::kTies && i % 2 == 1;
    shaking.flush = effort == Effort::kTies && i % 3 == 1;
    const TruthKind kind = i / 2 % 2 == 0 ? TruthKind::kExact : TruthKind::kTyped;
    shaking.round = kind == TruthKind::kTyped;
    Result<Outputs> outputs = RunReference(case_, kind, threads_, &shaking);
    if (outputs.ok()) {
      shaken_.push_back(std::move(*outputs));
    } else {
      is_fragile_ = true;
    }
  }
}

std::optional<Difference> Truth::Judge(const Outputs& got) {
  std::optional<Difference> difference;
  for (size_t i = 0; i < got.size(); ++i) {
    difference = Find(got, i);
    for (const Effort effort : {Effort::kSome, Effort::kMuch, Effort::kTies}) {
      if (!difference || difference->what == "type") break;
      if (effort > gathered_) Gather(effort);
      std::optional<Difference> left = Find(got, i);
      if (!left && effort == Effort::kTies) difference->tie = true;
      if (!left && effort != Effort::kTies) difference.reset();
      if (!left) break;
      difference = left;
    }
    if (difference) return difference;
  }
  return std::nullopt;
}

bool Truth::IsFragile() {
  if (!is_fragile_ && gathered_ < Effort::kMuch) Gather(Effort::kMuch);
  return is_fragile_;
}

bool Truth::ShapeIsShaken(size_t i, const Shape& shape) const {
  return std::ranges::any_of(shaken_,
                             [&](const Outputs& outputs) { return outputs[i].shape() != shape; });
}

bool Truth::ElementIsExplained(size_t i, int64_t k, const Tensor& got) const {
  const double g = got.ValueAsDouble(k);
  const double e = exact_[i].shape() == got.shape() ? exact_[i].ValueAsDouble(k) : NAN;
  const double t = typed_[i].ValueAsDouble(k);
  if (!IsFloating(types_[i])) {
    if (got.ValueAsInt(k) == typed_[i].ValueAsInt(k) || g == e) return true;
    double low = t;
    double high = t;
    for (const Outputs& outputs : shaken_) {
      if (outputs[i].shape() != got.shape()) return true;
      low = std::min(low, outputs[i].ValueAsDouble(k));
      high = std::max(high, outputs[i].ValueAsDouble(k));
    }
    // Indices and counts jump anywhere once they move at all.
    return low != high;
  }
  if (ClassOf(g) == Class::kNan && ClassOf(t) == Class::kNan) return true;
  if (g == t || g == e) return true;
  double bound = std::max(2 * SpacingAt(types_[i], std::max(std::fabs(t), std::fabs(g))),
                          SpacingAt(types_[i], largest_[i]));
  if (std::isfinite(g) && (std::fabs(g - t) <= bound || std::fabs(g - e) <= bound)) return true;
  double farthest = 0;
  bool same_class = false;
  for (const Outputs& outputs : shaken_) {
    if (outputs[i].shape() != got.shape()) return true;
    const double s = outputs[i].ValueAsDouble(k);
    same_class = same_class || ClassOf(s) == ClassOf(g);
    if (!std::isfinite(s)) continue;
    if (std::isfinite(e)) farthest = std::max(farthest, std::fabs(s - e));
    if (std::isfinite(t)) farthest = std::max(farthest, std::fabs(s - t));
  }
  if (IsNearOverflow(types_[i], t) && !std::isfinite(g)) return true;
  if (!std::isfinite(g) || !std::isfinite(t)) {
    // What overflows its type may do so a little earlier or later.
    return same_class || (std::isfinite(g) && std::isfinite(e) &&
                          std::fabs(g - e) <= 4 * farthest + 2 * SpacingAt(types_[i], e));
  }
  bound += 4 * farthest;
  return std::fabs(g - t) <= bound || std::fabs(g - e) <= bound;
}

std::optional<Difference> Truth::Find(const Outputs& got, size_t i) const {
  if (got[i].dtype() != types_[i]) {
    return Difference{i, "type",
                      fmt::format("{} for {}", DTypeName(got[i].dtype()), DTypeName(types_[i]))};
  }
  const Shape& shape = typed_[i].shape();
  if (is_fragile_) return std::nullopt;
  if (got[i].shape() != shape) {
    // Extents of what a Loop without iterations collects are open.
    const bool is_empty = got[i].elements() == 0 && shape.elements() == 0;
    if (is_empty && got[i].shape().rank() == shape.rank()) return std::nullopt;
    if (got[i].shape() == exact_[i].shape() || ShapeIsShaken(i, shape)) return std::nullopt;
    return Difference{i, "shape",
                      fmt::format("{} for {}", got[i].shape().ToString(), shape.ToString())};
  }
  if (types_[i] == DType::kString) {
    if (SameBits(got[i], typed_[i]) || !shaken_.empty()) return std::nullopt;
    return Difference{i, "string", ""};
  }
  for (int64_t k = 0; k < got[i].elements(); ++k) {
    if (ElementIsExplained(i, k, got[i])) continue;
    const double g = got[i].ValueAsDouble(k);
    const double t = typed_[i].ValueAsDouble(k);
    Difference difference{i, "value"};
    if (!IsFloating(types_[i])) difference.what = "integer";
    if (ClassOf(g) != ClassOf(t)) difference.what = "class";
    difference.detail = fmt::format("element {} of {}: {} for {}", k, shape.ToString(), g, t);
    return difference;
  }
  return std::nullopt;
}

}  // namespace assay::fuzz
