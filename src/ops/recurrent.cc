#include "ops/recurrent.h"

#include <fmt/format.h>

#include <algorithm>

#include "ops/matrix_product.h"
#include "ops/recurrent_activation.h"

namespace assay {
namespace {

bool IsBatchFirst(const OpContext& context) {
  return context.HasAttribute("layout") && context.Int("layout") != 0;
}

Result<int64_t> CountDirections(const OpContext& context) {
  const std::string direction = context.String("direction");
  if (direction == "forward" || direction == "reverse") return 1;
  if (direction == "bidirectional") return 2;
  return OpContext::Invalid(
      fmt::format("attribute \"direction\": expected forward, reverse or bidirectional, got \"{}\"",
                  direction));
}

Status CheckShape(const ReferenceContext& context, int index, std::string_view name,
                  const Shape& expected) {
  if (!context.HasInput(index) || context.Input(index).shape() == expected) return OkStatus();
  return OpContext::Invalid(fmt::format("{}: expected shape {}, got {}", name, expected.ToString(),
                                        context.Input(index).shape().ToString()));
}

Status ReadActivations(const ReferenceContext& context, std::span<const std::string_view> defaults,
                       Recurrent& recurrent) {
  std::vector<std::string> names = context.Strings("activations");
  const size_t expected = defaults.size() * static_cast<size_t>(recurrent.directions);
  if (names.empty()) {
    for (int64_t d = 0; d < recurrent.directions; ++d) {
      names.insert(names.end(), defaults.begin(), defaults.end());
    }
  }
  // RNN's own default in the standard lists two directions whatever the direction is.
  if (names.size() < expected) {
    return OpContext::Invalid(fmt::format("attribute \"activations\": expected {} names, got {}",
                                          expected, names.size()));
  }
  names.resize(expected);
  std::optional<double> clip;
  if (context.HasAttribute("clip")) clip = context.Float("clip");
  ASSAY_ASSIGN_OR_RETURN(const std::vector<Activation> all,
                         BindActivations(names, context.Floats("activation_alpha"),
                                         context.Floats("activation_beta"), clip));
  for (size_t begin = 0; begin < all.size(); begin += defaults.size()) {
    const auto first = all.begin() + static_cast<std::ptrdiff_t>(begin);
    recurrent.activations.emplace_back(first, first + static_cast<std::ptrdiff_t>(defaults.size()));
  }
  return OkStatus();
}

Status ReadLengths(const ReferenceContext& context, Recurrent& recurrent) {
  recurrent.lengths.assign(static_cast<size_t>(recurrent.batch), recurrent.steps);
  if (!context.HasInput(4)) return OkStatus();
  ASSAY_RETURN_IF_ERROR(CheckShape(context, 4, "sequence_lens", {recurrent.batch}));
  recurrent.lengths = context.IntValues(4);
  for (int64_t length : recurrent.lengths) {
    if (length >= 0 && length <= recurrent.steps) continue;
    return OpContext::Invalid(
        fmt::format("sequence_lens: expected values in [0, {}], got {}", recurrent.steps, length));
  }
  return OkStatus();
}

// Row of a (steps, batch) or (batch, steps) stack of vectors.
int64_t RowOf(const Recurrent& recurrent, int64_t step, int64_t sequence) {
  return recurrent.batch_first ? sequence * recurrent.steps + step
                               : step * recurrent.batch + sequence;
}

// Row of a (directions, batch) or (batch, directions) stack.
int64_t StateRow(const Recurrent& recurrent, int64_t direction, int64_t sequence) {
  return recurrent.batch_first ? sequence * recurrent.directions + direction
                               : direction * recurrent.batch + sequence;
}

// Row of Y: (steps, directions, batch) or (batch, steps, directions).
int64_t OutputRow(const Recurrent& recurrent, int64_t step, int64_t direction, int64_t sequence) {
  return recurrent.batch_first
             ? (sequence * recurrent.steps + step) * recurrent.directions + direction
             : (step * recurrent.directions + direction) * recurrent.batch + sequence;
}

// What all inputs of one direction give the gates: X * W^T + Wb + Rb, rows as X has them.
std::vector<double> InputGates(const ReferenceContext& context, const Recurrent& recurrent,
                               const RecurrentCell& cell, int64_t direction) {
  const int64_t width = cell.gates * recurrent.hidden;
  const double* weights = context.Doubles(1).data() + direction * width * recurrent.features;
  const double* x = context.Doubles(0).data();
  std::vector<double> gates(static_cast<size_t>(recurrent.steps * recurrent.batch * width));
  Gemm({.rows = recurrent.steps * recurrent.batch,
        .columns = width,
        .depth = recurrent.features,
        .left =
            [&](int64_t) {
              return MatrixView{x, recurrent.features};
            },
        .right = RowsOf([&](int64_t) {
          return MatrixView{weights, 1, recurrent.features};
        }),
        .result = [&](int64_t) { return gates.data(); },
        .result_row_stride = width},
       context.threads());
  if (!context.HasInput(3)) return gates;
  const double* input_bias = context.Doubles(3).data() + direction * 2 * width;
  const double* hidden_bias = input_bias + width;
  const int64_t early = width - cell.late_biases * recurrent.hidden;
  for (int64_t at = 0; at < static_cast<int64_t>(gates.size()); ++at) {
    const int64_t column = at % width;
    gates[static_cast<size_t>(at)] +=
        input_bias[column] + (column < early ? hidden_bias[column] : 0);
  }
  return gates;
}

void RunDirection(ReferenceContext& context, const Recurrent& recurrent, const RecurrentCell& cell,
                  int64_t direction, std::span<double> y, std::span<double> y_hidden) {
  const int64_t width = cell.gates * recurrent.hidden;
  const std::vector<double> all = InputGates(context, recurrent, cell, direction);
  std::vector<double> hidden = InitialState(context, recurrent, 5, direction);
  std::vector<double> input_gates(static_cast<size_t>(recurrent.batch * width));
  std::vector<char> running(static_cast<size_t>(recurrent.batch));
  const int64_t longest = recurrent.lengths.empty() ? 0
                                                    : *std::max_element(recurrent.lengths.begin(),
                                                                        recurrent.lengths.end());
  cell.begin(direction);
  for (int64_t s = 0; s < longest; ++s) {
    const auto step_of = [&](int64_t sequence) {
      const int64_t length = recurrent.lengths[static_cast<size_t>(sequence)];
      return recurrent.IsReverse(direction) ? length - 1 - s : s;
    };
    for (int64_t b = 0; b < recurrent.batch; ++b) {
      running[static_cast<size_t>(b)] = s < recurrent.lengths[static_cast<size_t>(b)] ? 1 : 0;
      if (running[static_cast<size_t>(b)] == 0) continue;
      std::copy_n(all.data() + RowOf(recurrent, step_of(b), b) * width, width,
                  input_gates.data() + b * width);
    }
    cell.step({direction, input_gates, hidden, running});
    for (int64_t b = 0; b < recurrent.batch && !y.empty(); ++b) {
      if (running[static_cast<size_t>(b)] == 0) continue;
      const int64_t row = OutputRow(recurrent, step_of(b), direction, b);
      std::copy_n(hidden.data() + b * recurrent.hidden, recurrent.hidden,
                  y.data() + row * recurrent.hidden);
    }
  }
  cell.end(direction);
  if (!y_hidden.empty()) StoreState(recurrent, direction, hidden, y_hidden);
}

}  // namespace

Result<Recurrent> ResolveRecurrent(const ReferenceContext& context, int64_t gates,
                                   std::span<const std::string_view> defaults) {
  const Shape& x = context.Input(0).shape();
  const Shape& r = context.Input(2).shape();
  if (x.rank() != 3 || r.rank() != 3) {
    return OpContext::Invalid(
        fmt::format("X and R: expected rank 3, got shapes {} and {}", x.ToString(), r.ToString()));
  }
  Recurrent recurrent = {.features = x[2], .hidden = r[2], .batch_first = IsBatchFirst(context)};
  recurrent.steps = x[recurrent.batch_first ? 1 : 0];
  recurrent.batch = x[recurrent.batch_first ? 0 : 1];
  ASSAY_ASSIGN_OR_RETURN(recurrent.directions, CountDirections(context));
  recurrent.first_direction_is_reverse = context.String("direction") == "reverse";
  const int64_t width = gates * recurrent.hidden;
  ASSAY_RETURN_IF_ERROR(
      CheckShape(context, 1, "W", {recurrent.directions, width, recurrent.features}));
  ASSAY_RETURN_IF_ERROR(
      CheckShape(context, 2, "R", {recurrent.directions, width, recurrent.hidden}));
  ASSAY_RETURN_IF_ERROR(CheckShape(context, 3, "B", {recurrent.directions, 2 * width}));
  if (context.HasAttribute("hidden_size") && context.Int("hidden_size") != recurrent.hidden) {
    return OpContext::Invalid(fmt::format("attribute \"hidden_size\": expected {}, got {}",
                                          recurrent.hidden, context.Int("hidden_size")));
  }
  ASSAY_RETURN_IF_ERROR(ReadLengths(context, recurrent));
  ASSAY_RETURN_IF_ERROR(CheckState(context, recurrent, 5));
  ASSAY_RETURN_IF_ERROR(ReadActivations(context, defaults, recurrent));
  return recurrent;
}

Status InferRecurrent(InferContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const int64_t directions, CountDirections(context));
  const bool batch_first = IsBatchFirst(context);
  Dim steps;
  Dim batch;
  Dim hidden;
  if (const SymbolicShape* x = context.InputShape(0)) {
    if (x->size() != 3) return OpContext::Invalid("X: expected rank 3, got " + ToString(*x));
    steps = (*x)[batch_first ? 1 : 0];
    batch = (*x)[batch_first ? 0 : 1];
  }
  if (context.HasAttribute("hidden_size")) {
    hidden = context.Int("hidden_size");
  } else if (const SymbolicShape* r = context.InputShape(2); r && r->size() == 3) {
    hidden = (*r)[2];
  }
  const DType dtype = context.InputType(0);
  const SymbolicShape state = batch_first ? SymbolicShape{batch, directions, hidden}
                                          : SymbolicShape{directions, batch, hidden};
  context.SetOutput(0, dtype,
                    batch_first ? SymbolicShape{batch, steps, directions, hidden}
                                : SymbolicShape{steps, directions, batch, hidden});
  context.SetOutput(1, dtype, state);
  context.SetOutput(2, dtype, state);
  return OkStatus();
}

Shape StateShape(const Recurrent& recurrent) {
  return recurrent.batch_first ? Shape{recurrent.batch, recurrent.directions, recurrent.hidden}
                               : Shape{recurrent.directions, recurrent.batch, recurrent.hidden};
}

Status CheckState(const ReferenceContext& context, const Recurrent& recurrent, int index) {
  return CheckShape(context, index, "initial state", StateShape(recurrent));
}

std::vector<double> InitialState(const ReferenceContext& context, const Recurrent& recurrent,
                                 int index, int64_t direction) {
  std::vector<double> state(static_cast<size_t>(recurrent.batch * recurrent.hidden), 0.0);
  if (!context.HasInput(index)) return state;
  for (int64_t b = 0; b < recurrent.batch; ++b) {
    std::copy_n(
        context.Doubles(index).data() + StateRow(recurrent, direction, b) * recurrent.hidden,
        recurrent.hidden, state.data() + b * recurrent.hidden);
  }
  return state;
}

void StoreState(const Recurrent& recurrent, int64_t direction, std::span<const double> state,
                std::span<double> output) {
  for (int64_t b = 0; b < recurrent.batch; ++b) {
    std::copy_n(state.data() + b * recurrent.hidden, recurrent.hidden,
                output.data() + StateRow(recurrent, direction, b) * recurrent.hidden);
  }
}

void MultiplyState(ReferenceContext& context, const Recurrent& recurrent,
                   std::span<const double> state, const double* matrix, int64_t rows,
                   std::span<double> result) {
  Gemm({.rows = recurrent.batch,
        .columns = rows,
        .depth = recurrent.hidden,
        .left =
            [&](int64_t) {
              return MatrixView{state.data(), recurrent.hidden};
            },
        .right = RowsOf([&](int64_t) {
          return MatrixView{matrix, 1, recurrent.hidden};
        }),
        .result = [&](int64_t) { return result.data(); },
        .result_row_stride = rows},
       context.threads());
}

void RunRecurrent(ReferenceContext& context, const Recurrent& recurrent,
                  const RecurrentCell& cell) {
  std::span<double> y;
  std::span<double> y_hidden;
  if (context.WantsOutput(0)) {
    const Shape shape =
        recurrent.batch_first
            ? Shape{recurrent.batch, recurrent.steps, recurrent.directions, recurrent.hidden}
            : Shape{recurrent.steps, recurrent.directions, recurrent.batch, recurrent.hidden};
    y = context.AllocateOutput(0, shape).mutable_data<double>();
    std::fill(y.begin(), y.end(), 0.0);
  }
  if (context.WantsOutput(1)) {
    y_hidden = context.AllocateOutput(1, StateShape(recurrent)).mutable_data<double>();
  }
  for (int64_t direction = 0; direction < recurrent.directions; ++direction) {
    RunDirection(context, recurrent, cell, direction, y, y_hidden);
  }
}

}  // namespace assay
