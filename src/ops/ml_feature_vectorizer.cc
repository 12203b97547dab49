#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "ops/axis_lines.h"
#include "ops/cases.h"
#include "ops/infer_context.h"
#include "ops/ml_features.h"
#include "ops/op_def.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"X", kFeatureTypes}, {"X_1", kFeatureTypes, Arity::kVariadic}},
     .outputs = {{"Y", kFloat32Only}},
     .attributes = {OptionalAttribute("inputdimensions", AttributeKind::kInts)}},
};

// How many features the output takes of every input; without the attribute all that it has.
Status CheckWidths(const OpContext& context) {
  const std::vector<int64_t> widths = context.Ints("inputdimensions");
  if (!context.HasAttribute("inputdimensions")) return OkStatus();
  const bool fits = static_cast<int>(widths.size()) == context.input_count() &&
                    std::all_of(widths.begin(), widths.end(), [](int64_t w) { return w >= 0; });
  if (fits) return OkStatus();
  return OpContext::Invalid(fmt::format(
      "attribute \"inputdimensions\": expected one size for each of {} inputs, got [{}]",
      context.input_count(), fmt::join(widths, ", ")));
}

Status RankError(int input, const std::string& shape) {
  return OpContext::Invalid(
      fmt::format("shape of input {}: expected [N, C] or [C], got {}", input, shape));
}

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(CheckWidths(context));
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes());
  const std::vector<int64_t> given = context.Ints("inputdimensions");
  Dim rows = Dim::Unknown();
  Dim width(0);
  for (int i = 0; i < context.input_count(); ++i) {
    const SymbolicShape* shape = context.InputShape(i);
    if (shape != nullptr && (shape->empty() || shape->size() > 2)) {
      return RankError(i, ToString(*shape));
    }
    if (!given.empty()) {
      width = width + Dim(given[static_cast<size_t>(i)]);
    } else {
      width = width + (shape == nullptr ? Dim::Unknown() : shape->back());
    }
    if (shape == nullptr) continue;
    const Dim count = shape->size() == 2 ? (*shape)[0] : Dim(1);
    if (rows.IsKnown() && count.IsKnown() && rows.value() != count.value()) {
      return OpContext::Invalid(fmt::format("rows of input {}: expected {}, as others have, got {}",
                                            i, rows.value(), count.value()));
    }
    if (!rows.IsKnown()) rows = count;
  }
  context.SetOutput(0, DType::kFloat32, SymbolicShape{rows, width});
  return OkStatus();
}

struct Block {
  Tensor values;
  int64_t features = 0;
  int64_t width = 0;  // features in the output: surplus ones are cut, missing ones zero
};

Status Reference(ReferenceContext& context) {
  ASSAY_RETURN_IF_ERROR(CheckWidths(context));
  const std::vector<int64_t> given = context.Ints("inputdimensions");
  std::vector<Block> blocks;
  int64_t rows = 0;
  int64_t total = 0;
  for (int i = 0; i < context.input_count(); ++i) {
    Block block;
    ASSAY_ASSIGN_OR_RETURN(block.values, AsDoubles(context, i));
    const Shape& shape = block.values.shape();
    if (shape.rank() < 1 || shape.rank() > 2) return RankError(i, shape.ToString());
    const int64_t count = shape.rank() == 2 ? shape[0] : 1;
    if (i == 0) rows = count;
    if (count != rows) {
      return OpContext::Invalid(
          fmt::format("rows of input {}: expected {}, as others have, got {}", i, rows, count));
    }
    block.features = shape.dims().back();
    block.width = given.empty() ? block.features : given[static_cast<size_t>(i)];
    if (block.width > INT64_MAX - total) return OpContext::Invalid("the result is too large");
    total += block.width;
    blocks.push_back(std::move(block));
  }
  const Shape shape{rows, total};
  if (!shape.CheckedElements()) return OpContext::Invalid("the result is too large");
  double* out = context.AllocateOutput(0, shape).mutable_data<double>().data();
  ForEachSlice(context.threads(), rows, total, [&](int64_t row) {
    double* at = out + row * total;
    for (const Block& block : blocks) {
      const int64_t copied = std::min(block.features, block.width);
      std::copy_n(block.values.data<double>().data() + row * block.features, copied, at);
      std::fill(at + copied, at + block.width, 0.0);
      at += block.width;
    }
  });
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor three = Tensor::Of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor one = Tensor::Of<float>({2, 1}, {7, 8});
  const auto sizes = [](std::vector<int64_t> values) {
    return Attribute{"inputdimensions", std::move(values)};
  };
  cases.push_back({.name = "as_they_are",
                   .attributes = {sizes({3, 1})},
                   .inputs = {three, one},
                   .expected = {Tensor::Of<float>({2, 4}, {1, 2, 3, 7, 4, 5, 6, 8})}});
  cases.push_back({.name = "cut_and_filled_up",
                   .attributes = {sizes({2, 3})},
                   .inputs = {three, one},
                   .expected = {Tensor::Of<float>({2, 5}, {1, 2, 7, 0, 0, 4, 5, 8, 0, 0})}});
  cases.push_back({.name = "without_sizes",
                   .inputs = {three, one},
                   .expected = {Tensor::Of<float>({2, 4}, {1, 2, 3, 7, 4, 5, 6, 8})}});
  cases.push_back({.name = "vectors_are_rows",
                   .attributes = {sizes({2, 1})},
                   .inputs = {Tensor::Vector<int64_t>({1, 2}), Tensor::Of<int64_t>({1, 1}, {3})},
                   .expected = {Tensor::Of<float>({1, 3}, {1, 2, 3})}});
  cases.push_back({.name = "no_rows",
                   .attributes = {sizes({2})},
                   .inputs = {Tensor::Of<double>({0, 1}, {})},
                   .expected = {Tensor::Of<float>({0, 2}, {})}});
}

}  // namespace

extern const OpDef kMlFeatureVectorizer;
const OpDef kMlFeatureVectorizer = {.name = "FeatureVectorizer",
                                    .domain = kMlDomain,
                                    .schemas = kSchemas,
                                    .infer = Infer,
                                    .reference = Reference,
                                    .cases = Cases};

}  // namespace assay
