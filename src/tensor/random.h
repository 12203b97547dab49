#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "tensor/tensor.h"

namespace assay {

// One end of a range of values. Integers are kept exactly over the whole range of int64 and uint64,
// since a double cannot hold them above 2^53.
class RangeEnd {
 public:
  RangeEnd(double value) : value_(value) {}  // NOLINT: implicit by design
  static RangeEnd Integer(bool negative, uint64_t magnitude);
  // Reads a number as Python does: an integer if it looks like one, else a float; also "inf",
  // "nan". nullopt if it is no number.
  static std::optional<RangeEnd> Parse(std::string_view text);

  double AsDouble() const { return value_; }
  // Truncated toward zero as Python's int(); nullopt for NaN, infinity and what neither int64 nor
  // uint64 can hold.
  struct SignMagnitude {
    bool negative;
    uint64_t magnitude;
  };
  std::optional<SignMagnitude> AsInteger() const;
  bool IsNonZero() const { return value_ != 0; }
  std::string ToString() const;

 private:
  double value_;
  std::optional<SignMagnitude> integer_;
};

// Inclusive range of the values to draw.
struct ValueRange {
  RangeEnd min = 0.0;
  RangeEnd max = 1.0;
};

// Reads "[min,max]". Errors: kUsage.
Result<ValueRange> ParseValueRange(std::string_view text);

// The generator behind numpy's RandomState (MT19937), with the same stream of values: what it draws
// is bit-identical to numpy.random.RandomState(seed) for the calls named below.
class RandomState {
 public:
  // Errors: kUsage if the seed is outside [0, 2^32 - 1].
  static Result<RandomState> Create(int64_t seed);

  uint32_t NextUint32();
  uint64_t NextUint64();
  // random_sample(): uniform in [0, 1) with 53 bits.
  double NextDouble();

  // randint(low, high + 1, shape, dtype), both ends included, for integers of 8 to 64 bits and
  // bool. 4- and 2-bit integers, which numpy lacks, are drawn like int8 or uint8. Errors: kUsage if
  // an end does not fit the type or low > high.
  Result<Tensor> Integers(DType dtype, const Shape& shape, const ValueRange& range);

  // random_sample(shape) * (max - min) + min in double, rounded to dtype. An infinite end becomes
  // the factor, so that it is drawn (Polygraphy's rule). float16/32/64 are as numpy rounds. Types
  // that numpy lacks (bfloat16, float8, float6, float4) are rounded to float32 first, then to the
  // type, to nearest even and without going beyond its largest finite value. kString gives the
  // decimal text of the double, as numpy's astype(str) does.
  Result<Tensor> Floats(DType dtype, const Shape& shape, const ValueRange& range);

 private:
  explicit RandomState(uint32_t seed);
  void Refill();

  std::array<uint32_t, 624> state_{};
  size_t position_;
};

struct RandomInputSpec {
  std::string name;
  DType dtype;
  Shape shape;
  // If set, the input is a shape tensor: these are its values, and nothing is drawn for it.
  std::optional<std::vector<int64_t>> fixed_values = std::nullopt;
};

struct RandomInputOptions {
  int64_t seed = 1;
  // Range by input name; "" stands for all inputs that are not named; of equal names the last
  // counts. Inputs without a range get [0, 1].
  std::vector<std::pair<std::string, ValueRange>> ranges;
};

// The inputs of one iteration, bit-identical to those of Polygraphy's default data loader: one
// generator with the seed options.seed + iteration, the inputs drawn from it in order.
// Errors: kUsage (seed or range), kUnsupported (complex types), kResourceLimit.
Result<TensorMap> RandomInputs(std::span<const RandomInputSpec> inputs,
                               const RandomInputOptions& options, int64_t iteration);

}  // namespace assay
