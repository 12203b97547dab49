// Writes models for fuzz_onnx to start from.
//
// usage: fuzz_onnx_seeds FOLDER

#include <cstdio>
#include <filesystem>
#include <string>

#include "ir/model_builder.h"
#include "onnx/export.h"
#include "onnx/test_models.h"

namespace assay {
namespace {

Model WithConstantsOfEveryType() {
  ModelBuilder builder(23);
  builder.Output(builder.Add("Relu", {builder.Input("x", DType::kFloat32, {2})}, "y"));
  for (int type = 1; type < kDTypeCount; ++type) {
    const auto dtype = static_cast<DType>(type);
    const ValueId id = builder.Constant("c" + std::to_string(type), Tensor::Zeros(dtype, {3}));
    if (type % 2 == 0) builder.graph().value(id).constant_node = "/constant";
  }
  return std::move(builder).Build();
}

Model Chain() {
  ModelBuilder builder(9);
  builder.model().ir_version = 3;
  ValueId x = builder.Input("x", DType::kFloat32, {Dim::Symbol("N"), 4});
  for (const char* name : {"a", "b", "c"}) {
    x = builder.Add("MatMul", {x, builder.Constant(std::string("w_") + name, test::Ramp({4, 4}))},
                    name);
  }
  builder.Output(x);
  return std::move(builder).Build();
}

int Run(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  Status status = SaveModel(test::ModelWithEverything(), folder / "everything.onnx");
  if (status.ok()) status = SaveModel(WithConstantsOfEveryType(), folder / "types.onnx");
  if (status.ok()) status = SaveModel(Chain(), folder / "chain.onnx");
  if (status.ok()) {
    status = SaveModel(Chain(), folder / "external.onnx",
                       {.external_data = true, .external_data_threshold = 16});
  }
  if (status.ok()) return 0;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return 1;
}

}  // namespace
}  // namespace assay

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: fuzz_onnx_seeds FOLDER\n");
    return 2;
  }
  return assay::Run(argv[1]);
}
