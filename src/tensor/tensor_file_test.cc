#include "tensor/tensor_file.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>

#include "base/file.h"
#include "tensor/npy.h"
#include "tensor/npz.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

const fs::path kFixtures = fs::path(ASSAY_SOURCE_DIR) / "tests" / "data" / "tensor";

// A fresh folder for each test.
class TensorFile : public testing::Test {
 protected:
  TensorFile() {
    folder_ =
        fs::path(testing::TempDir()) /
        (std::string("assay_") + testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~TensorFile() override { fs::remove_all(folder_); }

  fs::path Path(const std::string& name) const { return folder_ / name; }
  fs::path WriteText(const std::string& name, std::string_view text) const {
    std::ofstream(Path(name), std::ios::binary) << text;
    return Path(name);
  }

  fs::path folder_;
};

std::vector<TensorMap> SampleInputs() {
  std::vector<TensorMap> inputs(2);
  for (int i = 0; i < 2; ++i) {
    inputs[static_cast<size_t>(i)].Add(
        "x", Tensor::Of<float>(Shape{1, 2}, {static_cast<float>(i), 0.5F}));
    inputs[static_cast<size_t>(i)].Add("0/ids", Tensor::Vector<int64_t>({i, 2, 3}));
  }
  return inputs;
}

RecordedRuns SampleRuns() {
  RecordedRuns runs;
  for (int r = 0; r < 3; ++r) {
    RecordedRun run{r == 2 ? "b" : "a/b:c", {}};
    for (int i = 0; i < 3 - r; ++i) {
      RecordedIteration iteration;
      iteration.outputs.Add("/y", Tensor::Vector<float>({static_cast<float>(10 * r + i)}));
      if (i != 1) iteration.outputs.Add("z", Tensor::Scalar<uint8_t>(7));
      if (i != 2) iteration.runtime_seconds = 0.25 * (i + 1);
      iteration.runner_name = run.runner_name;
      run.iterations.push_back(std::move(iteration));
    }
    runs.push_back(std::move(run));
  }
  return runs;
}

void ExpectSame(const TensorMap& a, const TensorMap& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].name, b[i].name);
    ASSERT_EQ(a[i].tensor.dtype(), b[i].tensor.dtype());
    ASSERT_EQ(a[i].tensor.shape(), b[i].tensor.shape());
    EXPECT_EQ(std::memcmp(a[i].tensor.raw(), b[i].tensor.raw(), a[i].tensor.byte_size()), 0);
  }
}

void ExpectSame(const std::vector<TensorMap>& a, const std::vector<TensorMap>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) ExpectSame(a[i], b[i]);
}

void ExpectSame(const RecordedRuns& a, const RecordedRuns& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t r = 0; r < a.size(); ++r) {
    EXPECT_EQ(a[r].runner_name, b[r].runner_name);
    ASSERT_EQ(a[r].iterations.size(), b[r].iterations.size());
    for (size_t i = 0; i < a[r].iterations.size(); ++i) {
      ExpectSame(a[r].iterations[i].outputs, b[r].iterations[i].outputs);
      EXPECT_EQ(a[r].iterations[i].runtime_seconds, b[r].iterations[i].runtime_seconds);
      EXPECT_EQ(a[r].iterations[i].runner_name, b[r].iterations[i].runner_name);
    }
  }
}

TEST_F(TensorFile, InputsComeBackFromEveryFormat) {
  for (const char* name : {"in.json", "in.npz", "in", "in.txt"}) {
    ASSERT_TRUE(SaveInputs(Path(name), SampleInputs()).ok()) << name;
    const Result<std::vector<TensorMap>> back = LoadInputs(Path(name));
    ASSERT_TRUE(back.ok()) << name << ": " << back.status().ToString();
    ExpectSame(*back, SampleInputs());
  }
}

TEST_F(TensorFile, OutputsComeBackFromEveryFormat) {
  for (const char* name : {"out.json", "out.npz", "out"}) {
    ASSERT_TRUE(SaveOutputs(Path(name), SampleRuns()).ok()) << name;
    const Result<RecordedRuns> back = LoadOutputs(Path(name));
    ASSERT_TRUE(back.ok()) << name << ": " << back.status().ToString();
    ExpectSame(*back, SampleRuns());
  }
}

TEST_F(TensorFile, FoldersAreLaidOutAsPolygraphyDoes) {
  const Result<std::vector<TensorMap>> inputs = LoadInputs(kFixtures / "inputs_folder");
  ASSERT_TRUE(inputs.ok()) << inputs.status().ToString();
  ASSERT_TRUE(SaveInputs(Path("inputs"), *inputs).ok());
  const Result<RecordedRuns> outputs = LoadOutputs(kFixtures / "outputs_folder");
  ASSERT_TRUE(outputs.ok()) << outputs.status().ToString();
  ASSERT_TRUE(SaveOutputs(Path("outputs"), *outputs).ok());
  for (const char* folder : {"inputs", "outputs"}) {
    const fs::path expected = kFixtures / (std::string(folder) + "_folder");
    const Result<std::vector<fs::path>> files = ListIterationFiles(Path(folder));
    ASSERT_TRUE(files.ok());
    ASSERT_EQ(files->size(), 2U);
    for (const fs::path& file : *files) {
      EXPECT_EQ(*ReadFile(file), *ReadFile(expected / file.filename())) << file;
    }
  }
}

TEST_F(TensorFile, FoldersJoinTheIterationsOfEachRun) {
  const Result<RecordedRuns> folder = LoadOutputs(kFixtures / "outputs_folder");
  const Result<RecordedRuns> file = LoadOutputs(kFixtures / "outputs.json");
  ASSERT_TRUE(folder.ok() && file.ok());
  ASSERT_EQ(folder->size(), 3U);  // a run without iterations leaves no trace in a folder
  EXPECT_EQ((*folder)[1].runner_name, (*file)[1].runner_name);
  ASSERT_EQ((*folder)[1].iterations.size(), 2U);
  ExpectSame((*folder)[1].iterations[1].outputs, (*file)[1].iterations[1].outputs);
  EXPECT_EQ((*folder)[2].iterations.size(), 1U);
}

TEST_F(TensorFile, AFolderMayMixFormats) {
  ASSERT_TRUE(SaveInputs(Path("b.npz"), SampleInputs()).ok());
  ASSERT_TRUE(SaveInputs(Path("a.json"), {{SampleInputs()[1]}}).ok());
  WriteText("notes.txt", "not read");
  const Result<std::vector<TensorMap>> inputs = LoadInputs(folder_);
  ASSERT_TRUE(inputs.ok()) << inputs.status().ToString();
  ASSERT_EQ(inputs->size(), 3U);
  ExpectSame((*inputs)[0], SampleInputs()[1]);
  ExpectSame((*inputs)[1], SampleInputs()[0]);
}

TEST_F(TensorFile, ASingleIterationInNpzKeepsPlainNames) {
  TensorMap map;
  map.Add("x", Tensor::Scalar(1.0F));
  map.Add("0/y", Tensor::Scalar(2.0F));
  ASSERT_TRUE(SaveInputs(Path("in.npz"), {{map}}).ok());
  const Result<TensorMap> arrays = ReadNpz(Path("in.npz"));
  ASSERT_TRUE(arrays.ok());
  EXPECT_EQ((*arrays)[0].name, "x");
  EXPECT_EQ((*arrays)[1].name, "0/y");
}

TEST_F(TensorFile, NamesThatLookNumberedComeBackAsTheyWere) {
  for (const char* name : {"0/x", "0/0/x", "7/x", ".runners"}) {
    TensorMap map;
    map.Add(name, Tensor::Scalar(1.0F));
    ASSERT_TRUE(SaveInputs(Path("in.npz"), {{map}}).ok());
    const Result<std::vector<TensorMap>> back = LoadInputs(Path("in.npz"));
    ASSERT_TRUE(back.ok()) << back.status().ToString();
    ASSERT_EQ(back->size(), 1U);
    EXPECT_EQ((*back)[0][0].name, name);
  }
}

TEST_F(TensorFile, RefusesAGapBetweenIterations) {
  for (const auto& names : {std::pair{"0/x", "2/x"}, {"1/x", "2/x"}, {"0/x", "99999999999/x"}}) {
    TensorMap map;
    map.Add(names.first, Tensor::Scalar(1.0F));
    map.Add(names.second, Tensor::Scalar(2.0F));
    ASSERT_TRUE(WriteNpz(Path("in.npz"), map).ok());
    EXPECT_EQ(LoadInputs(Path("in.npz")).status().code(), StatusCode::kInvalidInput);
    EXPECT_EQ(LoadOutputs(Path("in.npz")).status().code(), StatusCode::kInvalidInput);
  }
}

TEST_F(TensorFile, NumbersWithLeadingZerosAreNames) {
  for (const auto& names : {std::pair{"0/x", "01/x"}, {"0/x", "y"}}) {
    TensorMap map;
    map.Add(names.first, Tensor::Scalar(1.0F));
    map.Add(names.second, Tensor::Scalar(2.0F));
    ASSERT_TRUE(WriteNpz(Path("in.npz"), map).ok());
    const Result<std::vector<TensorMap>> back = LoadInputs(Path("in.npz"));
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(back->size(), 1U) << names.first << " " << names.second;
  }
}

TEST_F(TensorFile, NpyIsOneTensorCalledByItsFile) {
  TensorMap map;
  map.Add("x", Tensor::Vector<float>({1, 2}));
  ASSERT_TRUE(SaveInputs(Path("image.npy"), {{map}}).ok());
  const Result<std::vector<TensorMap>> inputs = LoadInputs(Path("image.npy"));
  ASSERT_TRUE(inputs.ok());
  ASSERT_EQ(inputs->size(), 1U);
  EXPECT_EQ((*inputs)[0][0].name, "image");
  EXPECT_EQ((*inputs)[0][0].tensor.data<float>()[1], 2.0F);

  const Result<RecordedRuns> runs = LoadOutputs(Path("image.npy"));
  ASSERT_TRUE(runs.ok());
  EXPECT_EQ((*runs)[0].runner_name, "image");
  EXPECT_EQ((*runs)[0].iterations[0].outputs[0].name, "image");
}

TEST_F(TensorFile, NpyRefusesMoreThanOneTensor) {
  const Status inputs = SaveInputs(Path("x.npy"), SampleInputs());
  EXPECT_EQ(inputs.code(), StatusCode::kUsage);
  EXPECT_NE(inputs.message().find("holds one tensor"), std::string::npos);
  EXPECT_EQ(SaveInputs(Path("x.npy"), {}).code(), StatusCode::kUsage);
  EXPECT_EQ(SaveOutputs(Path("x.npy"), SampleRuns()).code(), StatusCode::kUsage);
  EXPECT_FALSE(fs::exists(Path("x.npy")));
}

TEST_F(TensorFile, AForeignNpzIsOneRunNamedByTheFile) {
  const Result<RecordedRuns> runs = LoadOutputs(kFixtures / "stored.npz");
  ASSERT_TRUE(runs.ok()) << runs.status().ToString();
  ASSERT_EQ(runs->size(), 1U);
  EXPECT_EQ((*runs)[0].runner_name, "stored");
  ASSERT_EQ((*runs)[0].iterations.size(), 1U);
  EXPECT_EQ((*runs)[0].iterations[0].outputs[1].name, "/model/b");
  EXPECT_FALSE((*runs)[0].iterations[0].runtime_seconds.has_value());
}

TEST_F(TensorFile, TheContentDecidesAndNotTheName) {
  fs::copy_file(kFixtures / "inputs.json", Path("really_json.npz"));
  fs::copy_file(kFixtures / "stored.npz", Path("really_npz.json"));
  const Result<std::vector<TensorMap>> json = LoadInputs(Path("really_json.npz"));
  const Result<std::vector<TensorMap>> npz = LoadInputs(Path("really_npz.json"));
  ASSERT_TRUE(json.ok() && npz.ok());
  EXPECT_EQ(json->size(), 2U);
  EXPECT_EQ((*npz)[0][0].name, "a");
}

TEST_F(TensorFile, TheOtherKindOfNpzIsNamed) {
  ASSERT_TRUE(SaveOutputs(Path("out.npz"), SampleRuns()).ok());
  const Status status = LoadInputs(Path("out.npz")).status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidInput);
  EXPECT_NE(status.message().find("got a file of outputs"), std::string::npos);
  EXPECT_NE(status.message().find("out.npz"), std::string::npos);
  EXPECT_NE(status.hint().find("--load-outputs"), std::string::npos);
}

TEST_F(TensorFile, DamagedOutputArchivesAreRefused) {
  const Tensor names = Tensor::Vector<std::string>({"a"});
  const Tensor runtimes = Tensor::Vector<double>({1.0});
  const Tensor value = Tensor::Scalar(1.0F);
  const std::vector<TensorMap> archives = {
      {{".runners", Tensor::Scalar(1.0F)}},
      {{".runners", names}},
      {{".runners", names}, {".runtimes/0", Tensor::Vector<float>({1})}},
      {{".runners", names}, {".runtimes/0", runtimes}, {"y", value}},
      {{".runners", names}, {".runtimes/0", runtimes}, {"0/y", value}},
      {{".runners", names}, {".runtimes/0", runtimes}, {"0/1/y", value}},
      {{".runners", names}, {".runtimes/0", runtimes}, {"1/0/y", value}},
      {{".runners", names}, {".runtimes/0", runtimes}, {"0/99999999999999999999/y", value}},
  };
  for (const TensorMap& archive : archives) {
    ASSERT_TRUE(WriteNpz(Path("bad.npz"), archive).ok());
    EXPECT_EQ(LoadOutputs(Path("bad.npz")).status().code(), StatusCode::kInvalidInput);
  }
}

TEST_F(TensorFile, OtherFilesAreNamedWithAHint) {
  const struct {
    const char* text;
    const char* part;
  } cases[] = {{"\xFF\xD8\xFF", "--load-images"},
               {"\x89PNG\r\n", "--load-images"},
               {"\x80\x04\x95", "pickle"},
               {"hello", ".npz"}};
  for (const auto& c : cases) {
    const Status status = LoadInputs(WriteText("x.bin", c.text)).status();
    EXPECT_EQ(status.code(), StatusCode::kInvalidInput);
    EXPECT_NE(status.hint().find(c.part), std::string::npos) << status.hint();
    EXPECT_NE(status.message().find("x.bin"), std::string::npos);
  }
  EXPECT_NE(LoadInputs(WriteText("empty.json", "")).status().message().find("is empty"),
            std::string::npos);
  EXPECT_EQ(LoadInputs(Path("no_such.json")).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(LoadOutputs(Path("no_such.json")).status().code(), StatusCode::kNotFound);
  fs::create_directories(Path("nothing"));
  EXPECT_EQ(LoadInputs(Path("nothing")).status().code(), StatusCode::kInvalidInput);
}

TEST_F(TensorFile, FoldersInUseAreNotWrittenInto) {
  WriteText("file", "x");
  EXPECT_NE(SaveInputs(Path("file"), SampleInputs()).message().find("got a file"),
            std::string::npos);
  EXPECT_EQ(*ReadFile(Path("file")), "x");
  ASSERT_TRUE(SaveInputs(Path("folder"), SampleInputs()).ok());
  const Status status = SaveInputs(Path("folder"), SampleInputs());
  EXPECT_EQ(status.code(), StatusCode::kUsage);
  EXPECT_NE(status.message().find("expected a new or empty folder"), std::string::npos);
  EXPECT_FALSE(OutputsWriter::Create(Path("folder")).ok());
}

TEST_F(TensorFile, OutputsWriterCollectsIterationsByRunner) {
  for (const char* name : {"out.json", "out.npz", "out"}) {
    Result<OutputsWriter> writer = OutputsWriter::Create(Path(name));
    ASSERT_TRUE(writer.ok());
    for (int i = 0; i < 2; ++i) {
      std::vector<RecordedIteration> iteration;
      for (const char* runner : {"first", "second"}) {
        iteration.push_back({TensorMap{{"y", Tensor::Scalar<int32_t>(i)}}, 0.5, runner});
      }
      ASSERT_TRUE(writer->Append(std::move(iteration)).ok());
    }
    ASSERT_TRUE(writer->Finish().ok());
    const Result<RecordedRuns> runs = LoadOutputs(Path(name));
    ASSERT_TRUE(runs.ok()) << runs.status().ToString();
    ASSERT_EQ(runs->size(), 2U);
    EXPECT_EQ((*runs)[1].runner_name, "second");
    ASSERT_EQ((*runs)[1].iterations.size(), 2U);
    EXPECT_EQ((*runs)[1].iterations[1].outputs[0].tensor.data<int32_t>()[0], 1);
  }
}

TEST_F(TensorFile, RefusesFilesWithoutIterations) {
  for (const char* name : {"in.json", "in.npz"}) {
    ASSERT_TRUE(SaveInputs(Path(name), {}).ok());
    EXPECT_EQ(LoadInputs(Path(name)).status().code(), StatusCode::kInvalidInput);
  }
  for (const char* name : {"out.json", "out.npz"}) {
    ASSERT_TRUE(SaveOutputs(Path(name), {}).ok());
    EXPECT_EQ(LoadOutputs(Path(name)).status().code(), StatusCode::kInvalidInput);
    ASSERT_TRUE(SaveOutputs(Path(name), {{"a", {}}}).ok());
    EXPECT_EQ(LoadOutputs(Path(name)).status().code(), StatusCode::kInvalidInput);
  }
}

}  // namespace
}  // namespace assay
