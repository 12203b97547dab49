#pragma once

#include <string>

#include "ir/graph.h"

namespace assay {

// The first difference between two models as text, empty if they mean the same. Values are compared
// by name, not by id: types, contents bit by bit, nodes in order with all they carry, functions,
// versions and metadata. Model::source does not count.
std::string FirstDifference(const Model& a, const Model& b);
std::string FirstDifference(const Graph& a, const Graph& b);

}  // namespace assay
