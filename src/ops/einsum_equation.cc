#include "ops/einsum_equation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <string>

#include "ops/op_context.h"

namespace assay {
namespace {

// Labels of the ellipsis lie above those of letters, which are character codes.
constexpr EinsumLabel kEllipsis = 256;

// A term as written: letters, with kEllipsis for an ellipsis.
Result<std::vector<EinsumLabel>> ParseTerm(std::string_view text) {
  std::vector<EinsumLabel> labels;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == ' ') continue;
    if (std::isalpha(static_cast<unsigned char>(c)) != 0) {
      labels.push_back(c);
    } else if (text.substr(i, 3) == "..." &&
               std::find(labels.begin(), labels.end(), kEllipsis) == labels.end()) {
      labels.push_back(kEllipsis);
      i += 2;
    } else {
      return OpContext::Invalid(fmt::format(
          "attribute \"equation\": expected letters and at most one ellipsis, got \"{}\"", text));
    }
  }
  return labels;
}

// Writes out the ellipsis over `axes` axes, the last of which is kEllipsis.
std::vector<EinsumLabel> Expand(const std::vector<EinsumLabel>& labels, int axes) {
  std::vector<EinsumLabel> expanded;
  for (EinsumLabel label : labels) {
    if (label != kEllipsis) {
      expanded.push_back(label);
      continue;
    }
    for (int i = axes - 1; i >= 0; --i) expanded.push_back(kEllipsis + i);
  }
  return expanded;
}

// Without an arrow: the ellipsis, then all letters that occur once, sorted.
std::vector<EinsumLabel> ImplicitOutput(const std::vector<std::vector<EinsumLabel>>& terms) {
  std::map<EinsumLabel, int> counts;
  for (const auto& term : terms) {
    for (EinsumLabel label : term) ++counts[label];
  }
  std::vector<EinsumLabel> output;
  if (counts.contains(kEllipsis)) output.push_back(kEllipsis);
  for (const auto& [label, count] : counts) {
    if (label != kEllipsis && count == 1) output.push_back(label);
  }
  return output;
}

Status CheckOutput(const std::vector<EinsumLabel>& output,
                   const std::vector<std::vector<EinsumLabel>>& terms) {
  for (size_t i = 0; i < output.size(); ++i) {
    bool found = false;
    for (const auto& term : terms) {
      found = found || std::find(term.begin(), term.end(), output[i]) != term.end();
    }
    const bool once = std::count(output.begin(), output.end(), output[i]) == 1;
    if (found && once) continue;
    return OpContext::Invalid(
        "attribute \"equation\": every label of the output must occur in an input and only once in "
        "the output");
  }
  return OkStatus();
}

}  // namespace

Result<EinsumEquation> ParseEinsum(std::string_view equation, std::span<const int> ranks) {
  const size_t arrow = equation.find("->");
  std::string_view left = equation.substr(0, arrow);
  std::vector<std::vector<EinsumLabel>> terms;
  for (;;) {
    const size_t comma = left.find(',');
    ASSAY_ASSIGN_OR_RETURN(std::vector<EinsumLabel> term, ParseTerm(left.substr(0, comma)));
    terms.push_back(std::move(term));
    if (comma == std::string_view::npos) break;
    left.remove_prefix(comma + 1);
  }
  if (terms.size() != ranks.size()) {
    return OpContext::Invalid(fmt::format("attribute \"equation\": expected {} terms, got {}",
                                          ranks.size(), terms.size()));
  }
  std::vector<EinsumLabel> output = ImplicitOutput(terms);
  if (arrow != std::string_view::npos) {
    ASSAY_ASSIGN_OR_RETURN(output, ParseTerm(equation.substr(arrow + 2)));
  }
  EinsumEquation result;
  int most = 0;
  for (size_t i = 0; i < terms.size(); ++i) {
    const bool open = std::find(terms[i].begin(), terms[i].end(), kEllipsis) != terms[i].end();
    const int letters = static_cast<int>(terms[i].size()) - (open ? 1 : 0);
    if (open ? ranks[i] < letters : ranks[i] != letters) {
      return OpContext::Invalid(
          fmt::format("attribute \"equation\": term {} has {} letters for an operand of rank {}", i,
                      letters, ranks[i]));
    }
    most = std::max(most, open ? ranks[i] - letters : 0);
    result.inputs.push_back(Expand(terms[i], ranks[i] - letters));
  }
  result.output = Expand(output, most);
  ASSAY_RETURN_IF_ERROR(CheckOutput(result.output, result.inputs));
  return result;
}

}  // namespace assay
