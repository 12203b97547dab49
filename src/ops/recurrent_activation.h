#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "ops/recurrent.h"

namespace assay {

// Binds activation functions of the recurrent operators: names in any case, as the standard lists
// them. Functions that have an alpha or beta take the next one from the lists, in order, or the
// default of the ONNX operator of that name. The argument is held within [-clip, clip] first.
// Errors: kInvalidInput for unknown names.
Result<std::vector<Activation>> BindActivations(std::span<const std::string> names,
                                                std::span<const float> alphas,
                                                std::span<const float> betas,
                                                std::optional<double> clip);

}  // namespace assay
