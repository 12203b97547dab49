// Compiled once per instruction set; the including file defines Vector (kLanes floats), kRows and
// kVectors, and Load, Store, Broadcast, MultiplyAdd, Add, Zero on it.

// The first kHeight rows of a tile. Element (row, i) of the left matrix is at a[i * kRows + row]
// where it is packed, and at a[row * a_pitch + i] where it is not.
template <bool kPacked, int kHeight>
static inline void MultiplyTile(int64_t k, const float* a, int64_t a_pitch, const float* b,
                                float* c, int64_t pitch, bool accumulate) {
  Vector sum[kHeight][kVectors];
#pragma GCC unroll 16
  for (auto& row : sum) {
#pragma GCC unroll 4
    for (Vector& element : row) element = Zero();
  }
  for (int64_t i = 0; i < k; ++i) {
    Vector right[kVectors];
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) right[v] = Load(b + v * kLanes);
#pragma GCC unroll 16
    for (int row = 0; row < kHeight; ++row) {
      const Vector left = Broadcast(kPacked ? a[row] : a[row * a_pitch]);
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) sum[row][v] = MultiplyAdd(left, right[v], sum[row][v]);
    }
    a += kPacked ? kRows : 1;
    b += kVectors * kLanes;
  }
#pragma GCC unroll 16
  for (int row = 0; row < kHeight; ++row) {
    float* out = c + row * pitch;
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      const Vector value = accumulate ? Add(Load(out + v * kLanes), sum[row][v]) : sum[row][v];
      Store(out + v * kLanes, value);
    }
  }
}

static void ProductTile(int64_t k, const float* a, const float* b, float* c, int64_t pitch,
                        bool accumulate) {
  MultiplyTile<true, kRows>(k, a, 0, b, c, pitch, accumulate);
}

static void ProductHalfTile(int64_t k, const float* a, const float* b, float* c, int64_t pitch,
                            bool accumulate) {
  MultiplyTile<true, kRows / 2>(k, a, 0, b, c, pitch, accumulate);
}

static void ProductTileOfRows(int64_t k, const float* a, int64_t a_pitch, const float* b, float* c,
                              int64_t pitch, bool accumulate) {
  MultiplyTile<false, kRows>(k, a, a_pitch, b, c, pitch, accumulate);
}

static void MultiplyAddRow(int64_t count, float weight, const float* in, int64_t step, float* out) {
  int64_t i = 0;
  if (step == 1) {
    const Vector factor = Broadcast(weight);
    for (; i + kLanes <= count; i += kLanes) {
      Store(out + i, MultiplyAdd(factor, Load(in + i), Load(out + i)));
    }
  }
  for (; i < count; ++i) out[i] = ScalarMultiplyAdd(weight, in[i * step], out[i]);
}

extern const KernelSet kKernels;
const KernelSet kKernels = {
    .product_tile = ProductTile,
    .product_half_tile = ProductHalfTile,
    .product_tile_of_rows = ProductTileOfRows,
    .tile_rows = kRows,
    .tile_columns = kVectors * kLanes,
    .multiply_add = MultiplyAddRow,
};
