#include "tactics/cpu/epilogue.h"

#include <string>

namespace assay {

Activation ActivationOf(const Instance& instance, Isa isa) {
  if (instance.node().domain != "assay") return {};
  const std::string name = instance.String("activation");
  Activation activation;
  activation.alpha = instance.Float("activation_alpha");
  activation.beta = instance.Float("activation_beta");
  activation.kernels = &ElementKernelsOf(isa);
  if (name == "Relu") activation.kind = ActivationKind::kRelu;
  if (name == "Clip") activation.kind = ActivationKind::kClip;
  if (name == "LeakyRelu") activation.kind = ActivationKind::kLeakyRelu;
  if (name == "HardSigmoid") activation.kind = ActivationKind::kHardSigmoid;
  if (name == "HardSwish") activation.kind = ActivationKind::kHardSwish;
  if (name == "Sigmoid") activation.kind = ActivationKind::kSigmoid;
  if (name == "Tanh") activation.kind = ActivationKind::kTanh;
  if (name == "Gelu") activation.kind = ActivationKind::kGelu;
  if (name == "Swish") activation.kind = ActivationKind::kSilu;
  return activation;
}

Epilogue ConvolutionEpilogue(const Instance& instance, Isa isa) {
  Epilogue epilogue;
  if (instance.HasInput(2)) epilogue.bias_input = 2;
  if (instance.HasInput(3)) epilogue.residual_input = 3;
  epilogue.activation = ActivationOf(instance, isa);
  return epilogue;
}

void FinishRows(const Epilogue& epilogue, const Call& call, int64_t first_row, int64_t first_column,
                int64_t offset, int64_t rows, int64_t columns, int64_t pitch, float* values) {
  if (epilogue.empty()) return;
  const float* bias = epilogue.bias_input < 0 ? nullptr : call.Input<float>(epilogue.bias_input);
  const float* residual =
      epilogue.residual_input < 0 ? nullptr : call.Input<float>(epilogue.residual_input) + offset;
  for (int64_t row = 0; row < rows; ++row) {
    float* out = values + row * pitch;
    if (bias != nullptr && epilogue.bias_per_column) {
      const float* added = bias + first_column;
      for (int64_t i = 0; i < columns; ++i) out[i] += epilogue.bias_scale * added[i];
    } else if (bias != nullptr) {
      const float added = epilogue.bias_scale * bias[first_row + row];
      for (int64_t i = 0; i < columns; ++i) out[i] += added;
    }
    if (residual != nullptr) {
      const float* added = residual + row * pitch;
      for (int64_t i = 0; i < columns; ++i) out[i] += added[i];
    }
    ApplyActivation(epilogue.activation, out, columns);
  }
}

}  // namespace assay
