#pragma once

#include <string>
#include <vector>

#include "ops/op_def.h"

namespace assay {

// An example together with the operator that it is of.
struct OpCaseOf {
  const OpDef* op = nullptr;
  OpCase op_case;

  // "Conv dilated".
  std::string ToString() const;
};

// The examples of every operator, in the order of AllOps.
std::vector<OpCaseOf> AllOpCases();

// The example as a graph of one node, not yet inferred. Its inputs are graph inputs named "input0",
// "input1", ...; those at positions for which `is_constant` is set are constants instead.
Graph SingleNodeGraph(const OpDef& op, const OpCase& op_case,
                      const std::vector<bool>& is_constant = {});

}  // namespace assay
