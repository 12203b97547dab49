// Writes docs/operators.md from the tables of operators, tactics and known failures, or checks that
// it is what they say.
//
// usage: assay_operator_table [--write] EXPECTED_FAILURES PAGE

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ir/graph.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"
#include "tactics/tactic.h"

namespace assay {
namespace {

constexpr std::string_view kIntroduction = R"(# Operators

Every operator that Assay knows, written by `assay_operator_table` from the program's own tables: the versions of
the standard's opsets in which the operator changed (every opset from the first of them on is understood), the
element types of its first input (of its output, if it has none) in the newest of them, what the reference
computes in, and the tactics of the engine.

*Reference*: **float64**: floating-point tensors of any declared type are float64, in which the operator's examples
agree to 1e-12 or better of their largest value; typed truth then rounds to the declared type, once. **as declared**:
results are integers, bools or strings, or elements that are moved in whatever type they have. **random**: drawn
from a generator of Assay's own, so that the same seed gives the same numbers, but not those of another runtime.

*Engine*: variants for several instruction sets count as one tactic. A dash means `cpu.any.float64`, which runs
the reference's kernel and is named in every report; operators on strings, sequences and optionals and those with
bodies run outside plans. What `lower-contrib-operators` ([passes](passes.md)) rewrites has the tactics of what it becomes.

*Types*: floats are float32, float64, float16 and bfloat16; float8, float4, float6 and the like are narrow
floats; integers have 8 to 64 bits, narrow integers 2 or 4.
)";

using Reasons = std::map<std::string, std::map<std::string, int>>;  // operator: reason: cases

bool ContainsAll(DTypeSet set, DTypeSet part) {
  for (int i = 1; i < kDTypeCount; ++i) {
    const auto dtype = static_cast<DType>(i);
    if (part.Contains(dtype) && !set.Contains(dtype)) return false;
  }
  return true;
}

std::string TypesInShort(DTypeSet set) {
  constexpr std::pair<std::string_view, DTypeSet> kGroups[] = {
      {"all", kAllTypes},
      {"floats", kFloats},
      {"narrow floats", kNarrowFloats},
      {"float8", kFloat8s},
      {"integers", kIntegers},
      {"signed integers", kSignedIntegers},
      {"unsigned integers", kUnsignedIntegers},
      {"narrow integers", kNarrowIntegers},
      {"complex", kComplexes},
      {"bool", kBools},
      {"string", kStrings},
  };
  std::vector<std::string> names;
  std::set<DType> named;
  for (const auto& [name, group] : kGroups) {
    if (!ContainsAll(set, group)) continue;
    bool is_new = false;
    for (int i = 1; i < kDTypeCount; ++i) {
      const auto dtype = static_cast<DType>(i);
      if (group.Contains(dtype)) is_new |= named.insert(dtype).second;
    }
    if (is_new) names.emplace_back(name);
  }
  for (int i = 1; i < kDTypeCount; ++i) {
    const auto dtype = static_cast<DType>(i);
    if (set.Contains(dtype) && !named.contains(dtype)) names.emplace_back(DTypeName(dtype));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string TypesOf(const OpSchema& schema) {
  if (!schema.inputs.empty()) return TypesInShort(schema.inputs[0].types);
  return schema.outputs.empty() ? "" : TypesInShort(schema.outputs[0].types);
}

std::string VersionsOf(const OpDef& op) {
  std::set<int> versions;
  for (const OpSchema& schema : op.schemas) {
    versions.insert(schema.since);
    versions.insert(schema.also_since.begin(), schema.also_since.end());
  }
  return fmt::format("{}", fmt::join(versions, ", "));
}

std::string_view ReferenceOf(const OpDef& op) {
  if (op.random) return "random";
  if (op.moves_values) return "as declared";
  for (const FormalParam& output : op.schemas.back().outputs) {
    for (int i = 1; i < kDTypeCount; ++i) {
      const auto dtype = static_cast<DType>(i);
      if (output.types.Contains(dtype) && IsFloating(dtype)) return "float64";
    }
  }
  return "as declared";
}

// "cpu.conv.product.f32.avx512" without the instruction set.
std::string WithoutInstructionSet(std::string_view name) {
  for (const std::string_view set : {".avx512", ".avx2", ".portable"}) {
    if (name.ends_with(set)) return std::string(name.substr(0, name.size() - set.size()));
  }
  return std::string(name);
}

std::string TacticsOf(const OpDef& op) {
  std::vector<std::string> names;
  for (const Tactic* tactic : AllTactics()) {
    if (tactic->op == "*" || !IsFor(*tactic, op.domain, op.name)) continue;
    std::string name = fmt::format("`{}`", WithoutInstructionSet(tactic->name));
    if (std::find(names.begin(), names.end(), name) == names.end())
      names.push_back(std::move(name));
  }
  return names.empty() ? "-" : fmt::format("{}", fmt::join(names, ", "));
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

// The operator of a case "test_<operator>_<what>"; nullptr if there is none.
const OpDef* OperatorOfCase(std::string_view name) {
  if (!name.starts_with("test_")) return nullptr;
  name.remove_prefix(5);
  const std::string first = Lower(name.substr(0, name.find('_')));
  for (const OpDef* op : AllOps()) {
    if (op->domain != kFusedDomain && Lower(op->name) == first) return op;
  }
  return nullptr;
}

std::optional<Reasons> ReadReasons(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) {
    fmt::print(stderr, "cannot read {}\n", path.string());
    return std::nullopt;
  }
  Reasons reasons;
  for (std::string line; std::getline(file, line);) {
    const size_t space = line.find(' ');
    if (line.starts_with('#') || space == std::string::npos) continue;
    const OpDef* op = OperatorOfCase(std::string_view(line).substr(0, space));
    if (op == nullptr) {
      fmt::print(stderr, "{}: no operator has the case \"{}\"\n", path.string(),
                 line.substr(0, space));
      return std::nullopt;
    }
    ++reasons[std::string(op->name)][line.substr(space + 1)];
  }
  return reasons;
}

std::string TableOf(std::string_view domain) {
  std::string text = "| operator | opsets | types | reference | engine |\n|---|---|---|---|---|\n";
  for (const OpDef* op : AllOps()) {
    if (op->domain != domain) continue;
    text += fmt::format("| {} | {} | {} | {} | {} |\n", op->name, VersionsOf(*op),
                        TypesOf(op->schemas.back()), ReferenceOf(*op), TacticsOf(*op));
  }
  return text;
}

std::string PageOf(const Reasons& reasons) {
  std::string text(kIntroduction);
  std::vector<std::string_view> domains;
  for (const OpDef* op : AllOps()) {
    if (domains.empty() || domains.back() != op->domain) domains.push_back(op->domain);
  }
  for (const std::string_view domain : domains) {
    const bool own = domain == kFusedDomain;
    text += fmt::format("\n## {}\n\n", domain.empty() ? "ai.onnx" : domain);
    if (own) text += "What the engine's passes make; a model cannot name them.\n\n";
    text += TableOf(domain);
  }
  text += "\n## Known differences from the onnx package's cases\n\n";
  text += "Every other case passes, each tensor rounded to its declared type.\n\n";
  for (const auto& [op, counts] : reasons) {
    for (const auto& [reason, count] : counts) {
      text += fmt::format("- {} ({} case{}): {}\n", op, count, count == 1 ? "" : "s", reason);
    }
  }
  return text;
}

std::optional<std::string> ReadAll(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

int FirstDifferingLine(std::string_view a, std::string_view b) {
  const auto [at, other] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<int>(std::count(a.begin(), at, '\n')) + 1;
}

int Main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const bool write = !arguments.empty() && arguments[0] == "--write";
  if (arguments.size() != (write ? 3U : 2U)) {
    fmt::print(stderr, "usage: assay_operator_table [--write] EXPECTED_FAILURES PAGE\n");
    return 2;
  }
  const std::string& failures = arguments[write ? 1 : 0];
  const std::string& page = arguments.back();
  const std::optional<Reasons> reasons = ReadReasons(failures);
  if (!reasons) return 2;
  const std::string text = PageOf(*reasons);
  if (write) {
    std::ofstream file(page, std::ios::binary);
    file << text;
    return file.flush() ? 0 : 2;
  }
  const std::optional<std::string> there = ReadAll(page);
  if (there == text) return 0;
  fmt::print(stderr, "{} is not what the tables say (line {}).\nhint: {} --write {} {}\n", page,
             there ? FirstDifferingLine(*there, text) : 1, argv[0], failures, page);
  return 1;
}

}  // namespace
}  // namespace assay

int main(int argc, char** argv) { return assay::Main(argc, argv); }
