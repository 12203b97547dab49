#pragma once

#include <string_view>

#include "tactics/tactic.h"

namespace assay {

// True of the tactic that runs the float64 kernel of the operator, which is the reference's own:
// measured against the reference, its steps show the rounding of their results and nothing else.
inline constexpr std::string_view kPortableName = "cpu.any.float64";
// What stands for a tactic where values only move, whatever they are (OpDef::moves_values).
inline constexpr std::string_view kMoveValuesName = "cpu.any.values";
bool RunsReferenceKernel(const Tactic& tactic);

}  // namespace assay
