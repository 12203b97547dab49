#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"

namespace assay {

// Every offset in an arena is a multiple of this.
inline constexpr size_t kArenaAlignment = 64;

// Memory that is needed from one step to another, both included.
struct Lifetime {
  size_t bytes = 0;
  int first_step = 0;
  int last_step = 0;
  // The lifetime whose memory this one lies in, `alias_offset` bytes from its start: an output
  // written over an input, a part of a concatenation. Roots have no alias of their own; -1: alone.
  int alias_of = -1;
  size_t alias_offset = 0;
};

struct Placement {
  std::vector<size_t> offsets;  // one per lifetime
  size_t arena_bytes = 0;
  size_t lower_bound_bytes = 0;  // most bytes alive at one step, aliases counted once
};

// Places lifetimes that overlap in time apart in memory: largest first, each into the lowest gap
// that fits best. The result depends on the lifetimes alone.
Placement PlaceLifetimes(const std::vector<Lifetime>& lifetimes);

// Checks a placement without any of the code that made it: everything inside the arena, roots
// aligned, and nothing that is alive at the same step overlaps, except where memory is handed over:
// two lifetimes with one root that share exactly the step at which the first ends and the second
// begins. Errors: kInternal, naming the two lifetimes by index and the step.
Status VerifyPlacement(const std::vector<Lifetime>& lifetimes, const Placement& placement);

}  // namespace assay
