#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tensor/shape.h"

namespace assay {

// Shapes by the name of an input, which may hold wildcards.
using NamedShapes = std::vector<std::pair<std::string, Shape>>;

// True for the name itself too if it holds characters of patterns: "x[0]".
bool FitsName(std::string_view pattern, std::string_view name);

// The last one that the name fits; null if there is none.
const Shape* FindShape(const NamedShapes& shapes, std::string_view name);

}  // namespace assay
