#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "cli/option.h"

namespace assay {

// An option as it stood on the command line.
struct OptionUse {
  const OptionDef* option = nullptr;
  std::vector<std::string> values;
  const OptionGroup* group = nullptr;
};

// The options of one command line, in its order. Options are asked for by any of their names.
class ParsedOptions {
 public:
  bool Has(std::string_view name) const { return Last(name) != nullptr; }
  int Count(std::string_view name) const;
  // Values of the last use; where an option stands twice, the last one counts.
  std::span<const std::string> Values(std::string_view name) const;
  // Values of all uses, in order: of an option that adds to what stands before.
  std::vector<std::string> AllValues(std::string_view name) const;
  std::optional<std::string> Value(std::string_view name) const;
  std::optional<int64_t> Integer(std::string_view name) const;
  std::span<const OptionUse> uses() const { return uses_; }
  void Add(OptionUse use) { uses_.push_back(std::move(use)); }

  bool help_requested = false;
  // Words that are neither an option nor a value, in order.
  std::vector<std::string> unrecognized;

 private:
  const OptionUse* Last(std::string_view name) const;
  std::vector<OptionUse> uses_;
};

// Reads a command line the way Python's argparse does, which the command lines of Polygraphy were
// written for: values after a space or '=', combined short flags, unique prefixes of long options,
// options between positional arguments, negative numbers as values, "--" ends the options, the last
// use of an option counts. This is why the parser is our own: general libraries differ in just
// these points. One deliberate difference: a prefix that fits several names of the same option is
// not ambiguous.
//
// Stops at -h/--help. Errors: kUsage, the message starts with "argument --option/--alias: ".
Result<ParsedOptions> ParseArguments(const OptionGroups& groups,
                                     std::span<const std::string> arguments);

// "did you mean --atol?" for a word that is no option; empty if none is near.
std::string NearOptions(const OptionGroups& groups, std::string_view word);

}  // namespace assay
