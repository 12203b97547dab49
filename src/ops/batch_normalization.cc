#include <cmath>
#include <vector>

#include "ops/axis_lines.h"
#include "ops/cases.h"
#include "ops/channel_normalization.h"
#include "ops/moments.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr AttributeDef kEpsilon = FloatAttribute("epsilon", 1e-5F);
constexpr AttributeDef kMomentum = FloatAttribute("momentum", 0.9F);
constexpr AttributeDef kIsTest = IntAttribute("is_test", 0);
constexpr AttributeDef kSpatial = IntAttribute("spatial", 1);

constexpr OpSchema SchemaWithSavedMoments(int since, InlineList<AttributeDef, 24> attributes) {
  const DTypeSet types = kBasicFloats;
  return {since,
          {},
          {{"X", types}, {"scale", types}, {"B", types}, {"mean", types}, {"var", types}},
          {{"Y", types},
           {"mean", types, Arity::kOptional},
           {"var", types, Arity::kOptional},
           {"saved_mean", types, Arity::kOptional},
           {"saved_var", types, Arity::kOptional}},
          attributes};
}

constexpr OpSchema kSchemas[] = {
    SchemaWithSavedMoments(1, {RequiredAttribute("consumed_inputs", AttributeKind::kInts), kEpsilon,
                               kIsTest, kMomentum, kSpatial}),
    SchemaWithSavedMoments(6, {kEpsilon, kIsTest, kMomentum, kSpatial}),
    SchemaWithSavedMoments(7, {kEpsilon, kMomentum, kSpatial}),
    SchemaWithSavedMoments(9, {kEpsilon, kMomentum}),
    {.since = 14,
     .also_since = {15},
     .inputs = {{"X", kFloats},
                {"scale", kFloats},
                {"B", kFloats},
                {"input_mean", kFloats},
                {"input_var", kFloats}},
     .outputs = {{"Y", kFloats},
                 {"running_mean", kFloats, Arity::kOptional},
                 {"running_var", kFloats, Arity::kOptional}},
     .attributes = {kEpsilon, kMomentum, IntAttribute("training_mode", 0)}},
};

bool WantsMoments(const OpContext& context) {
  for (int i = 1; i < context.output_count(); ++i) {
    if (context.WantsOutput(i)) return true;
  }
  return false;
}

// Before opset 14 a node trains if more than the first output is asked for (and `is_test` is not
// set); since then an attribute says so.
bool IsTraining(const OpContext& context) {
  if (context.opset() >= 14) return context.Int("training_mode") != 0;
  if (context.opset() < 7 && context.Int("is_test") != 0) return false;
  return WantsMoments(context);
}

// Without it every element of an instance is a channel of its own.
bool IsSpatial(const OpContext& context) {
  return context.opset() >= 9 || context.Int("spatial") != 0;
}

Status Infer(InferContext& context) {
  if (context.opset() < 14) ASSAY_RETURN_IF_ERROR(context.RequireSameTypes());
  if (context.opset() >= 14 && WantsMoments(context) && !IsTraining(context)) {
    return OpContext::Invalid("number of outputs: expected 1 outside training, got more",
                              "set training_mode, or leave the outputs out");
  }
  context.CopyInput(0, 0);
  std::optional<SymbolicShape> moments;
  if (IsSpatial(context)) {
    const Dim channels = InferredChannels(context);
    constexpr std::string_view kNames[] = {"", "scale", "B", "mean", "var"};
    for (int i = 1; i < 5; ++i) {
      ASSAY_RETURN_IF_ERROR(InferParameter(context, i, kNames[i], channels));
    }
    moments = SymbolicShape{channels};
  } else if (const SymbolicShape* mean = context.InputShape(3)) {
    moments = *mean;
  }
  for (int i = 1; i < context.output_count(); ++i) {
    context.SetOutput(i, context.InputType(3), moments);
  }
  return OkStatus();
}

Moments MomentsOfChannel(const double* x, const ChannelView& view, int64_t channel) {
  return MomentsOf(view.batch * view.inner, [&](auto&& visit) {
    for (int64_t n = 0; n < view.batch; ++n) {
      const double* plane = x + (n * view.channels + channel) * view.inner;
      for (int64_t i = 0; i < view.inner; ++i) visit(plane[i]);
    }
  });
}

// Writes the running moments (outputs 1 and 2) and, before opset 14, those of the batch.
void WriteMoments(ReferenceContext& context, const std::vector<Moments>& current) {
  const double momentum = context.Float("momentum");
  for (int i = 1; i < context.output_count(); ++i) {
    if (!context.WantsOutput(i)) continue;
    const bool is_mean = i % 2 == 1;
    const std::span<const double> before = context.Doubles(is_mean ? 3 : 4);
    const std::span<double> out =
        context.AllocateOutput(i, context.Input(3).shape()).mutable_data<double>();
    for (size_t c = 0; c < out.size(); ++c) {
      const double now = is_mean ? current[c].mean : current[c].variance;
      out[c] = i <= 2 ? before[c] * momentum + now * (1 - momentum) : now;
    }
  }
}

Status Reference(ReferenceContext& context) {
  const Shape& shape = context.Input(0).shape();
  ChannelView view = ChannelsOf(shape);
  if (!IsSpatial(context)) view = {view.batch, view.channels * view.inner, 1};
  constexpr std::string_view kNames[] = {"", "scale", "B", "mean", "var"};
  for (int i = 1; i < 5; ++i) {
    ASSAY_RETURN_IF_ERROR(CheckParameter(context, i, kNames[i], view.channels));
  }
  const double* x = context.Doubles(0).data();
  std::vector<Moments> moments(static_cast<size_t>(view.channels));
  if (IsTraining(context)) {
    ForEachSlice(context.threads(), view.channels, view.batch * view.inner, [&](int64_t c) {
      moments[static_cast<size_t>(c)] = MomentsOfChannel(x, view, c);
    });
  } else {
    for (size_t c = 0; c < moments.size(); ++c) {
      moments[c] = {context.Doubles(3)[c], context.Doubles(4)[c]};
    }
  }
  WriteMoments(context, moments);
  const double epsilon = context.Float("epsilon");
  const double* scale = context.Doubles(1).data();
  const double* bias = context.Doubles(2).data();
  double* y = context.AllocateOutput(0, shape).mutable_data<double>().data();
  ForEachSlice(context.threads(), view.planes(), view.inner, [&](int64_t plane) {
    const int64_t c = plane % view.channels;
    const Moments& own = moments[static_cast<size_t>(c)];
    const double factor = own.InverseDeviation(epsilon);
    for (int64_t i = plane * view.inner; i < (plane + 1) * view.inner; ++i) {
      y[i] = scale[c] * ((x[i] - own.mean) * factor) + bias[c];
    }
  });
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor input =
      Tensor::Of<double>({2, 2, 3}, {1, -2, 0.5, 3, 0, 3.5, -1.5, 2.25, 0.75, -0.25, 4, 1});
  const std::vector<Attribute> training = {{"momentum", 0.75F}, {"training_mode", int64_t{1}}};
  cases.push_back(
      {.name = "inference",
       .inputs = {input, Tensor::Vector<double>({2, -1}), Tensor::Vector<double>({0.5, 0}),
                  Tensor::Vector<double>({0.25, 1}), Tensor::Vector<double>({2, 0.5})},
       .expected = {Tensor::Of<double>(
           {2, 2, 3},
           {1.5606575201394024, -2.6819725604182074, 0.8535525067131342, -2.828398840899914,
            1.414199420449957, -3.535498551124893, -1.974867546991939, 3.328420053705073,
            1.2071050134262684, 1.7677492755624464, -4.242598261349872, 0})}});
  cases.push_back(
      {.name = "inference_epsilon",
       .attributes = {{"epsilon", 0.5F}},
       .inputs = {input, Tensor::Vector<double>({2, -1}), Tensor::Vector<double>({0.5, 0}),
                  Tensor::Vector<double>({0.25, 1}), Tensor::Vector<double>({2, 0.5})},
       .expected = {Tensor::Of<double>(
           {2, 2, 3},
           {1.4486832980505138, -2.3460498941515415, 0.8162277660168379, -2, 1, -2.5,
            -1.7135943621178655, 3.0298221281347035, 1.1324555320336758, 1.25, -3, 0})}});
  cases.push_back(
      {.name = "training",
       .attributes = training,
       .inputs = {input, Tensor::Vector<double>({2, -1}), Tensor::Vector<double>({0.5, 0}),
                  Tensor::Vector<double>({0.25, 1}), Tensor::Vector<double>({2, 0.5})},
       .expected = {Tensor::Of<double>(
                        {2, 2, 3}, {1.634093328696904, -2.4486426546119504, 0.9536373314787616,
                                    -0.6640894496902178, 1.1068157494836963, -0.9592403162192034,
                                    -1.7681866573938079, 3.3352333217422596, 1.2938653300878327,
                                    1.254391182748189, -1.254391182748189, 0.5165140164257249}),
                    Tensor::Vector<double>({0.22916666666666666, 1.21875}),
                    Tensor::Vector<double>({2.0399305555555554, 1.0924479166666667})}});
  cases.push_back(
      {.name = "rank_1_is_one_channel",
       .inputs = {Tensor::Vector<double>({1, 2, 3}), Tensor::Vector<double>({2}),
                  Tensor::Vector<double>({1}), Tensor::Vector<double>({2}),
                  Tensor::Vector<double>({4})},
       .expected = {Tensor::Vector<double>({1.249997624677345e-06, 1, 1.9999987500023753})}});
  cases.push_back(
      {.name = "rank_2",
       .inputs = {Tensor::Of<double>({2, 2}, {1, 2, 3, 4}), Tensor::Vector<double>({2, -1}),
                  Tensor::Vector<double>({0.5, 0}), Tensor::Vector<double>({0.25, 1}),
                  Tensor::Vector<double>({2, 0.5})},
       .expected = {Tensor::Of<double>({2, 2}, {1.5606575201394024, -1.414199420449957,
                                                4.389077573844475, -4.242598261349872})}});
  cases.push_back(
      {.name = "opset_9_training_by_outputs",
       .opset = 9,
       .attributes = {{"momentum", 0.75F}},
       .inputs = {input, Tensor::Vector<double>({2, -1}), Tensor::Vector<double>({0.5, 0}),
                  Tensor::Vector<double>({0.25, 1}), Tensor::Vector<double>({2, 0.5})},
       .expected = {Tensor::Of<double>(
                        {2, 2, 3}, {1.634093328696904, -2.4486426546119504, 0.9536373314787616,
                                    -0.6640894496902178, 1.1068157494836963, -0.9592403162192034,
                                    -1.7681866573938079, 3.3352333217422596, 1.2938653300878327,
                                    1.254391182748189, -1.254391182748189, 0.5165140164257249}),
                    Tensor::Vector<double>({0.22916666666666666, 1.21875}),
                    Tensor::Vector<double>({2.0399305555555554, 1.0924479166666667}),
                    Tensor::Vector<double>({0.16666666666666666, 1.875}),
                    Tensor::Vector<double>({2.1597222222222223, 2.8697916666666665})}});
  cases.push_back(
      {.name = "opset_9_inference",
       .opset = 9,
       .inputs = {input, Tensor::Vector<double>({2, -1}), Tensor::Vector<double>({0.5, 0}),
                  Tensor::Vector<double>({0.25, 1}), Tensor::Vector<double>({2, 0.5})},
       .expected = {Tensor::Of<double>(
           {2, 2, 3},
           {1.5606575201394024, -2.6819725604182074, 0.8535525067131342, -2.828398840899914,
            1.414199420449957, -3.535498551124893, -1.974867546991939, 3.328420053705073,
            1.2071050134262684, 1.7677492755624464, -4.242598261349872, 0})}});
  cases.push_back(
      {.name = "opset_7_per_activation",
       .opset = 7,
       .attributes = {{"spatial", int64_t{0}}},
       .inputs = {input, Tensor::Of<double>({2, 3}, {1, 2, 3, -1, 0.5, 1}),
                  Tensor::Of<double>({2, 3}, {0, 1, 0, -1, 2, 0.5}),
                  Tensor::Of<double>({2, 3}, {0, 0.5, 1, -1, 0.25, 2}),
                  Tensor::Of<double>({2, 3}, {1, 2, 0.5, 4, 1, 3})},
       .expected = {Tensor::Of<double>(
           {2, 2, 3},
           {0.999995000037626, -2.5355250671313416, -2.121299130674936, -2.9999975000047505,
            1.8750006249952968, 1.3660239604124105, -1.499992500056439, 3.474867546991939,
            -1.060649565337468, -1.3749995312508907, 3.8749906250705486, -0.07734930694160705})}});
  cases.push_back(
      {.name = "opset_6_test",
       .opset = 6,
       .attributes = {{"is_test", int64_t{1}}},
       .inputs = {input, Tensor::Vector<double>({2, -1}), Tensor::Vector<double>({0.5, 0}),
                  Tensor::Vector<double>({0.25, 1}), Tensor::Vector<double>({2, 0.5})},
       .expected = {Tensor::Of<double>(
           {2, 2, 3},
           {1.5606575201394024, -2.6819725604182074, 0.8535525067131342, -2.828398840899914,
            1.414199420449957, -3.535498551124893, -1.974867546991939, 3.328420053705073,
            1.2071050134262684, 1.7677492755624464, -4.242598261349872, 0})}});
  cases.push_back(
      {.name = "opset_6_training",
       .opset = 6,
       .attributes = {{"momentum", 0.75F}},
       .inputs = {input, Tensor::Vector<double>({2, -1}), Tensor::Vector<double>({0.5, 0}),
                  Tensor::Vector<double>({0.25, 1}), Tensor::Vector<double>({2, 0.5})},
       .expected = {Tensor::Of<double>(
                        {2, 2, 3}, {1.634093328696904, -2.4486426546119504, 0.9536373314787616,
                                    -0.6640894496902178, 1.1068157494836963, -0.9592403162192034,
                                    -1.7681866573938079, 3.3352333217422596, 1.2938653300878327,
                                    1.254391182748189, -1.254391182748189, 0.5165140164257249}),
                    Tensor::Vector<double>({0.22916666666666666, 1.21875}),
                    Tensor::Vector<double>({2.0399305555555554, 1.0924479166666667}),
                    Tensor::Vector<double>({0.16666666666666666, 1.875}),
                    Tensor::Vector<double>({2.1597222222222223, 2.8697916666666665})}});
  cases.push_back(
      {.name = "opset_1_test",
       .opset = 1,
       .attributes = {{"is_test", int64_t{1}},
                      {"consumed_inputs", std::vector<int64_t>{0, 0, 0, 1, 1}}},
       .inputs = {input, Tensor::Vector<double>({2, -1}), Tensor::Vector<double>({0.5, 0}),
                  Tensor::Vector<double>({0.25, 1}), Tensor::Vector<double>({2, 0.5})},
       .expected = {Tensor::Of<double>(
           {2, 2, 3},
           {1.5606575201394024, -2.6819725604182074, 0.8535525067131342, -2.828398840899914,
            1.414199420449957, -3.535498551124893, -1.974867546991939, 3.328420053705073,
            1.2071050134262684, 1.7677492755624464, -4.242598261349872, 0})}});
  cases.push_back({.name = "empty",
                   .inputs = {Tensor::Of<float>({0, 2, 3}, {}), Tensor::Vector<float>({1, 1}),
                              Tensor::Vector<float>({1, 1}), Tensor::Vector<float>({1, 1}),
                              Tensor::Vector<float>({1, 1})},
                   .expected = {Tensor::Of<float>({0, 2, 3}, {})}});
}

}  // namespace

extern const OpDef kBatchNormalization;
const OpDef kBatchNormalization = {.name = "BatchNormalization",
                                   .schemas = kSchemas,
                                   .infer = Infer,
                                   .reference = Reference,
                                   .cases = Cases};

}  // namespace assay
