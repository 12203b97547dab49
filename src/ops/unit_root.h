#pragma once

#include <complex>
#include <cstdint>

namespace assay {

// exp(2 pi i k / n) for 0 <= k <= n, 0 < n <= 2^60. Both parts are within 1 ULP: the angle is
// brought into the first eighth of the circle in integers, so that only its last step rounds.
// Multiples of a quarter are exact, and roots that mirror each other agree in every bit.
std::complex<double> UnitRoot(int64_t k, int64_t n);

}  // namespace assay
