// Compiled once per instruction set; the including file defines kPairRows and
// Int MultiplyPairs(Int a, Int b): in each lane the sum of two products of 16-bit halves.

namespace {  // NOLINT(google-build-namespaces): one including file per instruction set

constexpr int kPairVectors = 2;

void ProductTile(int64_t pairs, const int16_t* a, const int16_t* b, int32_t* c) {
  Int sums[kPairRows][kPairVectors] = {};
  for (int64_t pair = 0; pair < pairs; ++pair) {
    Int right[kPairVectors];
    for (int v = 0; v < kPairVectors; ++v) right[v] = LoadVector<Int>(b + v * 2 * kLanes);
    for (int row = 0; row < kPairRows; ++row) {
      int32_t both;
      __builtin_memcpy(&both, a + 2 * row, sizeof(both));
      const Int left = Int{} + both;
      for (int v = 0; v < kPairVectors; ++v) sums[row][v] += MultiplyPairs(left, right[v]);
    }
    a += 2 * kPairRows;
    b += 2 * kPairVectors * kLanes;
  }
  for (int row = 0; row < kPairRows; ++row) {
    for (int v = 0; v < kPairVectors; ++v) {
      StoreInts(c + (row * kPairVectors + v) * kLanes, sums[row][v]);
    }
  }
}

void Interleave(const int16_t* a, const int16_t* b, int64_t step, int64_t count, int16_t* out) {
  if (step == 1) {
    for (int64_t i = 0; i < count; ++i) {
      out[2 * i] = a[i];
      out[2 * i + 1] = b[i];
    }
    return;
  }
  for (int64_t i = 0; i < count; ++i) {
    out[2 * i] = a[i * step];
    out[2 * i + 1] = b[i * step];
  }
}

template <typename T>
void Quantize(int64_t count, const int32_t* sums, double bias, const double* scales,
              int64_t scale_step, double zero, T* out) {
  constexpr double kLow = sizeof(T) == 1 && static_cast<T>(-1) < 0 ? -128 : 0;
  constexpr double kHigh = kLow + 255;
  // Adding it leaves no place for fractions; values beyond the clamp are out of range anyway.
  constexpr double kWhole = 0x1.8p52;
  constexpr double kFar = 0x1p40;
  for (int64_t i = 0; i < count; ++i) {
    double value = (static_cast<double>(sums[i]) + bias) * scales[i * scale_step];
    value = value < -kFar ? -kFar : value;
    value = value > kFar ? kFar : value;
    value = ((value + kWhole) - kWhole) + zero;
    value = value > kLow ? value : (value <= kLow ? kLow : 0.0);
    value = value < kHigh ? value : kHigh;
    out[i] = static_cast<T>(static_cast<int32_t>(value));
  }
}

}  // namespace

extern const PairKernels kPairKernels;
const PairKernels kPairKernels = {.tile_rows = kPairRows,
                                  .tile_columns = kPairVectors * kLanes,
                                  .product_tile = ProductTile,
                                  .interleave = Interleave,
                                  .quantize_int8 = Quantize<int8_t>,
                                  .quantize_uint8 = Quantize<uint8_t>};
