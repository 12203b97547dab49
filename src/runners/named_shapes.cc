#include "runners/named_shapes.h"

#include "base/wildcard.h"

namespace assay {

bool FitsName(std::string_view pattern, std::string_view name) {
  return pattern == name || MatchesWildcard(pattern, name);
}

const Shape* FindShape(const NamedShapes& shapes, std::string_view name) {
  const Shape* found = nullptr;
  for (const auto& [pattern, shape] : shapes) {
    if (FitsName(pattern, name)) found = &shape;
  }
  return found;
}

}  // namespace assay
