#include "runners/model_source.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "ir/model_builder.h"
#include "onnx/export.h"
#include "onnx/import.h"

namespace assay {
namespace {

class ModelSourceTest : public testing::Test {
 protected:
  void SetUp() override {
    ModelBuilder builder(17);
    const ValueId x = builder.Input("x", DType::kFloat32, {2});
    builder.Output(builder.Add("Relu", {builder.Add("Neg", {x}, "hidden")}, "y"));
    path_ = testing::TempDir() + "model_source.onnx";
    ASSERT_TRUE(SaveModel(builder.model(), path_).ok());
  }
  void TearDown() override { std::filesystem::remove(path_); }

  static std::vector<std::string> OutputsOf(const Model& model) {
    std::vector<std::string> names;
    for (ValueId id : model.graph.outputs) names.push_back(model.graph.value(id).name);
    return names;
  }

  std::filesystem::path path_;
};

TEST_F(ModelSourceTest, WithoutOptionsIsTheFile) {
  ModelSource source(path_, {});
  EXPECT_FALSE(source.edited());
  const auto model = source.Load(NullLog());
  ASSERT_TRUE(model.ok());
  EXPECT_EQ(OutputsOf(**model), std::vector<std::string>{"y"});
  EXPECT_EQ(source.Load(NullLog())->get(), model->get());
}

TEST_F(ModelSourceTest, OutputsAreChangedInWhatIsLoadedAndSerialized) {
  ModelSource source(path_, {.outputs = {"*"}, .exclude_outputs = {"y"}});
  EXPECT_TRUE(source.edited());
  const auto model = source.Load(NullLog());
  ASSERT_TRUE(model.ok());
  EXPECT_EQ(OutputsOf(**model), std::vector<std::string>{"hidden"});

  const auto bytes = source.Serialize(NullLog());
  ASSERT_TRUE(bytes.ok());
  const auto owner = std::make_shared<const std::string>(*bytes);
  EXPECT_EQ(OutputsOf(*ParseModel(*owner, owner)), std::vector<std::string>{"hidden"});
}

TEST_F(ModelSourceTest, ErrorsNameTheFile) {
  ModelSource source(path_, {.outputs_by_type = {"Conv"}});
  EXPECT_EQ(source.Load(NullLog()).status().message(),
            "outputs: the model has no node of type \"Conv\" (" + path_.string() + ")");
}

}  // namespace
}  // namespace assay
