#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

enum class MatchKind { kExact, kSubstring, kIndex };

struct OutputPair {
  size_t output = 0;     // position among the outputs
  size_t reference = 0;  // position among the references
  MatchKind kind = MatchKind::kExact;
};

struct OutputMatching {
  std::vector<OutputPair> pairs;          // in the order of the outputs
  std::vector<size_t> unmatched_outputs;  // positions without a partner
  std::vector<size_t> unmatched_references;
  std::vector<std::string> warnings;  // "Output names did not match exactly. Assuming ..."
  std::vector<std::string> notes;     // "Will not compare ..., since the former already has ..."

  bool complete() const { return unmatched_outputs.empty() && unmatched_references.empty(); }
};

// Pairs the outputs of two runners by name as Polygraphy does: the exact name, else the first name
// of which one contains the other regardless of case, else the same position. A partner that is not
// exact is refused if it has an exact partner of its own. Unlike there, nothing disappears: what
// has no partner is listed. reference_runner: name of the second runner for the warnings.
OutputMatching MatchOutputs(std::span<const std::string> outputs,
                            std::span<const std::string> references,
                            std::string_view reference_runner);

}  // namespace assay
