#include <limits>

#include "ops/lp_norm.h"
#include "ops/op_def.h"
#include "ops/pooling.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"X", kFloats}},
     .outputs = {{"Y", kFloats}},
     .attributes = {StringAttribute("auto_pad", "NOTSET"),
                    OptionalAttribute("kernel_shape", AttributeKind::kInts), FloatAttribute("p", 2),
                    OptionalAttribute("pads", AttributeKind::kInts),
                    OptionalAttribute("strides", AttributeKind::kInts)}},
    {.since = 2,
     .also_since = {11},
     .inputs = {{"X", kFloats}},
     .outputs = {{"Y", kFloats}},
     .attributes = {StringAttribute("auto_pad", "NOTSET"),
                    RequiredAttribute("kernel_shape", AttributeKind::kInts), IntAttribute("p", 2),
                    OptionalAttribute("pads", AttributeKind::kInts),
                    OptionalAttribute("strides", AttributeKind::kInts)}},
    {.since = 18,
     .also_since = {22},
     .inputs = {{"X", kFloats}},
     .outputs = {{"Y", kFloats}},
     .attributes = {StringAttribute("auto_pad", "NOTSET"), IntAttribute("ceil_mode", 0),
                    OptionalAttribute("dilations", AttributeKind::kInts),
                    RequiredAttribute("kernel_shape", AttributeKind::kInts), IntAttribute("p", 2),
                    OptionalAttribute("pads", AttributeKind::kInts),
                    OptionalAttribute("strides", AttributeKind::kInts)}},
};

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Pooling pooling, ResolvePooling(context));
  const double p = context.opset() < 2 ? context.Float("p") : static_cast<double>(context.Int("p"));
  const std::span<const double> in = context.Doubles(0);
  const auto out = context.AllocateOutput(0, pooling.output).mutable_data<double>();
  const WindowWalk& walk = pooling.walk;
  const int64_t in_plane = walk.input_count();
  const int64_t out_plane = walk.output_count();
  pooling.ForEachWindow(context.threads(), [&](int64_t plane, int64_t at) {
    LpNorm norm(p);
    walk.ForEachTap(
        at, [&](int64_t offset) { norm.Add(in[static_cast<size_t>(plane * in_plane + offset)]); });
    out[static_cast<size_t>(plane * out_plane + at)] = norm.value();
  });
  return OkStatus();
}

using Ints = std::vector<int64_t>;

void Cases(std::vector<OpCase>& cases) {
  const double inf = std::numeric_limits<double>::infinity();
  const Tensor row = Tensor::Of<float>({1, 1, 4}, {3, -4, 12, 5});
  cases.push_back({.name = "euclidean_opset1",
                   .opset = 1,
                   .attributes = {{"kernel_shape", Ints{2}}, {"strides", Ints{2}}},
                   .inputs = {row},
                   .expected = {Tensor::Of<float>({1, 1, 2}, {5, 13})}});
  cases.push_back({.name = "magnitudes_opset2",
                   .opset = 2,
                   .attributes = {{"kernel_shape", Ints{2}}, {"p", int64_t{1}}},
                   .inputs = {row},
                   .expected = {Tensor::Of<float>({1, 1, 3}, {7, 16, 17})}});
  cases.push_back({.name = "cubes_with_pads",
                   .attributes = {{"kernel_shape", Ints{2}},
                                  {"pads", Ints{1, 0}},
                                  {"strides", Ints{4}},
                                  {"p", int64_t{3}}},
                   .inputs = {row},
                   .expected = {Tensor::Of<float>({1, 1, 1}, {3})}});
  cases.push_back({.name = "dilations_and_ceil_mode",
                   .attributes = {{"kernel_shape", Ints{2}},
                                  {"dilations", Ints{2}},
                                  {"strides", Ints{2}},
                                  {"ceil_mode", int64_t{1}}},
                   .inputs = {Tensor::Of<float>({1, 1, 4}, {3, 0, 4, 0})},
                   .expected = {Tensor::Of<float>({1, 1, 2}, {5, 4})}});
  cases.push_back(
      {.name = "same_lower",
       .attributes = {{"kernel_shape", Ints{2}}, {"auto_pad", std::string("SAME_LOWER")}},
       .inputs = {row},
       .expected = {Tensor::Of<double>({1, 1, 4}, {3, 5, 12.649110640673518, 13})}});
  cases.push_back({.name = "infinity",
                   .attributes = {{"kernel_shape", Ints{2}}},
                   .inputs = {Tensor::Of<double>({1, 1, 3}, {-inf, 3, 4})},
                   .expected = {Tensor::Of<double>({1, 1, 2}, {inf, 5})}});
}

}  // namespace

extern const OpDef kLpPool;
const OpDef kLpPool = {.name = "LpPool",
                       .schemas = kSchemas,
                       .infer = InferPooling,
                       .reference = Reference,
                       .cases = Cases};

}  // namespace assay
