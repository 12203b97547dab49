// Loads a model or an engine file, runs it on ramps (inputs that are not float32: zeros), and
// prints the mean of every float32 output.
//
//   run_model MODEL [EXTENT...]     extents of the first input, where the model leaves them open

#include <assay/assay.h>

#include <cstdlib>
#include <iostream>
#include <vector>

namespace {

using Shape = std::vector<int64_t>;

int Fail(const assay::Status& status) {
  std::cerr << status.message() << "\n";
  if (!status.hint().empty()) std::cerr << "hint: " << status.hint() << "\n";
  return 1;
}

size_t ElementsOf(const Shape& shape) {
  int64_t elements = 1;
  for (const int64_t extent : shape) elements *= extent;
  return static_cast<size_t>(elements);
}

// What an input is bound to. Eight bytes are enough for an element of any type.
struct InputMemory {
  std::vector<float> ramp;
  std::vector<int64_t> zeros;
};

assay::Status Bind(assay::Context& context, size_t index, const assay::TensorInfo& input,
                   const Shape& shape, InputMemory& memory) {
  if (input.type != ASSAY_FLOAT32) {
    memory.zeros.resize(ElementsOf(shape));
    return context.BindInput(index, input.type, memory.zeros.data(), shape);
  }
  memory.ramp.resize(ElementsOf(shape));
  for (size_t i = 0; i < memory.ramp.size(); ++i) {
    memory.ramp[i] = static_cast<float>(i % 256) / 255.0F;
  }
  return context.BindInput(index, memory.ramp.data(), shape);
}

void PrintMean(const std::string& name, const assay::ConstTensor<float>& tensor) {
  std::cout << name << " (";
  for (size_t axis = 0; axis < tensor.shape.size(); ++axis) {
    std::cout << (axis == 0 ? "" : ", ") << tensor.shape[axis];
  }
  double sum = 0;
  const size_t elements = ElementsOf(tensor.shape);
  for (size_t i = 0; i < elements; ++i) sum += tensor.data[i];
  std::cout << "): mean " << sum / static_cast<double>(elements) << "\n";
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    std::cerr << "usage: run_model MODEL [EXTENT...]\n";
    return 2;
  }
  assay::Result<assay::Engine> engine = assay::Engine::Load(arguments[1]);
  if (!engine.ok()) return Fail(engine.status());
  assay::Result<assay::Context> context = engine->CreateContext();
  if (!context.ok()) return Fail(context.status());

  const std::vector<assay::TensorInfo> inputs = engine->Inputs();
  std::vector<InputMemory> memory(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    Shape shape = inputs[i].shape.value_or(Shape());
    if (i == 0 && count > 2) {
      shape.clear();
      for (int k = 2; k < count; ++k) shape.push_back(std::atoll(arguments[k]));
    } else if (!inputs[i].shape) {
      std::cerr << "the rank of input " << inputs[i].name << " is unknown: "
                << (i == 0 ? "say its extents\n" : "this example cannot choose one\n");
      return 1;
    }
    for (int64_t& extent : shape) {
      if (extent < 0) extent = 1;
    }
    const assay::Status status = Bind(*context, i, inputs[i], shape, memory[i]);
    if (!status.ok()) return Fail(status);
  }
  if (assay::Status status = context->Run(); !status.ok()) return Fail(status);

  const std::vector<assay::TensorInfo> outputs = engine->Outputs();
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].type == ASSAY_FLOAT32) PrintMean(outputs[i].name, *context->Output<float>(i));
  }
  return 0;
}
