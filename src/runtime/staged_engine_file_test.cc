// Engine files of models that no plan covers as a whole, and of values that are no plain tensors.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "runtime/execution_context.h"
#include "runtime/test_models.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

using Values = std::vector<RuntimeValue>;

void ExpectSameBits(const RuntimeValue& a, const RuntimeValue& b) {
  ASSERT_TRUE(a.is_tensor() && b.is_tensor());
  const Tensor& left = a.tensor();
  const Tensor& right = b.tensor();
  ASSERT_EQ(left.dtype(), right.dtype());
  ASSERT_EQ(left.shape(), right.shape());
  if (left.dtype() == DType::kString) {
    EXPECT_TRUE(std::ranges::equal(left.data<std::string>(), right.data<std::string>()));
  } else if (left.byte_size() > 0) {
    EXPECT_EQ(std::memcmp(left.raw(), right.raw(), left.byte_size()), 0);
  }
}

class StagedEngineFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "assay_staged_XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { fs::remove_all(folder_); }

  static std::shared_ptr<Engine> Build(std::shared_ptr<const Model> model,
                                       const ShapeProfile& profile = {}) {
    EngineOptions options;
    options.profile = profile;
    Result<std::shared_ptr<Engine>> engine = Engine::Build(std::move(model), options);
    EXPECT_TRUE(engine.ok()) << engine.status().ToString();
    return engine.ok() ? *engine : nullptr;
  }

  std::string Save(Engine& engine, const ShapeProfile& profile = {}) {
    const Status saved = engine.Save(path(), profile);
    EXPECT_TRUE(saved.ok()) << saved.ToString();
    return *ReadFile(path());
  }

  std::shared_ptr<Engine> Load() {
    Result<std::shared_ptr<Engine>> engine = Engine::Load(path(), {});
    EXPECT_TRUE(engine.ok()) << engine.status().ToString();
    return engine.ok() ? *engine : nullptr;
  }

  Status LoadBytes(const std::string& bytes) {
    std::ofstream(path(), std::ios::binary) << bytes;
    return Engine::Load(path(), {}).status();
  }

  static Values RunOn(const std::shared_ptr<Engine>& engine, const Values& inputs) {
    Result<Values> outputs = ExecutionContext(engine).RunValues(inputs);
    EXPECT_TRUE(outputs.ok()) << outputs.status().ToString();
    return outputs.ok() ? *outputs : Values();
  }

  // Saves, loads, and runs both; saving once more, the loaded engine too, gives the same bytes.
  void ExpectRoundTrip(const std::shared_ptr<Engine>& built, const std::vector<Values>& inputs,
                       const ShapeProfile& profile = {}) {
    ASSERT_NE(built, nullptr);
    const std::string bytes = Save(*built, profile);
    const std::shared_ptr<Engine> loaded = Load();
    ASSERT_NE(loaded, nullptr);
    for (const Values& input : inputs) {
      const Values expected = RunOn(built, input);
      const Values outputs = RunOn(loaded, input);
      ASSERT_EQ(expected.size(), outputs.size());
      for (size_t i = 0; i < expected.size(); ++i) ExpectSameBits(expected[i], outputs[i]);
    }
    EXPECT_EQ(bytes, Save(*built, profile));
    EXPECT_EQ(bytes, Save(*loaded));
  }

  fs::path path() const { return folder_ / "a.engine"; }

  fs::path folder_;
};

Values LoopInputs(int64_t trips) {
  return {Tensor::Scalar<int64_t>(trips), Tensor::Scalar<float>(0.3F), Tensor::Vector<float>({-1})};
}

TEST_F(StagedEngineFile, HoldsAModelWhoseShapesDataDecide) {
  const ShapeProfile profile = {{{4}, {4}, {4}}};
  ExpectRoundTrip(Build(Selection(), profile),
                  {{Tensor::Vector<float>({0, 3, 0, 5})}, {Tensor::Vector<float>({0, 0, 0, 0})}});
}

TEST_F(StagedEngineFile, IsForTheShapesThatItIsSavedFor) {
  const Values input = {Tensor::Vector<float>({1, 0, 2})};
  ExpectRoundTrip(Build(Selection()), {input}, {{{2}, {3}, {4}}});
  ExecutionContext context(Load());
  EXPECT_EQ(context.RunValues(Values{Tensor::Vector<float>({1})}).status().code(),
            StatusCode::kUsage);
}

TEST_F(StagedEngineFile, CannotBeSavedForAnyShape) {
  EXPECT_EQ(Build(Selection())->Save(path()).code(), StatusCode::kUsage);
}

TEST_F(StagedEngineFile, HoldsALoopWithWhatItCaptures) {
  ExpectRoundTrip(Build(GrowingLoop()), {LoopInputs(3), LoopInputs(0), LoopInputs(5)});
}

TEST_F(StagedEngineFile, HoldsBranchesThatShapesDecide) {
  const ShapeProfile profile = {{{1, 3}, {2, 3}, {8, 3}}};
  const Tensor three = Tensor::Of<float>({3, 3}, {1, -2, 3, -4, 5, -6, 7, -8, 9});
  const Tensor one = Tensor::Of<float>({1, 3}, {1, -2, 3});
  ExpectRoundTrip(Build(BranchOnShape(), profile), {{three}, {one}});
  // All of it is planned, since the shapes are known.
  ExecutionContext context(Load());
  ASSERT_TRUE(context.RunValues(Values{three}).ok());
  EXPECT_NE(context.plan(), nullptr);
}

TEST_F(StagedEngineFile, HoldsStrings) {
  ExpectRoundTrip(Build(StringJoin()),
                  {{Tensor::Vector<std::string>({"x", "b", "long enough to allocate"})}});
}

TEST_F(StagedEngineFile, NeedsNoShapesOfWhatIsNoTensor) {
  const RuntimeValue sequence = RuntimeValue::OfSequence(
      {Tensor::Of<float>({1, 2}, {1, 2}), Tensor::Of<float>({1, 2}, {3, 4})});
  const std::shared_ptr<Engine> built = Build(SequencesAndOptionals());
  EXPECT_EQ(built->profile(), ShapeProfile(3));
  ExpectRoundTrip(built, {{sequence, Tensor::Scalar<int64_t>(1), sequence},
                          {sequence, Tensor::Scalar<int64_t>(0), RuntimeValue::EmptyOptional()}});
  const ShapeProfile wrong = {{{2}, {2}, {2}}, {}, {}};
  const Status status = built->Save(path(), wrong);
  EXPECT_EQ(status.code(), StatusCode::kUsage);
  EXPECT_NE(status.message().find("input \"values\": expected no shape"), std::string::npos)
      << status.message();
}

TEST_F(StagedEngineFile, IsNotPlannedBeforeItRuns) {
  Save(*Build(GrowingLoop()));
  const std::shared_ptr<Engine> loaded = Load();
  EXPECT_EQ(loaded->packed().total_bytes(), 0U);
  ExecutionContext context(loaded);
  ASSERT_TRUE(context.RunValues(LoopInputs(2)).ok());
  EXPECT_EQ(context.plan(), nullptr);
  EXPECT_FALSE(context.ExecutedSteps().empty());
}

TEST_F(StagedEngineFile, EveryTruncationIsAnError) {
  const std::string bytes = Save(*Build(GrowingLoop()));
  for (size_t size = 0; size < bytes.size(); size += size < 200 ? 1 : 13) {
    EXPECT_FALSE(LoadBytes(bytes.substr(0, size)).ok()) << size << " bytes";
  }
  EXPECT_FALSE(LoadBytes(bytes + '\0').ok());
}

TEST_F(StagedEngineFile, EveryFlippedBitIsAnError) {
  const std::string bytes = Save(*Build(GrowingLoop()));
  for (size_t at = 0; at < bytes.size(); at += at < 300 ? 1 : 11) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
    EXPECT_FALSE(LoadBytes(changed).ok()) << "byte " << at;
  }
}

}  // namespace
}  // namespace assay
