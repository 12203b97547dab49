#include "ops/optimizer.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "ops/axis_lines.h"
#include "ops/scalar_input.h"

namespace assay {
namespace {

// Number of tensors that are optimised; an error unless the inputs come in whole groups and the
// outputs match them.
Result<int> TensorCount(const OpContext& context, int states) {
  const int groups = states + 2;
  const int given = context.input_count() - 2;
  const int count = given / groups;
  if (count < 1 || given % groups != 0) {
    return OpContext::Invalid(
        fmt::format("number of tensors: expected a multiple of {} (values, gradients, {}), got {}",
                    groups, states == 1 ? "one state" : "two states", given));
  }
  for (int i = 2; i < context.input_count(); ++i) {
    if (!context.HasInput(i)) return OpContext::Invalid(fmt::format("input {} is left out", i));
  }
  const int outputs = count * (states + 1);
  if (context.output_count() == outputs) return count;
  return OpContext::Invalid(fmt::format("number of outputs: expected {} for {} tensors, got {}",
                                        outputs, count, context.output_count()));
}

// Input of group `group` (0: X, 1: gradient, then states) for tensor k.
int InputIndex(int group, int count, int k) { return 2 + group * count + k; }

Status ShapesDiffer(int i, const std::string& got, int x, const std::string& expected) {
  return OpContext::Invalid(
      fmt::format("shape of input {}: expected {} as of input {}, got {}", i, expected, x, got));
}

}  // namespace

Status InferOptimizer(InferContext& context, int states) {
  ASSAY_ASSIGN_OR_RETURN(const int count, TensorCount(context, states));
  ASSAY_RETURN_IF_ERROR(CheckScalarInput(context, 0));
  ASSAY_RETURN_IF_ERROR(CheckScalarInput(context, 1));
  for (int k = 0; k < count; ++k) {
    const int x = InputIndex(0, count, k);
    for (int group = 0; group < states + 2; ++group) {
      const int i = InputIndex(group, count, k);
      if (group != 1) context.CopyInput(i, (group == 0 ? 0 : group - 1) * count + k);
      const SymbolicShape* expected = context.InputShape(x);
      const SymbolicShape* shape = context.InputShape(i);
      if (expected == nullptr || shape == nullptr) continue;
      bool fits = shape->size() == expected->size();
      for (size_t axis = 0; fits && axis < shape->size(); ++axis) {
        fits = !(*shape)[axis].IsKnown() || !(*expected)[axis].IsKnown() ||
               (*shape)[axis].value() == (*expected)[axis].value();
      }
      if (!fits) return ShapesDiffer(i, ToString(*shape), x, ToString(*expected));
    }
  }
  return OkStatus();
}

Result<OptimizerProgress> ReadProgress(const ReferenceContext& context) {
  OptimizerProgress progress;
  ASSAY_ASSIGN_OR_RETURN(progress.learning_rate, DoubleScalar(context, 0));
  ASSAY_ASSIGN_OR_RETURN(progress.updates, IntegerScalar(context, 1));
  return progress;
}

Status EvaluateOptimizer(ReferenceContext& context, int states, OptimizerUpdate update) {
  ASSAY_ASSIGN_OR_RETURN(const int count, TensorCount(context, states));
  for (int k = 0; k < count; ++k) {
    const int x = InputIndex(0, count, k);
    const Shape& shape = context.Input(x).shape();
    std::vector<const double*> in;
    std::vector<double*> out;
    for (int group = 0; group < states + 2; ++group) {
      const int i = InputIndex(group, count, k);
      if (context.Input(i).shape() != shape) {
        return ShapesDiffer(i, context.Input(i).shape().ToString(), x, shape.ToString());
      }
      in.push_back(context.Doubles(i).data());
      if (group == 1) continue;
      Tensor& output = context.AllocateOutput((group == 0 ? 0 : group - 1) * count + k, shape);
      out.push_back(output.mutable_data<double>().data());
    }
    ForEachSlice(context.threads(), shape.elements(), 1, [&](int64_t i) {
      OptimizerElement element = {.x = in[0][i], .gradient = in[1][i]};
      for (size_t s = 0; s + 2 < in.size(); ++s) element.states[s] = in[s + 2][i];
      update(element);
      out[0][i] = element.x;
      for (size_t s = 0; s + 1 < out.size(); ++s) out[s + 1][i] = element.states[s];
    });
  }
  return OkStatus();
}

}  // namespace assay
