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
    {.since = 3,
     .inputs = kInputs,
     .outputs = kOutputs,
     .attributes = {OptionalAttribute("activation_alpha", AttributeKind::kFloats),
                    OptionalAttribute("activation_beta", AttributeKind::kFloats),
                    OptionalAttribute("activations", AttributeKind::kStrings),
                    OptionalAttribute("clip", AttributeKind::kFloat),
                    StringAttribute("direction", "forward"),
                    OptionalAttribute("hidden_size", AttributeKind::kInt),
                    IntAttribute("linear_before_reset", 0), IntAttribute("output_sequence", 0)}},
    {.since = 7,
     .inputs = kInputs,
     .outputs = kOutputs,
     .attributes = {OptionalAttribute("activation_alpha", AttributeKind::kFloats),
                    OptionalAttribute("activation_beta", AttributeKind::kFloats),
                    OptionalAttribute("activations", AttributeKind::kStrings),
                    OptionalAttribute("clip", AttributeKind::kFloat),
                    StringAttribute("direction", "forward"),
                    OptionalAttribute("hidden_size", AttributeKind::kInt),
                    IntAttribute("linear_before_reset", 0)}},
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
                    IntAttribute("layout", 0), IntAttribute("linear_before_reset", 0)}},
};

// Gates in the order z (update), r (reset), h (hidden).
class Cell {
 public:
  Cell(ReferenceContext& context, const Recurrent& recurrent, bool linear_before_reset)
      : context_(context),
        recurrent_(recurrent),
        linear_before_reset_(linear_before_reset),
        hidden_(static_cast<size_t>(recurrent.hidden)),
        gates_(static_cast<size_t>(recurrent.batch) * 3 * hidden_),
        reset_(static_cast<size_t>(recurrent.batch) * hidden_),
        candidate_(static_cast<size_t>(recurrent.batch) * hidden_) {}

  void Step(const RecurrentStep& now) {
    const auto& functions = recurrent_.activations[static_cast<size_t>(now.direction)];
    const double* weights =
        context_.Doubles(2).data() + now.direction * 3 * recurrent_.hidden * recurrent_.hidden;
    const double* bias = nullptr;
    if (context_.HasInput(3)) {
      bias = context_.Doubles(3).data() + (now.direction * 6 + 5) * recurrent_.hidden;
    }
    MultiplyState(context_, recurrent_, now.hidden, weights, 3 * recurrent_.hidden, gates_);
    // reset_ holds the reset gate or, by default, what it leaves of the hidden state.
    for (size_t i = 0; i < now.hidden.size(); ++i) {
      const size_t at = i / hidden_ * 3 * hidden_ + hidden_ + i % hidden_;
      const double r = functions[0](now.input_gates[at] + gates_[at]);
      reset_[i] = linear_before_reset_ ? r : r * now.hidden[i];
    }
    if (!linear_before_reset_) {
      MultiplyState(context_, recurrent_, reset_,
                    weights + 2 * recurrent_.hidden * recurrent_.hidden, recurrent_.hidden,
                    candidate_);
    }
    for (size_t i = 0; i < now.hidden.size(); ++i) {
      if (now.running[i / hidden_] == 0) continue;
      const size_t at = i / hidden_ * 3 * hidden_ + i % hidden_;
      const double b = bias == nullptr ? 0 : bias[i % hidden_];
      const double recurrence =
          linear_before_reset_ ? reset_[i] * (gates_[at + 2 * hidden_] + b) : candidate_[i] + b;
      const double h = functions[1](now.input_gates[at + 2 * hidden_] + recurrence);
      const double z = functions[0](now.input_gates[at] + gates_[at]);
      now.hidden[i] = (1 - z) * h + z * now.hidden[i];
    }
  }

 private:
  ReferenceContext& context_;
  const Recurrent& recurrent_;
  bool linear_before_reset_;
  size_t hidden_;
  std::vector<double> gates_;
  std::vector<double> reset_;
  std::vector<double> candidate_;
};

Status Reference(ReferenceContext& context) {
  constexpr std::string_view kDefaults[] = {"Sigmoid", "Tanh"};
  ASSAY_ASSIGN_OR_RETURN(const Recurrent recurrent, ResolveRecurrent(context, 3, kDefaults));
  const bool linear_before_reset =
      context.HasAttribute("linear_before_reset") && context.Int("linear_before_reset") != 0;
  Cell cell(context, recurrent, linear_before_reset);
  RunRecurrent(context, recurrent,
               {.gates = 3,
                .late_biases = 1,
                .begin = [](int64_t) {},
                .step = [&](const RecurrentStep& now) { cell.Step(now); },
                .end = [](int64_t) {}});
  return OkStatus();
}

}  // namespace

void GruCases(std::vector<OpCase>& cases);

extern const OpDef kGRU;
const OpDef kGRU = {.name = "GRU",
                    .schemas = kSchemas,
                    .infer = InferRecurrent,
                    .reference = Reference,
                    .cases = GruCases};

}  // namespace assay
