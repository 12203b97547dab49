#include "ops/recurrent.h"

namespace assay {
namespace {

constexpr InlineList<FormalParam, 12> kInputs = {
    {"X", kFloats},
    {"W", kFloats},
    {"R", kFloats},
    {"B", kFloats, Arity::kOptional},
    {"sequence_lens", kSequenceLengths, Arity::kOptional},
    {"initial_h", kFloats, Arity::kOptional}};
constexpr InlineList<FormalParam, 6> kOutputs = {{"Y", kFloats, Arity::kOptional},
                                                 {"Y_h", kFloats, Arity::kOptional}};

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = kInputs,
     .outputs = kOutputs,
     .attributes = {OptionalAttribute("activation_alpha", AttributeKind::kFloats),
                    OptionalAttribute("activation_beta", AttributeKind::kFloats),
                    OptionalAttribute("activations", AttributeKind::kStrings),
                    OptionalAttribute("clip", AttributeKind::kFloat),
                    StringAttribute("direction", "forward"),
                    OptionalAttribute("hidden_size", AttributeKind::kInt),
                    IntAttribute("output_sequence", 0)}},
    {.since = 7,
     .inputs = kInputs,
     .outputs = kOutputs,
     .attributes = {OptionalAttribute("activation_alpha", AttributeKind::kFloats),
                    OptionalAttribute("activation_beta", AttributeKind::kFloats),
                    OptionalAttribute("activations", AttributeKind::kStrings),
                    OptionalAttribute("clip", AttributeKind::kFloat),
                    StringAttribute("direction", "forward"),
                    OptionalAttribute("hidden_size", AttributeKind::kInt)}},
    {.since = 14,
     .also_since = {22},
     .inputs = kInputs,
     .outputs = kOutputs,
     .attributes = {OptionalAttribute("activation_alpha", AttributeKind::kFloats),
                    OptionalAttribute("activation_beta", AttributeKind::kFloats),
                    OptionalAttribute("activations", AttributeKind::kStrings),
                    OptionalAttribute("clip", AttributeKind::kFloat),
                    StringAttribute("direction", "forward"),
                    OptionalAttribute("hidden_size", AttributeKind::kInt),
                    IntAttribute("layout", 0)}},
};

// Ht = f(Xt * W^T + Ht-1 * R^T + Wb + Rb)
Status Reference(ReferenceContext& context) {
  constexpr std::string_view kDefaults[] = {"Tanh"};
  ASSAY_ASSIGN_OR_RETURN(const Recurrent recurrent, ResolveRecurrent(context, 1, kDefaults));
  const int64_t hidden = recurrent.hidden;
  std::vector<double> recurrence(static_cast<size_t>(recurrent.batch * hidden));
  const auto step = [&](const RecurrentStep& now) {
    const Activation& f = recurrent.activations[static_cast<size_t>(now.direction)][0];
    MultiplyState(context, recurrent, now.hidden,
                  context.Doubles(2).data() + now.direction * hidden * hidden, hidden, recurrence);
    for (size_t i = 0; i < now.hidden.size(); ++i) {
      if (now.running[i / static_cast<size_t>(hidden)] == 0) continue;
      now.hidden[i] = f(now.input_gates[i] + recurrence[i]);
    }
  };
  RunRecurrent(context, recurrent,
               {.gates = 1, .begin = [](int64_t) {}, .step = step, .end = [](int64_t) {}});
  return OkStatus();
}

}  // namespace

void RnnCases(std::vector<OpCase>& cases);

extern const OpDef kRNN;
const OpDef kRNN = {.name = "RNN",
                    .schemas = kSchemas,
                    .infer = InferRecurrent,
                    .reference = Reference,
                    .cases = RnnCases};

}  // namespace assay
