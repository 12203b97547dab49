#include "compare/index_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "compare/element_order.h"
#include "compare/element_reader.h"

namespace assay {
namespace {

// A value that can be held against values of other types: integers exactly, floats that are whole
// numbers as integers, others by their bits.
struct ComparableValue {
  enum class Kind : uint8_t { kInteger, kFraction, kNan } kind = Kind::kInteger;
  bool negative = false;
  uint64_t bits = 0;

  auto operator<=>(const ComparableValue&) const = default;
};

ComparableValue ValueAt(const Tensor& tensor, int64_t i) {
  using Kind = ComparableValue::Kind;
  if (!IsFloating(tensor.dtype())) {
    const WideInteger integer = ReadInteger(tensor, i);
    return {Kind::kInteger, integer.negative, integer.bits};
  }
  const double value = tensor.ValueAsDouble(i);
  if (std::isnan(value)) return {Kind::kNan, false, 0};
  if (std::fabs(value) < 0x1p63 && value == std::trunc(value)) {
    const auto integer = static_cast<int64_t>(value);
    return {Kind::kInteger, integer < 0, static_cast<uint64_t>(integer)};
  }
  uint64_t bits;
  static_assert(sizeof(bits) == sizeof(value));
  __builtin_memcpy(&bits, &value, sizeof(bits));
  return {Kind::kFraction, value < 0, bits};
}

std::string TextAt(const Tensor& tensor, int64_t i) {
  if (IsFloating(tensor.dtype())) return fmt::format("{}", tensor.ValueAsDouble(i));
  if (tensor.dtype() == DType::kUInt64) {
    return fmt::format("{}", static_cast<uint64_t>(tensor.ValueAsInt(i)));
  }
  return fmt::format("{}", tensor.ValueAsInt(i));
}

struct Placed {
  ComparableValue value;
  int64_t position = 0;
  auto operator<=>(const Placed&) const = default;
};

class RowComparison {
 public:
  RowComparison(const Tensor& output, const Tensor& reference, int64_t length,
                IndexComparison* comparison)
      : output_(output), reference_(reference), length_(length), comparison_(*comparison) {}

  void Compare(int64_t row) {
    const int64_t begin = row * length_;
    const int64_t checked = std::max<int64_t>(0, length_ - comparison_.index_tolerance);
    bool is_sorted = false;
    for (int64_t i = 0; i < checked; ++i) {
      ++comparison_.compared;
      const ComparableValue value = ValueAt(output_, begin + i);
      if (value.kind != ComparableValue::Kind::kNan && value == ValueAt(reference_, begin + i)) {
        continue;
      }
      if (!is_sorted) SortReference(begin);
      is_sorted = true;
      const int64_t found = FirstPosition(value);
      if (found >= 0) {
        const int64_t distance = std::abs(found - i);
        comparison_.max_distance = std::max(comparison_.max_distance, distance);
        if (distance <= comparison_.index_tolerance) continue;
      }
      if (comparison_.mismatch_count++ < static_cast<int64_t>(IndexComparison::kMaxListed)) {
        comparison_.mismatches.push_back({row, i, found, TextAt(output_, begin + i)});
      }
    }
  }

 private:
  void SortReference(int64_t begin) {
    sorted_.clear();
    for (int64_t i = 0; i < length_; ++i) sorted_.push_back({ValueAt(reference_, begin + i), i});
    std::sort(sorted_.begin(), sorted_.end());
  }

  int64_t FirstPosition(const ComparableValue& value) const {
    if (value.kind == ComparableValue::Kind::kNan) return -1;
    const auto at = std::lower_bound(sorted_.begin(), sorted_.end(), Placed{value, 0});
    return at != sorted_.end() && at->value == value ? at->position : -1;
  }

  const Tensor& output_;
  const Tensor& reference_;
  int64_t length_;
  IndexComparison& comparison_;
  std::vector<Placed> sorted_;
};

}  // namespace

Result<IndexComparison> CompareIndices(const Tensor& output, const Tensor& reference,
                                       int64_t index_tolerance) {
  ASSAY_RETURN_IF_ERROR(CheckOrdered(output.dtype()));
  ASSAY_RETURN_IF_ERROR(CheckOrdered(reference.dtype()));
  if (index_tolerance < 0) {
    return Status(StatusCode::kUsage,
                  fmt::format("index tolerance: expected a number >= 0, got {}", index_tolerance));
  }
  IndexComparison comparison;
  comparison.index_tolerance = index_tolerance;
  if (output.shape() != reference.shape()) {
    comparison.verdict = Verdict::kFail;
    comparison.reasons.push_back(fmt::format(
        "the shapes differ: {} and {}", output.shape().ToString(), reference.shape().ToString()));
    return comparison;
  }
  const int rank = output.shape().rank();
  const int64_t length = rank == 0 ? 1 : output.shape()[rank - 1];
  comparison.rows = length == 0 ? 0 : output.elements() / length;
  RowComparison rows(output, reference, length, &comparison);
  for (int64_t row = 0; row < comparison.rows; ++row) rows.Compare(row);

  if (comparison.compared == 0) {
    comparison.verdict = Verdict::kVacuous;
    comparison.reasons.push_back(
        output.elements() == 0 ? "nothing was compared: the tensors have no elements"
                               : "nothing was compared: the index tolerance covers whole rows");
  } else if (comparison.mismatch_count == 0) {
    comparison.verdict = Verdict::kPass;
  } else {
    comparison.verdict = Verdict::kFail;
    comparison.reasons.push_back(fmt::format("{} of {} indices are not within {} positions",
                                             comparison.mismatch_count, comparison.compared,
                                             index_tolerance));
  }
  return comparison;
}

}  // namespace assay
