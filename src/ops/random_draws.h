#pragma once

#include <cstdint>

#include "base/function_ref.h"
#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"
#include "tensor/counter_random.h"

namespace assay {

// What the operators that draw random numbers share. The standard leaves the generator open, so
// runtimes do not agree in their values; here element i of an output is number i of a stream, so
// that a run can be repeated, whatever the number of threads.

inline constexpr AttributeDef kSeed = OptionalAttribute("seed", AttributeKind::kFloat);
inline constexpr AttributeDef kDtypeFromInput = OptionalAttribute("dtype", AttributeKind::kInt);

// The stream of a node: that of the attribute `seed`, or, where the model gives none, one that the
// operator and the name of the node decide. Nodes without seed and name draw the same numbers.
CounterRandom RandomStream(const OpContext& context);

// Output 0 has the shape of input 0 and the type of the attribute `dtype`, or else of the input;
// either must be among `types`.
Status InferRandomLike(InferContext& context, DTypeSet types);

// Output 0 has the shape and the type of the attributes `shape` and `dtype`.
Status InferRandomShape(InferContext& context);

// Errors unless low <= high and both are finite.
Status CheckUniform(const OpContext& context);
// Uniform between the attributes `low` and `high`, the latter excluded but for rounding.
Status DrawUniform(ReferenceContext& context, Shape shape);

// Errors unless the mean is finite and the scale finite and not negative.
Status CheckNormal(const OpContext& context);
// Normal with the attributes `mean` and `scale` (standard deviation).
Status DrawNormal(ReferenceContext& context, Shape shape);

// Makes the doubles of a tensor, value(i) for each flat index.
Result<Tensor> FillDoubles(ThreadPool& threads, Shape shape, FunctionRef<double(int64_t)> value);

}  // namespace assay
