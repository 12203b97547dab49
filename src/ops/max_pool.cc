#include <limits>

#include "ops/op_def.h"
#include "ops/pooling.h"
#include "ops/running_extreme.h"

namespace assay {
namespace {

constexpr DTypeSet kTypes = kFloats | DTypeSet::Of(DType::kInt8, DType::kUInt8);

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"X", kFloats}},
     .outputs = {{"Y", kFloats}},
     .attributes = {StringAttribute("auto_pad", "NOTSET"),
                    RequiredAttribute("kernel_shape", AttributeKind::kInts),
                    OptionalAttribute("pads", AttributeKind::kInts),
                    OptionalAttribute("strides", AttributeKind::kInts)}},
    {.since = 8,
     .inputs = {{"X", kFloats}},
     .outputs = {{"Y", kFloats}, {"Indices", kInt64Only, Arity::kOptional}},
     .attributes = {StringAttribute("auto_pad", "NOTSET"),
                    RequiredAttribute("kernel_shape", AttributeKind::kInts),
                    OptionalAttribute("pads", AttributeKind::kInts),
                    IntAttribute("storage_order", 0),
                    OptionalAttribute("strides", AttributeKind::kInts)}},
    {.since = 10,
     .also_since = {11, 12, 22},
     .inputs = {{"X", kTypes}},
     .outputs = {{"Y", kTypes}, {"Indices", kInt64Only, Arity::kOptional}},
     .attributes = {StringAttribute("auto_pad", "NOTSET"), IntAttribute("ceil_mode", 0),
                    OptionalAttribute("dilations", AttributeKind::kInts),
                    RequiredAttribute("kernel_shape", AttributeKind::kInts),
                    OptionalAttribute("pads", AttributeKind::kInts),
                    IntAttribute("storage_order", 0),
                    OptionalAttribute("strides", AttributeKind::kInts)}},
};

// A row-major offset inside a plane, counted column by column instead.
int64_t ColumnMajor(std::span<const WindowAxis> axes, int64_t offset) {
  int64_t scale = 1;
  for (const WindowAxis& axis : axes) scale *= axis.input;
  int64_t result = 0;
  for (size_t i = axes.size(); i-- > 0;) {
    scale /= axes[i].input;
    result += offset % axes[i].input * scale;
    offset /= axes[i].input;
  }
  return result;
}

// The first of equal maxima wins; a window that lies in the padding alone gives the lowest value
// and index -1.
template <typename T>
void Compute(ReferenceContext& context, const Pooling& pooling) {
  const std::span<const T> in = context.Input(0).data<T>();
  const std::span<T> out = context.AllocateOutput(0, pooling.output).mutable_data<T>();
  std::span<int64_t> indices;
  if (context.WantsOutput(1)) {
    indices = context.AllocateOutput(1, pooling.output).mutable_data<int64_t>();
  }
  const bool column_major =
      context.HasAttribute("storage_order") && context.Int("storage_order") != 0;
  const WindowWalk& walk = pooling.walk;
  const int64_t in_plane = walk.input_count();
  const int64_t out_plane = walk.output_count();
  pooling.ForEachWindow(context.threads(), [&](int64_t plane, int64_t at) {
    const T* data = in.data() + plane * in_plane;
    T most = LeastOf<T>();
    int64_t where = -1;
    walk.ForEachTap(at, [&](int64_t offset) {
      if (where >= 0 && !IsAbove(data[offset], most)) return;
      most = data[offset];
      where = offset;
    });
    const auto to = static_cast<size_t>(plane * out_plane + at);
    out[to] = most;
    if (indices.empty()) return;
    if (column_major && where >= 0) where = ColumnMajor(walk.axes(), where);
    indices[to] = where < 0 ? -1 : plane * in_plane + where;
  });
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Pooling pooling, ResolvePooling(context));
  const bool known = DispatchReferenceNumeric(context.Input(0).dtype(),
                                              [&]<typename T>() { Compute<T>(context, pooling); });
  if (!known) return OpContext::Unsupported("element type has no order");
  return OkStatus();
}

using Ints = std::vector<int64_t>;

void Cases(std::vector<OpCase>& cases) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  const Tensor square =
      Tensor::Of<float>({1, 1, 4, 4}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
  const Tensor row = Tensor::Of<float>({1, 1, 5}, {1, 5, 3, 2, 4});
  cases.push_back(
      {.name = "plain_opset1",
       .opset = 1,
       .attributes = {{"kernel_shape", Ints{2, 2}}},
       .inputs = {square},
       .expected = {Tensor::Of<float>({1, 1, 3, 3}, {6, 7, 8, 10, 11, 12, 14, 15, 16})}});
  cases.push_back({.name = "indices_opset8",
                   .opset = 8,
                   .attributes = {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}},
                   .inputs = {Tensor::Of<float>({1, 2, 2, 2}, {1, 3, 2, 3, 9, 1, 1, 9})},
                   .output_types = {DType::kFloat32, DType::kInt64},
                   .expected = {Tensor::Of<float>({1, 2, 1, 1}, {3, 9}),
                                Tensor::Of<int64_t>({1, 2, 1, 1}, {1, 4})}});
  cases.push_back({.name = "indices_column_major",
                   .attributes = {{"kernel_shape", Ints{2, 2}},
                                  {"strides", Ints{2, 2}},
                                  {"storage_order", int64_t{1}}},
                   .inputs = {square},
                   .output_types = {DType::kFloat32, DType::kInt64},
                   .expected = {Tensor::Of<float>({1, 1, 2, 2}, {6, 8, 14, 16}),
                                Tensor::Of<int64_t>({1, 1, 2, 2}, {5, 13, 7, 15})}});
  cases.push_back({.name = "ceil_mode",
                   .attributes = {{"kernel_shape", Ints{3, 3}},
                                  {"strides", Ints{2, 2}},
                                  {"ceil_mode", int64_t{1}}},
                   .inputs = {square},
                   .expected = {Tensor::Of<float>({1, 1, 2, 2}, {11, 12, 15, 16})}});
  cases.push_back({.name = "ceil_mode_drops_windows_that_start_in_the_end_padding",
                   .attributes = {{"kernel_shape", Ints{1}},
                                  {"strides", Ints{2}},
                                  {"pads", Ints{0, 1}},
                                  {"ceil_mode", int64_t{1}}},
                   .inputs = {Tensor::Of<float>({1, 1, 4}, {1, 2, 3, 4})},
                   .expected = {Tensor::Of<float>({1, 1, 2}, {1, 3})}});
  cases.push_back(
      {.name = "ceil_mode_window_larger_than_the_input",
       .attributes = {{"kernel_shape", Ints{3}}, {"strides", Ints{2}}, {"ceil_mode", int64_t{1}}},
       .inputs = {Tensor::Of<float>({1, 1, 2}, {1, 2})},
       .expected = {Tensor::Of<float>({1, 1, 1}, {2})}});
  cases.push_back({.name = "dilations",
                   .attributes = {{"kernel_shape", Ints{2, 2}}, {"dilations", Ints{2, 2}}},
                   .inputs = {square},
                   .expected = {Tensor::Of<float>({1, 1, 2, 2}, {11, 12, 15, 16})}});
  cases.push_back({.name = "pads_never_win",
                   .attributes = {{"kernel_shape", Ints{3}}, {"pads", Ints{1, 1}}},
                   .inputs = {Tensor::Of<float>({1, 1, 3}, {-3, -2, -1})},
                   .expected = {Tensor::Of<float>({1, 1, 3}, {-2, -1, -1})}});
  cases.push_back(
      {.name = "same_upper",
       .attributes = {{"kernel_shape", Ints{2}}, {"auto_pad", std::string("SAME_UPPER")}},
       .inputs = {row},
       .expected = {Tensor::Of<float>({1, 1, 5}, {5, 5, 3, 4, 4})}});
  cases.push_back(
      {.name = "same_lower",
       .attributes = {{"kernel_shape", Ints{2}}, {"auto_pad", std::string("SAME_LOWER")}},
       .inputs = {row},
       .expected = {Tensor::Of<float>({1, 1, 5}, {1, 5, 5, 3, 4})}});
  cases.push_back({.name = "volume",
                   .attributes = {{"kernel_shape", Ints{2, 1, 2}}},
                   .inputs = {Tensor::Of<float>({1, 1, 2, 2, 2}, {1, 2, 7, 4, 5, 6, 3, 8})},
                   .expected = {Tensor::Of<float>({1, 1, 1, 2, 1}, {6, 8})}});
  cases.push_back({.name = "special_values",
                   .attributes = {{"kernel_shape", Ints{2}}},
                   .inputs = {Tensor::Of<double>({1, 1, 5}, {-inf, -inf, nan, 1, inf})},
                   .output_types = {DType::kFloat64, DType::kInt64},
                   .expected = {Tensor::Of<double>({1, 1, 4}, {-inf, nan, nan, inf}),
                                Tensor::Of<int64_t>({1, 1, 4}, {0, 2, 2, 4})}});
  cases.push_back({.name = "uint8",
                   .opset = 12,
                   .attributes = {{"kernel_shape", Ints{2}}, {"pads", Ints{1, 0}}},
                   .inputs = {Tensor::Of<uint8_t>({1, 1, 3}, {200, 3, 7})},
                   .expected = {Tensor::Of<uint8_t>({1, 1, 3}, {200, 200, 7})}});
  cases.push_back({.name = "empty_batch",
                   .attributes = {{"kernel_shape", Ints{2}}},
                   .inputs = {Tensor::Of<float>({0, 1, 3}, {})},
                   .expected = {Tensor::Of<float>({0, 1, 2}, {})}});
}

}  // namespace

extern const OpDef kMaxPool;
const OpDef kMaxPool = {.name = "MaxPool",
                        .schemas = kSchemas,
                        .infer = InferPooling,
                        .reference = Reference,
                        .cases = Cases};

}  // namespace assay
