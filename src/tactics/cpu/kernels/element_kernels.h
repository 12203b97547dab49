#pragma once

#include <cstdint>

#include "tactics/cpu/kernels/kernel_set.h"

namespace assay {

// Element-wise and row-wise inner loops in fp32, compiled once per instruction set under the rules
// of KernelSet. Elementary functions stay within 2 ULP for every argument, subnormal results
// included: exp and erf in float, the others in double and rounded once. Outputs
// may be the same memory as an input.

// One input. Parameters are named in the comments.
#define ASSAY_UNARY_FUNCTIONS(X)                                                 \
  X(Identity)                                                                    \
  X(Relu)                                                                        \
  X(LeakyRelu)       /* alpha: slope */                                          \
  X(Clip)            /* alpha: minimum, beta: maximum */                         \
  X(ThresholdedRelu) /* alpha: threshold */                                      \
  X(HardSigmoid)     /* alpha, beta */                                           \
  X(HardSwish)                                                                   \
  X(Sigmoid)                                                                     \
  X(Swish) /* alpha */                                                           \
  X(Tanh)                                                                        \
  X(Gelu)                                                                        \
  X(GeluTanh)                                                                    \
  X(Erf)                                                                         \
  X(Exp)                                                                         \
  X(Log)                                                                         \
  X(Softplus)                                                                    \
  X(Softsign)                                                                    \
  X(Mish)                                                                        \
  X(Elu)  /* alpha */                                                            \
  X(Selu) /* alpha, beta: gamma */                                               \
  X(Celu) /* alpha */                                                            \
  X(Sqrt)                                                                        \
  X(Reciprocal)                                                                  \
  X(Abs)                                                                         \
  X(Neg)                                                                         \
  X(Sign)                                                                        \
  X(Floor)                                                                       \
  X(Ceil)                                                                        \
  X(Round)  /* ties to even */                                                   \
  X(Square) /* x * x */                                                          \
  X(Cube)                                                                        \
  X(RootPower) /* x to the power of 1/2: of -0 it is 0, of -infinity infinity */ \
  X(PowOf)     /* x to the power of alpha */

// Two inputs.
#define ASSAY_BINARY_FUNCTIONS(X) \
  X(Add)                          \
  X(Sub)                          \
  X(Mul)                          \
  X(Div)                          \
  X(Min)                          \
  X(Max)                          \
  X(Pow)                          \
  X(PRelu)

#define ASSAY_ENUMERATOR(name) k##name,
enum class UnaryFunction : uint8_t { ASSAY_UNARY_FUNCTIONS(ASSAY_ENUMERATOR) kCount };
enum class BinaryFunction : uint8_t { ASSAY_BINARY_FUNCTIONS(ASSAY_ENUMERATOR) kCount };
#undef ASSAY_ENUMERATOR

struct UnaryParameters {
  float alpha = 0;
  float beta = 0;
};

using UnaryLoop = void (*)(int64_t count, const float* in, UnaryParameters parameters, float* out);
// Operands advance by their step, 0 or 1. Untyped so that loops on other element types fit in.
using BinaryLoop = void (*)(int64_t count, const void* a, int64_t a_step, const void* b,
                            int64_t b_step, void* out);

struct ElementKernels {
  UnaryLoop unary[static_cast<int>(UnaryFunction::kCount)];
  BinaryLoop binary[static_cast<int>(BinaryFunction::kCount)];

  // Sums in double over a row. The first is compensated: terms that cancel each other cost nothing.
  double (*sum)(int64_t count, const float* in);
  double (*sum_absolute)(int64_t count, const float* in);
  // Of (x - shift)^2.
  double (*sum_squares)(int64_t count, const float* in, double shift);
  // NaN if there is one; -infinity and infinity of nothing.
  float (*maximum)(int64_t count, const float* in);
  float (*minimum)(int64_t count, const float* in);
  // out = exp(in - shift); returns the sum of the results. Without out only the sum.
  double (*exponentials)(int64_t count, const float* in, float shift, float* out);
  // out = in * scale + shift, in double.
  void (*scale_shift)(int64_t count, const float* in, double scale, double shift, float* out);
  // out = (in - mean) * inverse * scale[i] + shift[i]; shift may be null.
  void (*normalize)(int64_t count, const float* in, double mean, double inverse, const float* scale,
                    const float* shift, float* out);

  // Column by column: sums[i] += in[i] with what rounding loses added to lost[i], (in[i] -
  // shift[i])^2 (shift may be null: 0), |in[i]|, and exp(in[i] - shift[i]).
  void (*add_row)(int64_t count, const float* in, double* sums, double* lost);
  void (*add_absolute_row)(int64_t count, const float* in, double* sums);
  void (*add_squares_row)(int64_t count, const float* in, const double* shift, double* sums);
  void (*add_exponentials_row)(int64_t count, const float* in, const float* shift, float* out,
                               double* sums);
  // Softmax down each column of a dense matrix, in place. Columns come in whole vectors: a multiple
  // of the columns of a product tile.
  void (*softmax_columns)(int64_t rows, int64_t columns, float* data);
  // Where in[i] beats extremes[i], or with `last` ties with it, both it and indices[i] = index are
  // noted. NaN beats all numbers and ties with NaN.
  void (*follow_extreme)(int64_t count, const float* in, int32_t index, bool minimum, bool last,
                         float* extremes, int32_t* indices);

  UnaryLoop Loop(UnaryFunction function) const { return unary[static_cast<int>(function)]; }
  BinaryLoop Loop(BinaryFunction function) const { return binary[static_cast<int>(function)]; }
};

const ElementKernels& ElementKernelsOf(Isa isa);

}  // namespace assay
