// Writes one file of every kind that Assay saves into a folder, for read_files.py to read with
// numpy and Polygraphy. Element i of every numeric tensor is i mod 3, of every bool tensor i mod 2.

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "tensor/npy.h"
#include "tensor/npz.h"
#include "tensor/tensor_file.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr DType kTypes[] = {DType::kFloat32,    DType::kUInt8,        DType::kInt8,
                            DType::kUInt16,     DType::kInt16,        DType::kInt32,
                            DType::kInt64,      DType::kBool,         DType::kFloat16,
                            DType::kFloat64,    DType::kUInt32,       DType::kUInt64,
                            DType::kBFloat16,   DType::kFloat8E4M3FN, DType::kFloat8E5M2,
                            DType::kInt4,       DType::kUInt4,        DType::kFloat8E4M3FNUZ,
                            DType::kFloat6E2M3, DType::kFloat4E2M1,   DType::kFloat8E5M2FNUZ};

Tensor Sample(DType dtype, Shape shape) {
  Tensor values = Tensor::Allocate(DType::kInt32, shape);
  const std::span<int32_t> data = values.mutable_data<int32_t>();
  for (size_t i = 0; i < data.size(); ++i)
    data[i] = static_cast<int32_t>(i % (dtype == DType::kBool ? 2 : 3));
  return *ConvertTensor(values, dtype);
}

// All types, a scalar, an empty tensor, text and an awkward name.
TensorMap AllTensors() {
  TensorMap map;
  for (const DType dtype : kTypes)
    map.Add(std::string(DTypeName(dtype)), Sample(dtype, Shape{2, 5}));
  map.Add("scalar", Sample(DType::kFloat32, Shape{}));
  map.Add("empty", Sample(DType::kFloat32, Shape{0, 3}));
  map.Add("text", Tensor::Vector<std::string>({"a", "\xE2\x82\xAC", ""}));
  map.Add("/model/h\xC3\xA9 \"0\"", Sample(DType::kFloat32, Shape{3}));
  return map;
}

std::vector<TensorMap> Inputs() {
  std::vector<TensorMap> inputs(2);
  inputs[0].Add("x", Sample(DType::kFloat32, Shape{1, 3, 4}));
  inputs[0].Add("ids", Sample(DType::kInt64, Shape{7}));
  inputs[1].Add("x", Sample(DType::kFloat32, Shape{1, 3, 5}));
  inputs[1].Add("ids", Sample(DType::kInt64, Shape{1}));
  return inputs;
}

RecordedRuns Runs() {
  RecordedRuns runs;
  for (const char* runner : {"first-runner", "second-runner"}) {
    RecordedRun run{runner, {}};
    for (int i = 0; i < 2; ++i) {
      run.iterations.push_back(
          {TensorMap{{"y", Sample(DType::kFloat32, Shape{2, 3})}}, 0.5 + i, runner});
    }
    runs.push_back(std::move(run));
  }
  return runs;
}

Status WriteArchive(const fs::path& path, NpzCompression compression, uint64_t zip64_threshold) {
  ASSAY_ASSIGN_OR_RETURN(NpzWriter writer, NpzWriter::Create(path, compression));
  writer.set_zip64_threshold(zip64_threshold);
  for (const NamedTensor& item : AllTensors())
    ASSAY_RETURN_IF_ERROR(writer.Add(item.name, item.tensor));
  return writer.Finish();
}

Status WriteAll(const fs::path& folder) {
  const std::vector<TensorMap> all = {AllTensors()};
  ASSAY_RETURN_IF_ERROR(SaveInputs(folder / "all.json", all));
  ASSAY_RETURN_IF_ERROR(SaveInputs(folder / "all.npz", all));
  ASSAY_RETURN_IF_ERROR(
      WriteArchive(folder / "deflated.npz", NpzCompression::kDeflate, 0xFFFFFFFF));
  ASSAY_RETURN_IF_ERROR(WriteArchive(folder / "zip64.npz", NpzCompression::kNone, 0));
  ASSAY_RETURN_IF_ERROR(WriteArchive(folder / "zip64_deflated.npz", NpzCompression::kDeflate, 0));
  ASSAY_RETURN_IF_ERROR(WriteNpy(folder / "one.npy", Sample(DType::kFloat32, Shape{2, 5})));
  ASSAY_RETURN_IF_ERROR(SaveInputs(folder / "inputs.json", Inputs()));
  ASSAY_RETURN_IF_ERROR(SaveInputs(folder / "inputs.npz", Inputs()));
  ASSAY_RETURN_IF_ERROR(SaveInputs(folder / "inputs", Inputs()));
  ASSAY_RETURN_IF_ERROR(SaveOutputs(folder / "outputs.json", Runs()));
  ASSAY_RETURN_IF_ERROR(SaveOutputs(folder / "outputs.npz", Runs()));
  return SaveOutputs(folder / "outputs", Runs());
}

}  // namespace
}  // namespace assay

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  const std::filesystem::path folder(argv[1]);
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const assay::Status status = assay::WriteAll(folder);
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
