#pragma once

#include <complex>
#include <cstdint>
#include <span>

#include "base/function_ref.h"
#include "base/thread_pool.h"
#include "ops/fourier.h"
#include "ops/infer_context.h"
#include "ops/reference_context.h"

namespace assay {

// What DFT and STFT share. Their signals have an innermost axis of extent 1 (real) or 2 (real and
// imaginary part).

// Bins that tell the spectrum of a real signal: those of frequencies 0 to length / 2.
inline int64_t OnesidedBins(int64_t length) { return length / 2 + 1; }
inline Dim OnesidedBins(const Dim& length) { return FloorDivide(length, 2) + 1; }

// Checks the innermost extent as far as it is known; `required` is 0 if either will do. `reason`
// says what requires it.
Status CheckComponents(const Dim& components, int64_t required, std::string_view reason);

// Errors unless the attribute is 0 or 1.
Result<bool> FlagAttribute(const OpContext& context, std::string_view name);

// One transform to do: fills `line` (of the length of the transform) and later takes it back.
using LineFunction = FunctionRef<void(int64_t line, std::span<std::complex<double>> data)>;

// For every line in [0, count): read, transform, write.
void TransformLines(ThreadPool& threads, const FourierTransform& transform, bool inverse,
                    int64_t count, LineFunction read, LineFunction write);

}  // namespace assay
