#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/fuzz/graphs/evaluations.h"

namespace assay::fuzz {

// Where outputs differ from the truth by more than roundings explain.
struct Difference {
  size_t output = 0;
  std::string what;    // "shape", "type", "class" (finite, infinite, NaN), "integer", "value"
  std::string detail;  // "element 3: 0.25 for 0.5, bound 1e-6"
  // Only values on the very edge of a step (a tie that is exact in truth) explain it.
  bool tie = false;
};

// What a case gives, and how far roundings may move it. How far is measured: the reference runs
// again with every tensor shaken by a few units of its type, and each element may be as far from
// the truth as the farthest of the shaken ones, and some. So may integers, bools and shapes. One
// spacing of the largest element is free: what is computed inside an operator is not shaken.
class Truth {
 public:
  static Result<Truth> Of(const Case& c, ThreadPool& threads);

  // nullopt: explained.
  std::optional<Difference> Judge(const Outputs& got);
  // Shaken a little, the case cannot be evaluated any more.
  bool IsFragile();

 private:
  enum class Effort { kNone, kSome, kMuch, kTies };

  Truth(const Case& c, ThreadPool& threads) : case_(c), threads_(threads) {}
  void Gather(Effort effort);
  std::optional<Difference> Find(const Outputs& got, size_t i) const;
  bool ShapeIsShaken(size_t i, const Shape& shape) const;
  bool ElementIsExplained(size_t i, int64_t k, const Tensor& got) const;

  Case case_;
  ThreadPool& threads_;
  std::vector<DType> types_;
  Outputs exact_;
  Outputs typed_;
  std::vector<double> largest_;  // finite magnitude of each of them
  std::vector<Outputs> shaken_;
  bool is_fragile_ = false;
  Effort gathered_ = Effort::kNone;
};

}  // namespace assay::fuzz
