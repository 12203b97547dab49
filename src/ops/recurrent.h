#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"

namespace assay {

inline constexpr DTypeSet kSequenceLengths = DTypeSet::Of(DType::kInt32);

// An activation function with its alpha and beta bound and the node's clip applied to its argument.
using Activation = std::function<double(double)>;

// Extents of an RNN, GRU or LSTM node.
struct Recurrent {
  int64_t steps = 0;
  int64_t batch = 0;
  int64_t features = 0;
  int64_t hidden = 0;
  int64_t directions = 1;
  bool first_direction_is_reverse = false;
  bool batch_first = false;      // attribute layout
  std::vector<int64_t> lengths;  // of every sequence of the batch, in steps
  // Per direction, in the order of the equations of the standard.
  std::vector<std::vector<Activation>> activations;

  bool IsReverse(int64_t direction) const { return direction == 1 || first_direction_is_reverse; }
};

// Checks inputs X, W, R, B, sequence_lens and initial_h (0 to 5) of a cell with `gates` gates and
// reads the attributes. `defaults` names the activations of one direction. Errors: kInvalidInput.
Result<Recurrent> ResolveRecurrent(const ReferenceContext& context, int64_t gates,
                                   std::span<const std::string_view> defaults);

// Shapes of Y, Y_h and, where the node has it, Y_c.
Status InferRecurrent(InferContext& context);

// Checks that input `index`, if it is there, has the shape of a state (initial_h, initial_c).
Status CheckState(const ReferenceContext& context, const Recurrent& recurrent, int index);

// One direction under way: states are (batch, hidden).
struct RecurrentStep {
  int64_t direction = 0;
  // What the input and all biases give the gates at this step, (batch, gates * hidden).
  std::span<const double> input_gates;
  std::span<double> hidden;
  // Sequences that are still running at this step.
  std::span<const char> running;
};

// Runs all directions and steps. `begin(direction, hidden)` is called before the first step of a
// direction with its initial hidden state; `step` advances `hidden` of the running sequences;
// `end(direction)` is called after the last. Writes Y and Y_h. The recurrence biases are added to
// the input's part, except those of the last `late_biases` gates.
struct RecurrentCell {
  int64_t gates = 1;
  int64_t late_biases = 0;
  std::function<void(int64_t direction)> begin;
  std::function<void(const RecurrentStep&)> step;
  std::function<void(int64_t direction)> end;
};
void RunRecurrent(ReferenceContext& context, const Recurrent& recurrent, const RecurrentCell& cell);

// result (batch, rows) = state (batch, hidden) * matrix^T, where matrix is (rows, hidden).
void MultiplyState(ReferenceContext& context, const Recurrent& recurrent,
                   std::span<const double> state, const double* matrix, int64_t rows,
                   std::span<double> result);

// State (batch, hidden) of one direction: input `index`, or zeros if it is left out.
std::vector<double> InitialState(const ReferenceContext& context, const Recurrent& recurrent,
                                 int index, int64_t direction);
// Writes a state to its place in output `index`, a tensor of StateShape.
Shape StateShape(const Recurrent& recurrent);
void StoreState(const Recurrent& recurrent, int64_t direction, std::span<const double> state,
                std::span<double> output);

}  // namespace assay
