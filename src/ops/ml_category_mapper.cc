#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

#include "ops/infer_context.h"
#include "ops/ml_encoding.h"
#include "ops/ml_features.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"X", kLabelTypes}},
     .outputs = {{"Y", kLabelTypes}},
     .attributes = {OptionalAttribute("cats_int64s", AttributeKind::kInts),
                    OptionalAttribute("cats_strings", AttributeKind::kStrings),
                    IntAttribute("default_int64", -1),
                    StringAttribute("default_string", "_Unused")}},
};

Result<Encoding> EncodingOf(const OpContext& context, DType input) {
  const Tensor integers = Tensor::Vector(context.Ints("cats_int64s"));
  const Tensor strings = Tensor::Vector(context.Strings("cats_strings"));
  if (integers.elements() != strings.elements()) {
    return OpContext::Invalid(
        fmt::format("attributes \"cats_int64s\" and \"cats_strings\": expected one length, got {} "
                    "and {}",
                    integers.elements(), strings.elements()));
  }
  if (input == DType::kString) {
    return Encoding{strings, integers, Tensor::Scalar(context.Int("default_int64"))};
  }
  return Encoding{integers, strings, Tensor::Scalar(context.String("default_string"))};
}

Status Infer(InferContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Encoding encoding, EncodingOf(context, context.InputType(0)));
  std::optional<SymbolicShape> shape;
  if (const SymbolicShape* input = context.InputShape(0)) shape = *input;
  context.SetOutput(0, encoding.values.dtype(), std::move(shape));
  return OkStatus();
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Encoding encoding, EncodingOf(context, context.DeclaredInput(0)));
  return Encode(context, encoding);
}

void Cases(std::vector<OpCase>& cases) {
  const std::vector<Attribute> categories = {
      {"cats_int64s", std::vector<int64_t>{1, -2, 30}},
      {"cats_strings", std::vector<std::string>{"one", "minus two", "thirty"}}};
  std::vector<Attribute> with_defaults = categories;
  with_defaults.push_back({"default_int64", int64_t{99}});
  with_defaults.push_back({"default_string", std::string("none")});
  const Tensor strings = Tensor::Of<std::string>({2, 2}, {"thirty", "", "one", "minus two"});
  const Tensor integers = Tensor::Vector<int64_t>({30, 2, -2});
  cases.push_back({.name = "strings",
                   .attributes = categories,
                   .inputs = {strings},
                   .expected = {Tensor::Of<int64_t>({2, 2}, {30, -1, 1, -2})}});
  cases.push_back({.name = "strings_default",
                   .attributes = with_defaults,
                   .inputs = {strings},
                   .expected = {Tensor::Of<int64_t>({2, 2}, {30, 99, 1, -2})}});
  cases.push_back({.name = "integers",
                   .attributes = categories,
                   .inputs = {integers},
                   .expected = {Tensor::Vector<std::string>({"thirty", "_Unused", "minus two"})}});
  cases.push_back({.name = "integers_default",
                   .attributes = with_defaults,
                   .inputs = {integers},
                   .expected = {Tensor::Vector<std::string>({"thirty", "none", "minus two"})}});
  cases.push_back({.name = "empty",
                   .attributes = categories,
                   .inputs = {Tensor::Of<std::string>({0}, {})},
                   .expected = {Tensor::Of<int64_t>({0}, {})}});
}

}  // namespace

extern const OpDef kMlCategoryMapper;
const OpDef kMlCategoryMapper = {.name = "CategoryMapper",
                                 .domain = kMlDomain,
                                 .schemas = kSchemas,
                                 .infer = Infer,
                                 .reference = Reference,
                                 .cases = Cases};

}  // namespace assay
