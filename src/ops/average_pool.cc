#include <limits>

#include "ops/compensated_sum.h"
#include "ops/op_def.h"
#include "ops/pooling.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"X", kFloats}},
     .outputs = {{"Y", kFloats}},
     .attributes = {StringAttribute("auto_pad", "NOTSET"),
                    RequiredAttribute("kernel_shape", AttributeKind::kInts),
                    OptionalAttribute("pads", AttributeKind::kInts),
                    OptionalAttribute("strides", AttributeKind::kInts)}},
    {.since = 7,
     .inputs = {{"X", kFloats}},
     .outputs = {{"Y", kFloats}},
     .attributes = {StringAttribute("auto_pad", "NOTSET"), IntAttribute("count_include_pad", 0),
                    RequiredAttribute("kernel_shape", AttributeKind::kInts),
                    OptionalAttribute("pads", AttributeKind::kInts),
                    OptionalAttribute("strides", AttributeKind::kInts)}},
    {.since = 10,
     .also_since = {11},
     .inputs = {{"X", kFloats}},
     .outputs = {{"Y", kFloats}},
     .attributes = {StringAttribute("auto_pad", "NOTSET"), IntAttribute("ceil_mode", 0),
                    IntAttribute("count_include_pad", 0),
                    RequiredAttribute("kernel_shape", AttributeKind::kInts),
                    OptionalAttribute("pads", AttributeKind::kInts),
                    OptionalAttribute("strides", AttributeKind::kInts)}},
    {.since = 19,
     .also_since = {22},
     .inputs = {{"X", kFloats}},
     .outputs = {{"Y", kFloats}},
     .attributes = {StringAttribute("auto_pad", "NOTSET"), IntAttribute("ceil_mode", 0),
                    IntAttribute("count_include_pad", 0),
                    OptionalAttribute("dilations", AttributeKind::kInts),
                    RequiredAttribute("kernel_shape", AttributeKind::kInts),
                    OptionalAttribute("pads", AttributeKind::kInts),
                    OptionalAttribute("strides", AttributeKind::kInts)}},
};

// With count_include_pad a window is divided by its taps inside input and padding; the part of it
// that ceil_mode lets hang over the padding never counts.
Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Pooling pooling, ResolvePooling(context));
  const bool include_pad =
      context.HasAttribute("count_include_pad") && context.Int("count_include_pad") != 0;
  const std::span<const double> in = context.Doubles(0);
  const auto out = context.AllocateOutput(0, pooling.output).mutable_data<double>();
  const WindowWalk& walk = pooling.walk;
  const int64_t in_plane = walk.input_count();
  const int64_t out_plane = walk.output_count();
  pooling.ForEachWindow(context.threads(), [&](int64_t plane, int64_t at) {
    const double* data = in.data() + plane * in_plane;
    CompensatedSum sum;
    int64_t count = 0;
    walk.ForEachTap(at, [&](int64_t offset) {
      sum.Add(data[offset]);
      ++count;
    });
    if (include_pad) count = walk.PaddedTapCount(at);
    // A window that lies in the padding alone averages nothing; it gives 0 as its padding does.
    out[static_cast<size_t>(plane * out_plane + at)] =
        count == 0 ? 0.0 : sum.value() / static_cast<double>(count);
  });
  return OkStatus();
}

using Ints = std::vector<int64_t>;

void Cases(std::vector<OpCase>& cases) {
  const double inf = std::numeric_limits<double>::infinity();
  const Tensor row = Tensor::Of<float>({1, 1, 5}, {1, 2, 3, 4, 5});
  const Tensor square = Tensor::Of<float>({1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  cases.push_back({.name = "plain_opset1",
                   .opset = 1,
                   .attributes = {{"kernel_shape", Ints{2, 2}}},
                   .inputs = {square},
                   .expected = {Tensor::Of<float>({1, 1, 2, 2}, {3, 4, 6, 7})}});
  cases.push_back({.name = "pads_do_not_count",
                   .attributes = {{"kernel_shape", Ints{3}}, {"pads", Ints{1, 1}}},
                   .inputs = {row},
                   .expected = {Tensor::Of<float>({1, 1, 5}, {1.5F, 2, 3, 4, 4.5F})}});
  cases.push_back({.name = "pads_count_opset7",
                   .opset = 7,
                   .attributes = {{"kernel_shape", Ints{3}},
                                  {"pads", Ints{1, 1}},
                                  {"count_include_pad", int64_t{1}}},
                   .inputs = {row},
                   .expected = {Tensor::Of<double>({1, 1, 5}, {1, 2, 3, 4, 3})}});
  cases.push_back({.name = "ceil_mode_overhang_does_not_count",
                   .attributes = {{"kernel_shape", Ints{3}},
                                  {"strides", Ints{3}},
                                  {"pads", Ints{0, 1}},
                                  {"count_include_pad", int64_t{1}},
                                  {"ceil_mode", int64_t{1}}},
                   .inputs = {Tensor::Of<float>({1, 1, 4}, {1, 2, 3, 4})},
                   .expected = {Tensor::Of<float>({1, 1, 2}, {2, 2})}});
  cases.push_back(
      {.name = "ceil_mode_opset10",
       .opset = 10,
       .attributes = {{"kernel_shape", Ints{2}}, {"strides", Ints{2}}, {"ceil_mode", int64_t{1}}},
       .inputs = {row},
       .expected = {Tensor::Of<float>({1, 1, 3}, {1.5F, 3.5F, 5})}});
  cases.push_back({.name = "dilations",
                   .attributes = {{"kernel_shape", Ints{2, 2}}, {"dilations", Ints{2, 1}}},
                   .inputs = {square},
                   .expected = {Tensor::Of<float>({1, 1, 1, 2}, {4.5F, 5.5F})}});
  cases.push_back({.name = "same_upper",
                   .attributes = {{"kernel_shape", Ints{2}},
                                  {"strides", Ints{2}},
                                  {"auto_pad", std::string("SAME_UPPER")}},
                   .inputs = {row},
                   .expected = {Tensor::Of<float>({1, 1, 3}, {1.5F, 3.5F, 5})}});
  cases.push_back({.name = "same_lower_with_pads_counted",
                   .attributes = {{"kernel_shape", Ints{2}},
                                  {"strides", Ints{2}},
                                  {"count_include_pad", int64_t{1}},
                                  {"auto_pad", std::string("SAME_LOWER")}},
                   .inputs = {row},
                   .expected = {Tensor::Of<float>({1, 1, 3}, {0.5F, 2.5F, 4.5F})}});
  cases.push_back({.name = "infinity",
                   .attributes = {{"kernel_shape", Ints{2}}},
                   .inputs = {Tensor::Of<double>({1, 1, 3}, {-inf, 1, 2})},
                   .expected = {Tensor::Of<double>({1, 1, 2}, {-inf, 1.5})}});
  cases.push_back({.name = "empty_batch",
                   .attributes = {{"kernel_shape", Ints{2}}},
                   .inputs = {Tensor::Of<float>({0, 1, 3}, {})},
                   .expected = {Tensor::Of<float>({0, 1, 2}, {})}});
}

}  // namespace

extern const OpDef kAveragePool;
const OpDef kAveragePool = {.name = "AveragePool",
                            .schemas = kSchemas,
                            .infer = InferPooling,
                            .reference = Reference,
                            .cases = Cases};

}  // namespace assay
