#pragma once

#include <string>
#include <vector>

#include "runners/runner.h"

namespace assay {

// "3 of 40 steps run in the float64 kernels that --reference uses too: LSTM (lstm_1), ..."; empty
// if there are none.
std::string ReferenceStepsText(const ReferenceSteps& steps);

// Those that compute floating-point numbers: "LSTM (lstm_1)".
std::vector<std::string> FloatReferenceSteps(const ReferenceSteps& steps);

// A list for people: the first ones, and how many more there are.
std::string ShortList(const std::vector<std::string>& items);

}  // namespace assay
