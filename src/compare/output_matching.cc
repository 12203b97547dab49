#include "compare/output_matching.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace assay {
namespace {

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::optional<OutputPair> FindPartner(std::span<const std::string> outputs, size_t output,
                                      std::span<const std::string> references) {
  const std::string& name = outputs[output];
  const auto exact = std::find(references.begin(), references.end(), name);
  if (exact != references.end()) {
    return OutputPair{output, static_cast<size_t>(exact - references.begin()), MatchKind::kExact};
  }
  const std::string lower = LowerCase(name);
  for (size_t i = 0; i < references.size(); ++i) {
    const std::string candidate = LowerCase(references[i]);
    if (candidate.find(lower) != std::string::npos || lower.find(candidate) != std::string::npos) {
      return OutputPair{output, i, MatchKind::kSubstring};
    }
  }
  if (output < references.size()) return OutputPair{output, output, MatchKind::kIndex};
  return std::nullopt;
}

}  // namespace

OutputMatching MatchOutputs(std::span<const std::string> outputs,
                            std::span<const std::string> references,
                            std::string_view reference_runner) {
  OutputMatching matching;
  std::vector<bool> used(references.size(), false);
  for (size_t i = 0; i < outputs.size(); ++i) {
    const std::optional<OutputPair> partner = FindPartner(outputs, i, references);
    if (!partner) {
      matching.unmatched_outputs.push_back(i);
      continue;
    }
    const std::string& found = references[partner->reference];
    if (partner->kind != MatchKind::kExact) {
      if (std::find(outputs.begin(), outputs.end(), found) != outputs.end()) {
        matching.notes.push_back(fmt::format(
            "Will not compare {0} with {1}, since the former already has an exact match: {0}",
            found, outputs[i]));
        matching.unmatched_outputs.push_back(i);
        continue;
      }
      matching.warnings.push_back(fmt::format(
          "Output names did not match exactly. Assuming {} output: {} corresponds to output: {}",
          reference_runner, found, outputs[i]));
    }
    used[partner->reference] = true;
    matching.pairs.push_back(*partner);
  }
  for (size_t i = 0; i < references.size(); ++i) {
    if (!used[i]) matching.unmatched_references.push_back(i);
  }
  return matching;
}

}  // namespace assay
