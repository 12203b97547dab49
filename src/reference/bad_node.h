#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "ir/graph.h"
#include "tensor/tensor.h"

namespace assay {

// For tests: a node whose inputs or attributes do not fit.
struct BadNode {
  std::string op;
  std::string name;
  std::vector<Attribute> attributes;
  std::vector<std::optional<Tensor>> inputs;
  std::string message;  // part of it
  int opset = 22;
  std::string domain = {};
};

inline void PrintTo(const BadNode& bad, std::ostream* out) { *out << bad.op << " " << bad.name; }

// Expects that the message comes during inference where shapes are known, when the node runs where
// they are not, and that it names the operator.
void ExpectSaysWhatIsWrong(const BadNode& bad);

}  // namespace assay
