#include <fmt/format.h>

#include "ops/recurrent.h"

namespace assay {
namespace {

constexpr InlineList<FormalParam, 12> kInputs = {
    {"X", kFloats},
    {"W", kFloats},
    {"R", kFloats},
    {"B", kFloats, Arity::kOptional},
    {"sequence_lens", kSequenceLengths, Arity::kOptional},
    {"initial_h", kFloats, Arity::kOptional},
    {"initial_c", kFloats, Arity::kOptional},
    {"P", kFloats, Arity::kOptional}};
constexpr InlineList<FormalParam, 6> kOutputs = {{"Y", kFloats, Arity::kOptional},
                                                 {"Y_h", kFloats, Arity::kOptional},
                                                 {"Y_c", kFloats, Arity::kOptional}};

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
                    IntAttribute("input_forget", 0), IntAttribute("output_sequence", 0)}},
    {.since = 7,
     .inputs = kInputs,
     .outputs = kOutputs,
     .attributes = {OptionalAttribute("activation_alpha", AttributeKind::kFloats),
                    OptionalAttribute("activation_beta", AttributeKind::kFloats),
                    OptionalAttribute("activations", AttributeKind::kStrings),
                    OptionalAttribute("clip", AttributeKind::kFloat),
                    StringAttribute("direction", "forward"),
                    OptionalAttribute("hidden_size", AttributeKind::kInt),
                    IntAttribute("input_forget", 0)}},
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
                    IntAttribute("input_forget", 0), IntAttribute("layout", 0)}},
};

// Gates in the order i (input), o (output), f (forget), c (cell); peepholes i, o, f.
class Cell {
 public:
  Cell(ReferenceContext& context, const Recurrent& recurrent)
      : context_(context),
        recurrent_(recurrent),
        coupled_(context.Int("input_forget") != 0),
        hidden_(static_cast<size_t>(recurrent.hidden)),
        gates_(static_cast<size_t>(recurrent.batch) * 4 * hidden_) {
    if (context.WantsOutput(2)) {
      y_cell_ = context.AllocateOutput(2, StateShape(recurrent)).mutable_data<double>();
    }
  }

  void Begin(int64_t direction) { cell_ = InitialState(context_, recurrent_, 6, direction); }

  void Step(const RecurrentStep& now) {
    const auto& functions = recurrent_.activations[static_cast<size_t>(now.direction)];
    const int64_t width = 4 * recurrent_.hidden;
    MultiplyState(context_, recurrent_, now.hidden,
                  context_.Doubles(2).data() + now.direction * width * recurrent_.hidden, width,
                  gates_);
    const double* peepholes = nullptr;
    if (context_.HasInput(7)) {
      peepholes = context_.Doubles(7).data() + now.direction * 3 * recurrent_.hidden;
    }
    for (size_t k = 0; k < now.hidden.size(); ++k) {
      if (now.running[k / hidden_] == 0) continue;
      const size_t unit = k % hidden_;
      const auto gate = [&](size_t which) {
        const size_t at = k / hidden_ * 4 * hidden_ + which * hidden_ + unit;
        return now.input_gates[at] + gates_[at];
      };
      const auto peephole = [&](size_t which, double state) {
        return peepholes == nullptr ? 0 : peepholes[which * hidden_ + unit] * state;
      };
      const double i = functions[0](gate(0) + peephole(0, cell_[k]));
      const double f = coupled_ ? 1 - i : functions[0](gate(2) + peephole(2, cell_[k]));
      const double c = functions[1](gate(3));
      cell_[k] = f * cell_[k] + i * c;
      const double o = functions[0](gate(1) + peephole(1, cell_[k]));
      now.hidden[k] = o * functions[2](cell_[k]);
    }
  }

  void End(int64_t direction) {
    if (!y_cell_.empty()) StoreState(recurrent_, direction, cell_, y_cell_);
  }

 private:
  ReferenceContext& context_;
  const Recurrent& recurrent_;
  bool coupled_;
  size_t hidden_;
  std::vector<double> gates_;
  std::vector<double> cell_;
  std::span<double> y_cell_;
};

Status Reference(ReferenceContext& context) {
  constexpr std::string_view kDefaults[] = {"Sigmoid", "Tanh", "Tanh"};
  ASSAY_ASSIGN_OR_RETURN(const Recurrent recurrent, ResolveRecurrent(context, 4, kDefaults));
  ASSAY_RETURN_IF_ERROR(CheckState(context, recurrent, 6));
  const Shape peepholes = {recurrent.directions, 3 * recurrent.hidden};
  if (context.HasInput(7) && context.Input(7).shape() != peepholes) {
    return OpContext::Invalid(fmt::format("P: expected shape {}, got {}", peepholes.ToString(),
                                          context.Input(7).shape().ToString()));
  }
  Cell cell(context, recurrent);
  RunRecurrent(context, recurrent,
               {.gates = 4,
                .begin = [&](int64_t direction) { cell.Begin(direction); },
                .step = [&](const RecurrentStep& now) { cell.Step(now); },
                .end = [&](int64_t direction) { cell.End(direction); }});
  return OkStatus();
}

}  // namespace

void LstmCases(std::vector<OpCase>& cases);

extern const OpDef kLSTM;
const OpDef kLSTM = {.name = "LSTM",
                     .schemas = kSchemas,
                     .infer = InferRecurrent,
                     .reference = Reference,
                     .cases = LstmCases};

}  // namespace assay
