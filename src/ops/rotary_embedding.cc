#include <fmt/format.h>

#include "ops/attention_product.h"
#include "ops/attention_sizes.h"
#include "ops/axis_lines.h"
#include "ops/cases.h"
#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr DTypeSet kTypes = DTypeSet::Of(DType::kFloat32, DType::kFloat16, DType::kBFloat16);

constexpr OpSchema kSchemas[] = {
    {.since = 23,
     .inputs = {{"X", kTypes},
                {"cos_cache", kTypes},
                {"sin_cache", kTypes},
                {"position_ids", kInt64Only, Arity::kOptional}},
     .outputs = {{"Y", kTypes}},
     .attributes = {IntAttribute("interleaved", 0),
                    OptionalAttribute("num_heads", AttributeKind::kInt),
                    IntAttribute("rotary_embedding_dim", 0)}},
};

struct Sizes {
  Dim batch;
  Dim heads;
  Dim length;
  Dim depth;   // of a head
  Dim turned;  // leading elements of a head that are rotated
};

Result<Sizes> SizesOfInput(const OpContext& context, const SymbolicShape& x) {
  Sizes sizes;
  if (x.size() == 3) {
    ASSAY_ASSIGN_OR_RETURN(sizes.heads, HeadCount(context, "num_heads"));
    ASSAY_ASSIGN_OR_RETURN(sizes.depth, ExtentOfHead(x[2], sizes.heads, "X"));
    sizes.batch = x[0];
    sizes.length = x[1];
  } else if (x.size() == 4) {
    sizes = {.batch = x[0], .heads = x[1], .length = x[2], .depth = x[3], .turned = {}};
    if (context.HasAttribute("num_heads") && context.Int("num_heads") != 0) {
      ASSAY_RETURN_IF_ERROR(
          Agree(sizes.heads, context.Int("num_heads"), "attribute \"num_heads\""));
    }
  } else {
    return OpContext::Invalid("X: expected rank 3 or 4, got shape " + ToString(x));
  }
  return sizes;
}

Status CheckTurned(const OpContext& context, Sizes& sizes) {
  const int64_t turned = context.Int("rotary_embedding_dim");
  sizes.turned = turned == 0 ? sizes.depth : Dim(turned);
  const bool too_many = sizes.depth.IsKnown() && turned > sizes.depth.value();
  if (turned < 0 || too_many) {
    return OpContext::Invalid(fmt::format(
        "attribute \"rotary_embedding_dim\": expected 0 to {}, the depth of a head, got "
        "{}",
        sizes.depth.ToString(), turned));
  }
  if (!sizes.turned.IsKnown() || sizes.turned.value() % 2 == 0) return OkStatus();
  return OpContext::Invalid(fmt::format(
      "rotated elements of a head: expected an even number, got {}", sizes.turned.value()));
}

// A cache is (positions, turned / 2) if there are position_ids, else (batch, length, turned / 2).
Status CheckCache(const OpContext& context, const SymbolicShape& cache, std::string_view name,
                  Sizes& sizes) {
  const size_t rank = context.HasInput(3) ? 2 : 3;
  if (cache.size() != rank) {
    return OpContext::Invalid(fmt::format("{}: expected rank {} {} position_ids, got shape {}",
                                          name, rank, rank == 2 ? "with" : "without",
                                          ToString(cache)));
  }
  if (rank == 3) {
    ASSAY_RETURN_IF_ERROR(Agree(sizes.batch, cache[0], fmt::format("batch of {}", name)));
    ASSAY_RETURN_IF_ERROR(Agree(sizes.length, cache[1], fmt::format("length of {}", name)));
  }
  Dim half = FloorDivide(sizes.turned, 2);
  return Agree(half, cache.back(), fmt::format("last axis of {}", name));
}

// Shapes are nullptr where they are not known; x is.
Result<Sizes> CheckedSizes(const OpContext& context, const SymbolicShape& x,
                           const SymbolicShape* cosines, const SymbolicShape* sines,
                           const SymbolicShape* positions) {
  ASSAY_ASSIGN_OR_RETURN(Sizes sizes, SizesOfInput(context, x));
  ASSAY_RETURN_IF_ERROR(CheckTurned(context, sizes));
  if (cosines != nullptr) {
    ASSAY_RETURN_IF_ERROR(CheckCache(context, *cosines, "cos_cache", sizes));
  }
  if (sines != nullptr) ASSAY_RETURN_IF_ERROR(CheckCache(context, *sines, "sin_cache", sizes));
  if (cosines != nullptr && sines != nullptr) {
    Dim rows = (*cosines)[0];
    ASSAY_RETURN_IF_ERROR(Agree(rows, (*sines)[0], "first axis of sin_cache"));
  }
  if (positions == nullptr) return sizes;
  if (positions->size() != 2) {
    return OpContext::Invalid("position_ids: expected rank 2, got shape " + ToString(*positions));
  }
  ASSAY_RETURN_IF_ERROR(Agree(sizes.batch, (*positions)[0], "batch of position_ids"));
  ASSAY_RETURN_IF_ERROR(Agree(sizes.length, (*positions)[1], "length of position_ids"));
  return sizes;
}

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({0, 1, 2}));
  context.CopyInput(0, 0);
  if (context.InputShape(0) == nullptr) return OkStatus();
  return CheckedSizes(context, *context.InputShape(0), context.InputShape(1), context.InputShape(2),
                      context.InputShape(3))
      .status();
}

// Row of the caches for every token of every sample.
Result<std::vector<int64_t>> CacheRows(const ReferenceContext& context, int64_t tokens) {
  std::vector<int64_t> rows(static_cast<size_t>(tokens));
  if (!context.HasInput(3)) {
    for (size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<int64_t>(i);
    return rows;
  }
  rows = context.IntValues(3);
  const int64_t positions = context.Input(1).shape()[0];
  for (int64_t row : rows) {
    if (row >= 0 && row < positions) continue;
    return OpContext::Invalid(
        fmt::format("position_ids: expected values in [0, {}), got {}", positions, row));
  }
  return rows;
}

Status Reference(ReferenceContext& context) {
  const Shape& shape = context.Input(0).shape();
  const SymbolicShape cosine_shape = ToSymbolic(context.Input(1).shape());
  const SymbolicShape sine_shape = ToSymbolic(context.Input(2).shape());
  SymbolicShape positions;
  if (context.HasInput(3)) positions = ToSymbolic(context.Input(3).shape());
  ASSAY_ASSIGN_OR_RETURN(const Sizes sizes,
                         CheckedSizes(context, ToSymbolic(shape), &cosine_shape, &sine_shape,
                                      context.HasInput(3) ? &positions : nullptr));
  const int64_t heads = sizes.heads.value();
  const int64_t length = sizes.length.value();
  const int64_t depth = sizes.depth.value();
  const int64_t half = sizes.turned.value() / 2;
  ASSAY_ASSIGN_OR_RETURN(const std::vector<int64_t> cache_rows,
                         CacheRows(context, sizes.batch.value() * length));
  const HeadStrides strides = HeadStrides::Of(heads, length, depth, shape.rank() == 3);
  const bool interleaved = context.Int("interleaved") != 0;
  const int64_t step = interleaved ? 2 : 1;
  const int64_t partner = interleaved ? 1 : half;
  const double* cosines = context.Doubles(1).data();
  const double* sines = context.Doubles(2).data();
  const double* in = context.Doubles(0).data();
  double* out = context.AllocateOutput(0, shape).mutable_data<double>().data();
  const auto rotate = [&](int64_t row) {
    const int64_t sample = row / length / heads;
    const int64_t head = row / length % heads;
    const int64_t token = row % length;
    const int64_t start = sample * strides.batch + head * strides.head + token * strides.row;
    const int64_t cache = cache_rows[static_cast<size_t>(sample * length + token)] * half;
    for (int64_t i = 0; i < half; ++i) {
      const int64_t at = start + i * step;
      const double c = cosines[cache + i];
      const double s = sines[cache + i];
      out[at] = c * in[at] - s * in[at + partner];
      out[at + partner] = s * in[at] + c * in[at + partner];
    }
    for (int64_t at = start + 2 * half; at < start + depth; ++at) out[at] = in[at];
  };
  ForEachSlice(context.threads(), sizes.batch.value() * heads * length, depth, rotate);
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Attribute interleaved{"interleaved", int64_t{1}};
  // One head of depth 4 at two positions.
  const Tensor x = Tensor::Of<float>({1, 1, 2, 4}, {5, 10, 15, 20, 1, 2, 3, 4});
  const Tensor cosines = Tensor::Of<float>({1, 2, 2}, {0.5F, 0, 1, 0});
  const Tensor sines = Tensor::Of<float>({1, 2, 2}, {0.25F, 1, 0, 1});
  cases.push_back(
      {.name = "halves",
       .inputs = {x, cosines, sines},
       .expected = {Tensor::Of<float>({1, 1, 2, 4}, {-1.25F, -20, 8.75F, 10, 1, -4, 3, 2})}});
  cases.push_back(
      {.name = "interleaved",
       .attributes = {interleaved},
       .inputs = {x, cosines, sines},
       .expected = {Tensor::Of<float>({1, 1, 2, 4}, {0, 6.25F, -20, 15, 1, 2, -4, 3})}});
  cases.push_back(
      {.name = "the_rest_stays",
       .attributes = {{"rotary_embedding_dim", int64_t{2}}, interleaved},
       .inputs = {x, Tensor::Of<float>({1, 2, 1}, {0, 2}), Tensor::Of<float>({1, 2, 1}, {1, -1})},
       .expected = {Tensor::Of<float>({1, 1, 2, 4}, {-10, 5, 15, 20, 4, 3, 3, 4})}});
  cases.push_back(
      {.name = "position_ids",
       .inputs = {Tensor::Of<float>({2, 1, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}),
                  Tensor::Of<float>({3, 1}, {1, 0, 2}), Tensor::Of<float>({3, 1}, {0, 1, 0}),
                  Tensor::Of<int64_t>({2, 2}, {0, 1, 2, 1})},
       .expected = {Tensor::Of<float>({2, 1, 2, 2}, {1, 2, -4, 3, 10, 12, -8, 7})}});
  cases.push_back(
      {.name = "packed_heads",
       .attributes = {{"num_heads", int64_t{2}}},
       .inputs = {Tensor::Of<float>({1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8}),
                  Tensor::Of<float>({1, 2, 1}, {0, 2}), Tensor::Of<float>({1, 2, 1}, {1, 0})},
       .expected = {Tensor::Of<float>({1, 2, 4}, {-2, 1, -4, 3, 10, 12, 14, 16})}});
  cases.push_back({.name = "heads_share_angles",
                   .attributes = {{"num_heads", int64_t{2}}},
                   .inputs = {Tensor::Of<float>({1, 2, 1, 2}, {1, 2, 3, 4}),
                              Tensor::Of<float>({1, 1, 1}, {0}), Tensor::Of<float>({1, 1, 1}, {1})},
                   .expected = {Tensor::Of<float>({1, 2, 1, 2}, {-2, 1, -4, 3})}});
  cases.push_back({.name = "empty",
                   .inputs = {Tensor::Of<float>({2, 3, 0, 4}, {}), Tensor::Of<float>({2, 0, 2}, {}),
                              Tensor::Of<float>({2, 0, 2}, {})},
                   .expected = {Tensor::Of<float>({2, 3, 0, 4}, {})}});
}

}  // namespace

extern const OpDef kRotaryEmbedding;
const OpDef kRotaryEmbedding = {.name = "RotaryEmbedding",
                                .schemas = kSchemas,
                                .infer = Infer,
                                .reference = Reference,
                                .cases = Cases};

}  // namespace assay
