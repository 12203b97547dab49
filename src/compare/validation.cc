#include "compare/validation.h"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "compare/element_reader.h"
#include "compare/pair_blocks.h"

namespace assay {
namespace {

template <typename Real>
Validation ValidateElements(const Tensor& tensor, ThreadPool& pool) {
  const ElementReader<Real> reader(tensor);
  const BlockKernels<Real>& kernels = BestBlockKernels<Real>();
  constexpr int64_t kGrain = 1 << 18;
  Validation validation;
  std::mutex mutex;
  pool.ParallelFor(tensor.elements(), kGrain, [&](int64_t begin, int64_t end) {
    Validation part;
    Real buffer[kBlockElements<Real>];
    OrderedKey<Real> keys[kBlockElements<Real>];
    for (int64_t at = begin; at < end; at += kBlockElements<Real>) {
      const auto n = static_cast<int>(std::min<int64_t>(kBlockElements<Real>, end - at));
      const Real* values = reader.Read(at, n, buffer);
      kernels.keys(values, n, keys);
      if (IsFiniteRange<Real>(kernels.range(keys, n))) continue;
      for (int i = 0; i < n; ++i) {
        if (std::isfinite(values[i])) continue;
        if (part.non_finite_count++ == 0) part.first_non_finite = at + i;
        if (std::isnan(values[i]) && part.nan_count++ == 0) part.first_nan = at + i;
      }
    }
    const auto earlier = [](int64_t a, int64_t b) {
      return a < 0 || b < 0 ? std::max(a, b) : std::min(a, b);
    };
    const std::lock_guard lock(mutex);
    validation.nan_count += part.nan_count;
    validation.non_finite_count += part.non_finite_count;
    validation.first_nan = earlier(validation.first_nan, part.first_nan);
    validation.first_non_finite = earlier(validation.first_non_finite, part.first_non_finite);
  });
  return validation;
}

// The real and imaginary parts of a complex tensor one after the other.
Tensor PartsOf(const Tensor& tensor) {
  const DType part = tensor.dtype() == DType::kComplex64 ? DType::kFloat32 : DType::kFloat64;
  return Tensor::View(part, Shape{2 * tensor.elements()}, tensor.raw(),
                      std::make_shared<Tensor>(tensor));
}

}  // namespace

Validation ValidateTensor(const Tensor& tensor, ThreadPool& pool) {
  if (IsComplex(tensor.dtype())) {
    Validation parts = ValidateTensor(PartsOf(tensor), pool);
    if (parts.first_nan >= 0) parts.first_nan /= 2;
    if (parts.first_non_finite >= 0) parts.first_non_finite /= 2;
    return parts;
  }
  if (!IsFloating(tensor.dtype())) return {};
  return tensor.dtype() == DType::kFloat64 ? ValidateElements<double>(tensor, pool)
                                           : ValidateElements<float>(tensor, pool);
}

}  // namespace assay
