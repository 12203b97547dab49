#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace assay {

// Probabilities of classes from the decisions of a machine for every pair of them: (0, 1), (0, 2),
// ..., (1, 2), ... Platt's sigmoids, 1 / (1 + exp(a * decision + b)), give the probability of each
// first class within its pair; Wu, Lin and Weng (2004), method 2, couple them by an iteration that
// ends, as in libsvm, when no class is off by more than 0.005 / classes. The stop is part of the
// definition: the limit of the iteration may differ in the third digit.
std::vector<double> ClassProbabilities(std::span<const double> decisions,
                                       std::span<const double> prob_a,
                                       std::span<const double> prob_b, int64_t classes);

}  // namespace assay
