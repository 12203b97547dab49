#pragma once

#include "cli/option.h"

namespace assay {

// Options of Polygraphy that configure TensorRT. Assay has no TensorRT runner yet: they are read,
// so that command lines written for Polygraphy are understood, and answered with a warning.
extern const OptionGroup kTensorRtOptions;

// The same for TensorFlow.
extern const OptionGroup kTensorFlowOptions;

}  // namespace assay
