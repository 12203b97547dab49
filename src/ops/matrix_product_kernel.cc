#include "ops/matrix_product_kernel.h"

#include <vector>

#include "base/cpu_features.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define ASSAY_X86_KERNELS 1
#include <immintrin.h>
#endif

namespace assay {
namespace {

void RunPortable(int64_t depth, const double* a, const double* b, double* tile) {
  constexpr int kRows = 4;
  constexpr int kColumns = 4;
  double sums[kRows][kColumns] = {};
  for (int64_t k = 0; k < depth; ++k) {
#pragma GCC unroll 8
    for (int i = 0; i < kRows; ++i) {
      for (int j = 0; j < kColumns; ++j) sums[i][j] += a[i] * b[j];
    }
    a += kRows;
    b += kColumns;
  }
#pragma GCC unroll 8
  for (int i = 0; i < kRows; ++i) {
    for (int j = 0; j < kColumns; ++j) tile[i * kColumns + j] = sums[i][j];
  }
}

#if ASSAY_X86_KERNELS

// The pragmas keep GCC from storing the sums to memory in every round; Clang unrolls by itself.

__attribute__((target("avx2"))) void RunAvx2(int64_t depth, const double* a, const double* b,
                                             double* tile) {
  constexpr int kRows = 6;
  __m256d sums[kRows][2];
#pragma GCC unroll 8
  for (auto& row : sums) row[0] = row[1] = _mm256_setzero_pd();
  for (int64_t k = 0; k < depth; ++k) {
    const __m256d b0 = _mm256_loadu_pd(b);
    const __m256d b1 = _mm256_loadu_pd(b + 4);
#pragma GCC unroll 8
    for (int i = 0; i < kRows; ++i) {
      const __m256d ai = _mm256_broadcast_sd(a + i);
      sums[i][0] = _mm256_add_pd(sums[i][0], _mm256_mul_pd(ai, b0));
      sums[i][1] = _mm256_add_pd(sums[i][1], _mm256_mul_pd(ai, b1));
    }
    a += kRows;
    b += 8;
  }
#pragma GCC unroll 8
  for (int i = 0; i < kRows; ++i) {
    _mm256_storeu_pd(tile + i * 8, sums[i][0]);
    _mm256_storeu_pd(tile + i * 8 + 4, sums[i][1]);
  }
}

__attribute__((target("avx512f"))) void RunAvx512(int64_t depth, const double* a, const double* b,
                                                  double* tile) {
  constexpr int kRows = 8;
  __m512d sums[kRows][3];
#pragma GCC unroll 8
  for (auto& row : sums) row[0] = row[1] = row[2] = _mm512_setzero_pd();
  for (int64_t k = 0; k < depth; ++k) {
    const __m512d b0 = _mm512_loadu_pd(b);
    const __m512d b1 = _mm512_loadu_pd(b + 8);
    const __m512d b2 = _mm512_loadu_pd(b + 16);
#pragma GCC unroll 8
    for (int i = 0; i < kRows; ++i) {
      const __m512d ai = _mm512_set1_pd(a[i]);
      sums[i][0] = _mm512_add_pd(sums[i][0], _mm512_mul_pd(ai, b0));
      sums[i][1] = _mm512_add_pd(sums[i][1], _mm512_mul_pd(ai, b1));
      sums[i][2] = _mm512_add_pd(sums[i][2], _mm512_mul_pd(ai, b2));
    }
    a += kRows;
    b += 24;
  }
#pragma GCC unroll 8
  for (int i = 0; i < kRows; ++i) {
    for (int j = 0; j < 3; ++j) _mm512_storeu_pd(tile + i * 24 + j * 8, sums[i][j]);
  }
}

#endif

std::vector<GemmKernel> SupportedKernels() {
  std::vector<GemmKernel> kernels;
#if ASSAY_X86_KERNELS
  if (GetCpuFeatures().avx512f) kernels.push_back({"avx512", 8, 24, RunAvx512});
  if (GetCpuFeatures().avx2) kernels.push_back({"avx2", 6, 8, RunAvx2});
#endif
  kernels.push_back({"portable", 4, 4, RunPortable});
  return kernels;
}

}  // namespace

std::span<const GemmKernel> GemmKernels() {
  static const std::vector<GemmKernel> kernels = SupportedKernels();
  return kernels;
}

}  // namespace assay
