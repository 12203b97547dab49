#include "cli/parser.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

#include "base/near_names.h"
#include "cli/named_values.h"

namespace assay {

std::string OptionDef::Label() const {
  std::string label;
  for (std::string_view name : names) {
    if (!label.empty()) label += '/';
    label += name;
  }
  return label;
}

const OptionUse* ParsedOptions::Last(std::string_view name) const {
  const auto last = std::find_if(uses_.rbegin(), uses_.rend(), [&](const OptionUse& use) {
    return std::ranges::find(use.option->names, name) != use.option->names.end();
  });
  return last == uses_.rend() ? nullptr : &*last;
}

int ParsedOptions::Count(std::string_view name) const {
  return static_cast<int>(std::ranges::count_if(uses_, [&](const OptionUse& use) {
    return std::ranges::find(use.option->names, name) != use.option->names.end();
  }));
}

std::span<const std::string> ParsedOptions::Values(std::string_view name) const {
  const OptionUse* use = Last(name);
  if (use == nullptr) return {};
  return use->values;
}

std::vector<std::string> ParsedOptions::AllValues(std::string_view name) const {
  std::vector<std::string> values;
  for (const OptionUse& use : uses_) {
    const auto& names = use.option->names;
    if (std::ranges::find(names, name) == names.end()) continue;
    values.insert(values.end(), use.values.begin(), use.values.end());
  }
  return values;
}

std::optional<std::string> ParsedOptions::Value(std::string_view name) const {
  const OptionUse* use = Last(name);
  if (use == nullptr || use->values.empty()) return std::nullopt;
  return use->values.back();
}

namespace {

// "-5", "-0.5", "-.5": words that look like options but are values.
bool IsNegativeNumber(std::string_view word) {
  if (word.size() < 2 || word[0] != '-') return false;
  size_t digits = 0;
  size_t points = 0;
  for (char c : word.substr(1)) {
    if (std::isdigit(static_cast<unsigned char>(c)))
      ++digits;
    else if (c == '.')
      ++points;
    else
      return false;
  }
  return points <= 1 && digits > 0 && word.back() != '.';
}

std::string Quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

Status ArgumentError(const OptionDef& option, const std::string& what) {
  return Status(StatusCode::kUsage, "argument " + option.Label() + ": " + what);
}

// True if `word` is one more value of an option that already has one.
bool TakesAnother(const OptionDef& option, std::string_view word) {
  switch (option.arity) {
    case ArgumentCount::kFlag:
    case ArgumentCount::kCount:
    case ArgumentCount::kOne:
    case ArgumentCount::kOptional:
      return false;
    case ArgumentCount::kOneOrMore:
    case ArgumentCount::kAny:
      return true;
    case ArgumentCount::kChoices:
      return std::ranges::find(option.choices, word) != option.choices.end();
  }
  return false;
}

class Parser {
 public:
  explicit Parser(const OptionGroups& groups) {
    for (const OptionGroup* group : groups) {
      for (const OptionDef& option : group->options) {
        (option.positional() ? positionals_ : options_).push_back(&option);
        groups_[&option] = group;
      }
    }
  }

  Result<ParsedOptions> Parse(std::span<const std::string> arguments);

 private:
  // What a word is: a value, an option (null if unknown), or the mark that ends the options.
  struct Word {
    enum class Kind { kValue, kOption, kEnd } kind = Kind::kValue;
    const OptionDef* option = nullptr;
    std::string name;                           // as matched: "--atol"
    std::optional<std::string> attached_value;  // after '=', or after a short flag
  };

  const OptionDef* FindExact(std::string_view name) const;
  Result<Word> Classify(const std::string& text) const;
  Status FindByPrefix(const std::string& text, Word& word) const;
  Result<size_t> ConsumeOption(std::span<const std::string> arguments, size_t position);
  Result<size_t> ConsumePositionals(std::span<const std::string> arguments, size_t position);
  Status Use(const OptionDef& option, std::vector<std::string> values);

  std::vector<const OptionDef*> options_;
  std::vector<const OptionDef*> positionals_;
  std::map<const OptionDef*, const OptionGroup*> groups_;
  std::vector<Word> words_;
  size_t next_positional_ = 0;
  ParsedOptions parsed_;
};

const OptionDef* Parser::FindExact(std::string_view name) const {
  for (const OptionDef* option : options_) {
    if (std::ranges::find(option->names, name) != option->names.end()) return option;
  }
  return nullptr;
}

// Fills word.option if exactly one option has a name that starts so.
Status Parser::FindByPrefix(const std::string& text, Word& word) const {
  const bool is_long = text.starts_with("--");
  const size_t equals = is_long ? text.find('=') : std::string::npos;
  const std::string prefix = text.substr(0, equals);
  std::vector<std::pair<const OptionDef*, std::string_view>> matches;
  for (const OptionDef* option : options_) {
    for (std::string_view name : option->names) {
      if (name.starts_with(prefix)) matches.emplace_back(option, name);
    }
  }
  if (!is_long) {
    // A short flag with something attached: "-vq".
    if (const OptionDef* option = FindExact(text.substr(0, 2))) {
      matches.emplace_back(option, std::string_view{text}.substr(0, 2));
    }
  }
  if (std::ranges::any_of(matches, [](const auto& m) { return !m.first->assay_only; })) {
    std::erase_if(matches, [](const auto& m) { return m.first->assay_only; });
  }
  if (matches.empty()) return OkStatus();
  if (std::ranges::any_of(matches, [&](const auto& m) { return m.first != matches[0].first; })) {
    std::string names;
    for (const auto& [option, name] : matches) {
      if (!names.empty()) names += ", ";
      names += name;
    }
    return Status(StatusCode::kUsage, "ambiguous option: " + text + " could match " + names);
  }
  word.option = matches[0].first;
  word.name = matches[0].second;
  if (equals != std::string::npos) word.attached_value = text.substr(equals + 1);
  if (!is_long && word.name.size() == 2) word.attached_value = text.substr(2);
  return OkStatus();
}

Result<Parser::Word> Parser::Classify(const std::string& text) const {
  Word word;
  if (text.size() < 2 || text[0] != '-') return word;
  word.kind = Word::Kind::kOption;
  if (const OptionDef* option = FindExact(text)) {
    word.option = option;
    word.name = text;
    return word;
  }
  if (const size_t equals = text.find('='); equals != std::string::npos) {
    if (const OptionDef* option = FindExact(text.substr(0, equals))) {
      word.option = option;
      word.name = text.substr(0, equals);
      word.attached_value = text.substr(equals + 1);
      return word;
    }
  }
  ASSAY_RETURN_IF_ERROR(FindByPrefix(text, word));
  if (word.option != nullptr) return word;
  if (IsNegativeNumber(text) || text.find(' ') != std::string::npos) {
    word.kind = Word::Kind::kValue;
  }
  return word;
}

Status Parser::Use(const OptionDef& option, std::vector<std::string> values) {
  for (const std::string& value : values) {
    if (option.path != PathUse::kNone && value.empty()) {
      return ArgumentError(option, "expected a path, got an empty one");
    }
    if (option.type == ArgumentType::kInteger && !ParseWholeNumber(value)) {
      return ArgumentError(option, "invalid int value: " + Quoted(value));
    }
    if (!option.choices.empty() &&
        std::ranges::find(option.choices, value) == option.choices.end()) {
      std::string choices;
      for (std::string_view choice : option.choices) {
        if (!choices.empty()) choices += ", ";
        choices += Quoted(choice);
      }
      Status error = ArgumentError(
          option, "invalid choice: " + Quoted(value) + " (choose from " + choices + ")");
      return Status(error.code(), error.message(), DidYouMean(value, option.choices));
    }
  }
  if (option.exclusive_set != 0) {
    for (const OptionUse& other : parsed_.uses()) {
      if (other.option != &option && other.option->exclusive_set == option.exclusive_set) {
        return ArgumentError(option, "not allowed with argument " + other.option->Label());
      }
    }
  }
  parsed_.Add({&option, std::move(values), groups_[&option]});
  return OkStatus();
}

// Consumes the option at `position` and its values; returns the position after them.
Result<size_t> Parser::ConsumeOption(std::span<const std::string> arguments, size_t position) {
  Word word = words_[position];
  if (word.option == nullptr) {
    parsed_.unrecognized.push_back(arguments[position]);
    return position + 1;
  }
  const auto takes_values = [](const OptionDef& option) {
    return option.arity != ArgumentCount::kFlag && option.arity != ArgumentCount::kCount;
  };
  // Combined short flags: every letter is a flag of its own until one takes a value.
  while (word.attached_value && !takes_values(*word.option)) {
    const std::string rest = *word.attached_value;
    const bool is_short = word.name.size() == 2 && word.name[0] == '-' && word.name[1] != '-';
    const OptionDef* next =
        is_short && !rest.empty() ? FindExact("-" + rest.substr(0, 1)) : nullptr;
    if (next == nullptr) {
      return ArgumentError(*word.option, "ignored explicit argument " + Quoted(rest));
    }
    ASSAY_RETURN_IF_ERROR(Use(*word.option, {}));
    word.option = next;
    word.name = "-" + rest.substr(0, 1);
    word.attached_value.reset();
    if (rest.size() > 1) word.attached_value = rest.substr(1);
  }
  const OptionDef& option = *word.option;
  if (option.names[0] == "-h") parsed_.help_requested = true;
  ++position;
  std::vector<std::string> values;
  if (word.attached_value) {
    values.push_back(*word.attached_value);
  } else if (takes_values(option)) {
    while (position < words_.size() && words_[position].kind == Word::Kind::kValue &&
           (values.empty() || TakesAnother(option, arguments[position]))) {
      values.push_back(arguments[position++]);
    }
    if (values.empty() &&
        (option.arity == ArgumentCount::kOne || option.arity == ArgumentCount::kChoices)) {
      return ArgumentError(option, "expected one argument");
    }
    if (values.empty() && option.arity == ArgumentCount::kOneOrMore) {
      return ArgumentError(option, "expected at least one argument");
    }
  }
  ASSAY_RETURN_IF_ERROR(Use(option, std::move(values)));
  return position;
}

// Gives the words from `position` on to the positional arguments that are still open.
Result<size_t> Parser::ConsumePositionals(std::span<const std::string> arguments, size_t position) {
  while (next_positional_ < positionals_.size()) {
    const OptionDef& option = *positionals_[next_positional_];
    const bool single =
        option.arity == ArgumentCount::kOne || option.arity == ArgumentCount::kOptional;
    std::vector<std::string> values;
    size_t end = position;
    while (end < words_.size() && words_[end].kind != Word::Kind::kOption) {
      if (words_[end].kind == Word::Kind::kValue) {
        if (single && !values.empty()) break;
        values.push_back(arguments[end]);
      }
      ++end;
    }
    if (values.empty()) break;
    ASSAY_RETURN_IF_ERROR(Use(option, std::move(values)));
    ++next_positional_;
    position = end;
  }
  return position;
}

Result<ParsedOptions> Parser::Parse(std::span<const std::string> arguments) {
  bool ended = false;
  for (const std::string& argument : arguments) {
    Word word;
    if (!ended && argument == "--") {
      ended = true;
      word.kind = Word::Kind::kEnd;
    } else if (!ended) {
      ASSAY_ASSIGN_OR_RETURN(word, Classify(argument));
    }
    words_.push_back(std::move(word));
  }

  size_t position = 0;
  while (position < words_.size() && !parsed_.help_requested) {
    if (words_[position].kind == Word::Kind::kOption) {
      ASSAY_ASSIGN_OR_RETURN(position, ConsumeOption(arguments, position));
      continue;
    }
    ASSAY_ASSIGN_OR_RETURN(const size_t after, ConsumePositionals(arguments, position));
    position = after;
    while (position < words_.size() && words_[position].kind != Word::Kind::kOption) {
      if (words_[position].kind == Word::Kind::kValue) {
        parsed_.unrecognized.push_back(arguments[position]);
      }
      ++position;
    }
  }
  if (parsed_.help_requested) return std::move(parsed_);
  for (; next_positional_ < positionals_.size(); ++next_positional_) {
    const OptionDef& option = *positionals_[next_positional_];
    if (option.arity == ArgumentCount::kOne || option.arity == ArgumentCount::kOneOrMore) {
      return Status(StatusCode::kUsage, "the following arguments are required: " + option.Label());
    }
  }
  return std::move(parsed_);
}

}  // namespace

std::optional<int64_t> ParsedOptions::Integer(std::string_view name) const {
  const std::optional<std::string> value = Value(name);
  return value ? ParseWholeNumber(*value) : std::nullopt;
}

Result<ParsedOptions> ParseArguments(const OptionGroups& groups,
                                     std::span<const std::string> arguments) {
  return Parser(groups).Parse(arguments);
}

std::string NearOptions(const OptionGroups& groups, std::string_view word) {
  word = word.substr(0, word.find('='));
  std::vector<std::string_view> names;
  for (const OptionGroup* group : groups) {
    for (const OptionDef& option : group->options) {
      if (option.handling != Handling::kUsed) continue;
      for (std::string_view name : option.names) {
        if (name.starts_with("--")) names.push_back(name);
      }
    }
  }
  return DidYouMean(word, names);
}

}  // namespace assay
