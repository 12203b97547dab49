#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/inline_list.h"

namespace assay {

// How many values an option takes.
enum class ArgumentCount {
  kFlag,       // none
  kCount,      // none; how often it is given counts (-vv)
  kOne,        // exactly one
  kOptional,   // at most one
  kOneOrMore,  // up to the next option
  kAny,        // up to the next option, none allowed
  kChoices,    // one, and further ones as long as they are among the choices
};

enum class ArgumentType { kText, kInteger };

// What becomes of an option that other tools know.
enum class Handling {
  kUsed,     // Assay does what it says
  kRefused,  // giving it is an error, for which `note` is the hint
  kIdle,     // it concerns something that a run of Assay does not have; giving it is a warning, and
             // `note` says why it has no effect
};

// What becomes of the path that is an option's value, which may not be empty. Paths that are
// written are checked before anything runs.
enum class PathUse {
  kNone,          // it is no path
  kReadFile,      // a file
  kReadFolder,    // a folder in which files are looked for
  kReadModel,     // a model, with the files of external data that it names
  kReadTensors,   // files or folders of inputs, outputs or pictures
  kWriteFile,     // a file
  kWriteModel,    // an ONNX model, with external data beside it
  kWriteTensors,  // a file, or a folder by its extension
  kWriteFolder,   // a folder, which is made; the default is the current one
};

// One row of the option table. Parsing, help, completion and docs/cli.md all read it. Rows are
// constant data: reading the table costs nothing at start-up.
struct OptionDef {
  // "-v", "--verbose"; all of them mean the same. A single name without dash is a positional
  // argument.
  InlineList<std::string_view, 3> names;
  ArgumentCount arity = ArgumentCount::kOne;
  std::string_view value = {};  // what stands for a value in the help: "PATH"
  std::string_view help;
  ArgumentType type = ArgumentType::kText;
  std::span<const std::string_view> choices = {};
  Handling handling = Handling::kUsed;
  std::string_view note = {};
  PathUse path = PathUse::kNone;
  int exclusive_set = 0;  // of the options with the same number, not 0, only one may be given
  // It is about an ONNX model: beside an engine file, in which all of that is settled, giving it is
  // a warning.
  bool onnx_only = false;
  // Polygraphy has no such option: a prefix that fits this one and another means the other, so that
  // abbreviations keep their meaning.
  bool assay_only = false;

  bool positional() const { return names[0][0] != '-'; }
  // As messages call it: "--atol/--abs-tol".
  std::string Label() const;
};

struct OptionGroup {
  std::string_view title;
  std::string_view description;
  std::span<const OptionDef> options;
  // Flag of the runner that alone reads them, without dashes: "onnxrt"; without that runner, giving
  // one is a warning. Empty: they do not belong to one runner.
  std::string_view runner = {};
};
using OptionGroups = std::vector<const OptionGroup*>;

}  // namespace assay
