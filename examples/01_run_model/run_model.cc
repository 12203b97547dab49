// Loads a model or an engine file, runs it on a ramp, and prints the mean of every output.
//
//   run_model MODEL [EXTENT...]     extents of the first input, where the model leaves them open

#include <assay/assay.h>

#include <cstdlib>
#include <iostream>
#include <vector>

namespace {

int Fail(const assay::Status& status) {
  std::cerr << status.message() << "\n";
  if (!status.hint().empty()) std::cerr << "hint: " << status.hint() << "\n";
  return 1;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    std::cerr << "usage: run_model MODEL [EXTENT...]\n";
    return 2;
  }
  assay::Result<assay::Engine> engine = assay::Engine::Load(arguments[1]);
  if (!engine.ok()) return Fail(engine.status());

  const assay::TensorInfo input = engine->Inputs()[0];
  std::vector<int64_t> shape = input.shape.value_or(std::vector<int64_t>());
  if (count > 2) shape.clear();
  for (int i = 2; i < count; ++i) shape.push_back(std::atoll(arguments[i]));
  int64_t elements = 1;
  for (int64_t& extent : shape) {
    if (extent < 0) extent = 1;
    elements *= extent;
  }
  std::vector<float> data(static_cast<size_t>(elements));
  for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<float>(i % 256) / 255.0F;

  assay::Result<assay::Context> context = engine->CreateContext();
  if (!context.ok()) return Fail(context.status());
  if (assay::Status status = context->BindInput(0, data.data(), shape); !status.ok()) {
    return Fail(status);
  }
  if (assay::Status status = context->Run(); !status.ok()) return Fail(status);

  const std::vector<assay::TensorInfo> outputs = engine->Outputs();
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].type != ASSAY_FLOAT32) continue;
    const assay::ConstTensor<float> tensor = context->Output<float>(i);
    std::cout << outputs[i].name << " (";
    int64_t size = 1;
    for (size_t axis = 0; axis < tensor.shape.size(); ++axis) {
      std::cout << (axis == 0 ? "" : ", ") << tensor.shape[axis];
      size *= tensor.shape[axis];
    }
    double sum = 0;
    for (int64_t k = 0; k < size; ++k) sum += tensor.data[k];
    std::cout << "): mean " << sum / static_cast<double>(size) << "\n";
  }
  return 0;
}
