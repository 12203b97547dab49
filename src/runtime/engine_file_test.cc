#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "plan/engine_layout.h"
#include "plan/test_networks.h"
#include "runtime/execution_context.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

// A folder of its own, removed at the end.
class EngineFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "assay_engine_XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override {
    fs::permissions(folder_, fs::perms::owner_all);
    fs::remove_all(folder_);
  }

  std::shared_ptr<Engine> Build(const ShapeProfile& profile, EngineOptions options = {}) {
    options.profile = profile;
    Result<std::shared_ptr<Engine>> engine = Engine::Build(BranchingNetwork(), options);
    EXPECT_TRUE(engine.ok()) << engine.status().ToString();
    return engine.ok() ? *engine : nullptr;
  }

  std::string Save(Engine& engine, const std::string& name) {
    const fs::path path = folder_ / name;
    const Status saved = engine.Save(path);
    EXPECT_TRUE(saved.ok()) << saved.ToString();
    return *ReadFile(path);
  }

  Status LoadBytes(const std::string& bytes, const EngineOptions& options = {}) {
    const fs::path path = folder_ / "changed.engine";
    std::ofstream(path, std::ios::binary) << bytes;
    return Engine::Load(path, options).status();
  }

  static ShapeProfile Fixed(const Shape& shape) { return {{shape, shape, shape}}; }

  fs::path folder_;
};

std::vector<Tensor> RunOn(const std::shared_ptr<Engine>& engine, const Tensor& input) {
  ExecutionContext context(engine);
  std::vector<Tensor> outputs(engine->graph().outputs.size());
  const Status status = context.Run(std::vector<Tensor>{input}, outputs);
  EXPECT_TRUE(status.ok()) << status.ToString();
  return outputs;
}

void ExpectSameBits(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    ASSERT_EQ(a[i].shape(), b[i].shape());
    EXPECT_EQ(std::memcmp(a[i].raw(), b[i].raw(), a[i].byte_size()), 0) << "output " << i;
  }
}

TEST_F(EngineFile, GivesTheSameBitsAfterLoading) {
  const Shape shape = {1, 3, 24, 40};
  const std::shared_ptr<Engine> built = Build(Fixed(shape));
  Save(*built, "a.engine");
  const Result<std::shared_ptr<Engine>> loaded = Engine::Load(folder_ / "a.engine", {});
  ASSERT_TRUE(loaded.ok()) << loaded.status().ToString();
  const Tensor input = RandomTensor(shape, 7);
  ExpectSameBits(RunOn(built, input), RunOn(*loaded, input));
  EXPECT_EQ((*loaded)->profile(), built->profile());
}

TEST_F(EngineFile, ABuiltEngineOfFixedShapesHoldsItsWeightsOnlyPacked) {
  const auto engine = Build(Fixed({1, 3, 20, 24}));
  int emptied = 0;
  for (const Value& value : engine->graph().values) {
    if (!value.constant || value.constant->dtype() != DType::kFloat32) continue;
    const auto data = value.constant->data<float>();
    if (data.size() > 100) {
      EXPECT_TRUE(std::ranges::all_of(data, [](float x) { return x == 0; })) << value.name;
      ++emptied;
    }
  }
  EXPECT_GT(emptied, 0);
}

TEST_F(EngineFile, ConvertsFormatsBeforeAndAfterLoading) {
  const auto run = [](const std::shared_ptr<Engine>& engine) {
    ExecutionContext context(engine);
    std::vector<Tensor> outputs(2);
    EXPECT_TRUE(context.Run(std::vector{RandomTensor({1, 3, 9, 10}, 5)}, outputs).ok());
    return outputs;
  };
  const auto plain = *Engine::Build(DepthwiseNetwork(), {});
  const auto blocked = *Engine::Build(DepthwiseNetwork(), {.tactic_of = BlockedDepthwise});
  Save(*blocked, "blocked.engine");
  const Result<std::shared_ptr<Engine>> loaded = Engine::Load(folder_ / "blocked.engine", {});
  ASSERT_TRUE(loaded.ok()) << loaded.status().ToString();
  const auto expected = run(plain);
  const auto built = run(blocked);
  const auto again = run(*loaded);
  for (size_t i = 0; i < expected.size(); ++i) {
    for (int64_t at = 0; at < expected[i].elements(); ++at) {
      EXPECT_NEAR(built[i].ValueAsDouble(at), expected[i].ValueAsDouble(at), 1e-6);
      EXPECT_EQ(built[i].ValueAsDouble(at), again[i].ValueAsDouble(at));
    }
  }
}

TEST_F(EngineFile, HoldsEveryShapeOfItsProfile) {
  const ShapeProfile profile = {{{1, 3, 16, 16}, {1, 3, 32, 32}, {2, 3, 64, 64}}};
  const std::shared_ptr<Engine> built = Build(profile);
  Save(*built, "a.engine");
  const Result<std::shared_ptr<Engine>> loaded = Engine::Load(folder_ / "a.engine", {});
  ASSERT_TRUE(loaded.ok()) << loaded.status().ToString();
  for (const Shape& shape : {Shape{1, 3, 32, 32}, Shape{2, 3, 17, 45}}) {
    const Tensor input = RandomTensor(shape, 7);
    ExpectSameBits(RunOn(built, input), RunOn(*loaded, input));
  }
  ExecutionContext context(*loaded);
  std::vector<Tensor> outputs(2);
  const std::vector<Tensor> outside = {RandomTensor({1, 3, 16, 65}, 7)};
  EXPECT_EQ(context.Run(outside, outputs).message(),
            "shape of input \"x\" is outside the engine's profile: expected (1, 3, 16, 16) to "
            "(2, 3, 64, 64), got (1, 3, 16, 65)");
}

TEST_F(EngineFile, IsTheSameBytesEveryTime) {
  const std::shared_ptr<Engine> first = Build(Fixed({1, 3, 24, 40}));
  const std::shared_ptr<Engine> second = Build(Fixed({1, 3, 24, 40}));
  const std::string bytes = Save(*first, "a.engine");
  EXPECT_EQ(bytes, Save(*second, "b.engine"));
  EXPECT_EQ(bytes, Save(*first, "a.engine"));
  const Result<std::shared_ptr<Engine>> loaded = Engine::Load(folder_ / "a.engine", {});
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(bytes, Save(**loaded, "c.engine"));
}

TEST_F(EngineFile, EveryTruncationIsAnError) {
  const std::shared_ptr<Engine> engine = Build(Fixed({1, 3, 8, 8}));
  const std::string bytes = Save(*engine, "a.engine");
  for (size_t size = 0; size < bytes.size(); size += size < 200 ? 1 : 997) {
    EXPECT_FALSE(LoadBytes(bytes.substr(0, size)).ok()) << size << " bytes";
  }
  EXPECT_FALSE(LoadBytes(bytes + '\0').ok());
}

TEST_F(EngineFile, EveryFlippedBitIsAnError) {
  const std::shared_ptr<Engine> engine = Build(Fixed({1, 3, 8, 8}));
  const std::string bytes = Save(*engine, "a.engine");
  for (size_t at = 0; at < bytes.size(); at += at < 300 ? 1 : 131) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
    EXPECT_FALSE(LoadBytes(changed).ok()) << "byte " << at;
  }
}

TEST_F(EngineFile, SaysWhichVersionItIs) {
  const std::shared_ptr<Engine> engine = Build(Fixed({1, 3, 8, 8}));
  std::string bytes = Save(*engine, "a.engine");
  bytes[8] = 9;
  const Status status = LoadBytes(bytes);
  EXPECT_EQ(status.code(), StatusCode::kUnsupported);
  EXPECT_NE(status.message().find("expected 1.0 to 1.1, got 9.1"), std::string::npos)
      << status.message();
}

TEST_F(EngineFile, OfVersionOneZeroIsRead) {
  const std::shared_ptr<Engine> engine = Build(Fixed({1, 3, 8, 8}));
  std::string bytes = Save(*engine, "a.engine");
  Result<EngineHeader> header = DecodeHeader(std::as_bytes(std::span(bytes)), true);
  ASSERT_TRUE(header.ok());
  header->minor = 0;
  const auto changed = EncodeHeader(*header);
  std::memcpy(bytes.data(), changed.data(), changed.size());
  const Status status = LoadBytes(bytes);
  EXPECT_TRUE(status.ok()) << status.ToString();
}

TEST_F(EngineFile, IsRefusedByALesserProcessor) {
  if (!GetCpuFeatures().avx2) GTEST_SKIP() << "this processor has no AVX2 to do without";
  const std::shared_ptr<Engine> engine = Build(Fixed({1, 3, 8, 8}));
  const std::string bytes = Save(*engine, "a.engine");
  EngineOptions lesser;
  lesser.cpu = CpuFeatures{};
  const Status status = LoadBytes(bytes, lesser);
  EXPECT_EQ(status.code(), StatusCode::kUnsupported);
  EXPECT_NE(status.message().find("this processor has"), std::string::npos) << status.message();
  const std::shared_ptr<Engine> portable = Build(Fixed({1, 3, 8, 8}), lesser);
  EXPECT_TRUE(LoadBytes(Save(*portable, "b.engine"), lesser).ok());
}

TEST_F(EngineFile, CannotBeSavedForAnyShape) {
  const Result<std::shared_ptr<Engine>> engine = Engine::Build(BranchingNetwork(), {});
  ASSERT_TRUE(engine.ok());
  const Status status = (*engine)->Save(folder_ / "a.engine");
  EXPECT_EQ(status.code(), StatusCode::kUsage);
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(EngineFile, LeavesNothingBehindWhereItCannotBeWritten) {
  const std::shared_ptr<Engine> engine = Build(Fixed({1, 3, 8, 8}));
  const Status status = engine->Save(folder_ / "missing" / "a.engine");
  EXPECT_FALSE(status.ok());
  EXPECT_NE(status.message().find("missing"), std::string::npos);
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(EngineFile, OfAModelWithoutInputsRunsAfterLoading) {
  NetworkBuilder b;
  b.Output(b.Add("Relu", {b.Weight({2, 3})}));
  Result<std::shared_ptr<Engine>> built = Engine::Build(b.model(), {});
  ASSERT_TRUE(built.ok()) << built.status().ToString();
  Save(**built, "constant.engine");
  const Result<std::shared_ptr<Engine>> loaded = Engine::Load(folder_ / "constant.engine", {});
  ASSERT_TRUE(loaded.ok()) << loaded.status().ToString();
  ExecutionContext context(*loaded);
  std::vector<Tensor> outputs(1);
  EXPECT_TRUE(context.Run({}, outputs).ok());
  EXPECT_EQ(outputs[0].shape(), Shape({2, 3}));
}

TEST_F(EngineFile, AChecksumThatDoesNotFitIsShownWithTheOneThatWasFound) {
  const std::shared_ptr<Engine> engine = Build(Fixed({1, 3, 8, 8}));
  std::string bytes = Save(*engine, "a.engine");
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  const std::string message = LoadBytes(bytes).message();
  EXPECT_NE(message.find("checksum of piece"), std::string::npos) << message;
  EXPECT_NE(message.find("expected "), std::string::npos) << message;
}

TEST_F(EngineFile, IsToldFromOtherFiles) {
  const std::shared_ptr<Engine> engine = Build(Fixed({1, 3, 8, 8}));
  Save(*engine, "a.engine");
  EXPECT_TRUE(Engine::IsEngineFile(folder_ / "a.engine"));
  std::ofstream(folder_ / "short") << "ASSAY";
  EXPECT_FALSE(Engine::IsEngineFile(folder_ / "short"));
  EXPECT_FALSE(Engine::IsEngineFile(folder_ / "none"));
}

}  // namespace
}  // namespace assay
