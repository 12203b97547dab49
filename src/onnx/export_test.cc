#include "onnx/export.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "ir/difference.h"
#include "ir/model_builder.h"
#include "ir/print.h"
#include "onnx/import.h"
#include "onnx/test_models.h"

namespace assay {
namespace {

namespace fs = std::filesystem;
using test::ModelWithEverything;
using test::Ramp;

Result<Model> RoundTrip(const Model& model) {
  Result<std::string> bytes = SerializeModel(model);
  if (!bytes.ok()) return bytes.status();
  auto owner = std::make_shared<const std::string>(std::move(*bytes));
  return ParseModel(*owner, owner);
}

TEST(SerializeModel, WhatIsWrittenReadsBackEqual) {
  const Model model = ModelWithEverything();
  const Result<Model> again = RoundTrip(model);
  ASSERT_TRUE(again.ok()) << again.status().ToString();
  EXPECT_EQ(FirstDifference(model, *again), "");
}

TEST(SerializeModel, IsStableAfterOneRoundTrip) {
  const Result<std::string> first = SerializeModel(*RoundTrip(ModelWithEverything()));
  ASSERT_TRUE(first.ok());
  const auto owner = std::make_shared<const std::string>(*first);
  EXPECT_EQ(*SerializeModel(*ParseModel(*owner, owner)), *first);
}

TEST(SerializeModel, OldModelsListTheirWeightsAsInputs) {
  ModelBuilder builder(8);
  builder.model().ir_version = 3;
  const ValueId x = builder.Input("x", DType::kFloat32, {2});
  builder.Output(builder.Add("Add", {x, builder.Constant("w", Ramp({2}))}, "y"));
  const Result<std::string> bytes = SerializeModel(builder.model());
  ASSERT_TRUE(bytes.ok());
  // GraphProto.input (field 11) with the name "w".
  EXPECT_NE(bytes->find(std::string("\x0a\x01w\x12", 4)), std::string::npos);
  const Result<Model> again = RoundTrip(builder.model());
  EXPECT_EQ(FirstDifference(builder.model(), *again), "");
}

TEST(SerializeModel, ModelsMadeInMemoryGetTheIrVersionOfTheirOpset) {
  for (const auto& [opset, ir_version] :
       {std::pair(11, 8), std::pair(20, 9), std::pair(22, 10), std::pair(23, 11), std::pair(24, 12),
        std::pair(27, 13), std::pair(28, 14)}) {
    ModelBuilder builder(opset);
    builder.Output(builder.Add("Relu", {builder.Input("x", DType::kFloat32, {2})}, "y"));
    EXPECT_EQ(RoundTrip(builder.model())->ir_version, ir_version) << opset;
  }
}

TEST(SerializeModel, ValuesWithoutNamesGetUniqueOnes) {
  ModelBuilder builder(17);
  const ValueId x = builder.Input("value_1", DType::kFloat32, {2});
  const ValueId hidden = builder.graph().AddValue("");
  builder.graph().AddNode({.op = "Relu", .opset = 17, .inputs = {x}, .outputs = {hidden}});
  builder.Output(builder.Add("Neg", {hidden}, "y"));
  const Result<Model> again = RoundTrip(builder.model());
  ASSERT_TRUE(again.ok()) << again.status().ToString();
  EXPECT_NE(again->graph.FindValue("value_1_"), kNoValue);
}

TEST(SerializeModel, BrokenGraphsAndAbsentWeightsAreErrors) {
  ModelBuilder builder(17);
  const ValueId x = builder.Input("x", DType::kFloat32, {2});
  const ValueId w = builder.Constant("w", Ramp({2}));
  const ValueId y = builder.Add("Add", {x, w}, "y");
  builder.Output(y);
  builder.graph().value(w).constant.reset();
  builder.graph().value(w).weights_absent = true;
  EXPECT_EQ(SerializeModel(builder.model()).status().ToString(),
            "cannot write weight \"w\": it was not loaded\n"
            "hint: load the model with its external data");
  builder.graph().value(w).weights_absent = false;
  EXPECT_EQ(
      SerializeModel(builder.model()).status().message(),
      "ir verifier: inputs: value 1 \"w\" is not defined (node \"/y\" (Add)) (graph \"main\")");
}

TEST(SerializeModel, TwoGigabytesAndMoreAreRefused) {
  ModelBuilder builder(17);
  const ValueId x = builder.Input("x", DType::kUInt8, {1});
  // Never touched: only the size counts.
  const Tensor huge = Tensor::View(DType::kUInt8, Shape{int64_t{1} << 31}, "", nullptr);
  builder.Output(builder.Add("Add", {x, builder.Constant("w", huge)}, "y"));
  EXPECT_EQ(SerializeModel(builder.model()).status().ToString(),
            "cannot write the model as one message: expected less than 2 GB, got 2147483648 bytes\n"
            "hint: save it to a file with external data");
}

class SaveModelTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::vector<std::string> Files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_)) {
      names.push_back(entry.path().filename().string());
    }
    std::ranges::sort(names);
    return names;
  }

  fs::path folder_;
};

// Weights of 4096, 400, 4096 and 8 bytes.
Model WithWeights() {
  ModelBuilder builder(17);
  ValueId x = builder.Input("x", DType::kFloat32, {1});
  for (const auto& [name, size] :
       {std::pair("a", 1024), std::pair("b", 100), std::pair("c/d", 1024), std::pair("e", 2)}) {
    x = builder.Add("Add", {x, builder.Constant(name, Ramp({size}))},
                    (std::string("sum_") + name).c_str());
  }
  builder.graph().value(builder.graph().FindValue("c/d")).constant_node = "/constant";
  builder.model().ir_version = 8;
  builder.Output(x);
  return std::move(builder).Build();
}

TEST_F(SaveModelTest, OneFileByDefault) {
  const Model model = WithWeights();
  ASSERT_TRUE(SaveModel(model, folder_ / "m.onnx").ok());
  EXPECT_EQ(Files(), (std::vector<std::string>{"m.onnx"}));
  EXPECT_EQ(FirstDifference(model, *LoadModel(folder_ / "m.onnx")), "");
  EXPECT_EQ(*ReadFile(folder_ / "m.onnx"), *SerializeModel(model));
}

TEST_F(SaveModelTest, ExternalDataGoesToOneAlignedFile) {
  const Model model = WithWeights();
  ExportOptions options;
  options.external_data = true;
  options.external_data_threshold = 400;
  ASSERT_TRUE(SaveModel(model, folder_ / "m.onnx", options).ok());
  EXPECT_EQ(Files(), (std::vector<std::string>{"m.onnx", "m.onnx.data"}));
  EXPECT_EQ(fs::file_size(folder_ / "m.onnx.data"), 3 * 4096u);
  EXPECT_EQ(FirstDifference(model, *LoadModel(folder_ / "m.onnx")), "");
}

TEST_F(SaveModelTest, ExternalDataGoesToOneFilePerWeightIfAsked) {
  const Model model = WithWeights();
  ExportOptions options;
  options.external_data = true;
  options.external_data_name = "weights";
  options.one_external_file = false;
  ASSERT_TRUE(SaveModel(model, folder_ / "m.onnx", options).ok());
  EXPECT_EQ(Files(), (std::vector<std::string>{"m.onnx", "weights.0.a", "weights.1.c_d"}));
  EXPECT_EQ(FirstDifference(model, *LoadModel(folder_ / "m.onnx")), "");
}

TEST_F(SaveModelTest, ExternalDataMayNotLeaveTheFolder) {
  ExportOptions options;
  options.external_data = true;
  options.external_data_name = "../weights";
  EXPECT_EQ(SaveModel(WithWeights(), folder_ / "m.onnx", options).message(),
            "external data: expected a file name without a folder, got \"../weights\"");
  EXPECT_EQ(Files(), (std::vector<std::string>{}));
}

TEST_F(SaveModelTest, MoreWeightsThanOpenFilesAreNoProblem) {
  ModelBuilder builder(17);
  ValueId x = builder.Input("x", DType::kFloat32, {1});
  for (int i = 0; i < 1500; ++i) {
    const std::string number = std::to_string(i);
    const ValueId w = builder.Constant("w" + number, Ramp({1}));
    x = builder.Add("Add", {x, w}, ("y" + number).c_str());
  }
  builder.Output(x);
  ExportOptions options;
  options.external_data = true;
  options.external_data_threshold = 0;
  options.one_external_file = false;
  const Status status = SaveModel(builder.model(), folder_ / "m.onnx", options);
  EXPECT_EQ(status.ToString(), "ok");
  EXPECT_EQ(Files().size(), 1501u);
}

TEST_F(SaveModelTest, ExternalFilesAreRemovedWhenTheModelCannotBeWritten) {
  Model model = WithWeights();
  const ValueId absent = model.graph.AddValue("absent", ValueType::TensorOf(DType::kFloat32));
  model.graph.value(absent).weights_absent = true;
  ExportOptions options;
  options.external_data = true;
  for (const bool one_file : {true, false}) {
    options.one_external_file = one_file;
    EXPECT_EQ(SaveModel(model, folder_ / "m.onnx", options).message(),
              "cannot write weight \"absent\": it was not loaded");
    EXPECT_EQ(Files(), (std::vector<std::string>{}));
  }
}

TEST_F(SaveModelTest, NothingIsLeftWhenTheModelCannotBeWritten) {
  Model model = WithWeights();
  model.graph.outputs.push_back(99);
  EXPECT_FALSE(SaveModel(model, folder_ / "m.onnx").ok());
  EXPECT_EQ(Files(), (std::vector<std::string>{}));
  EXPECT_EQ(SaveModel(model, folder_ / "none" / "m.onnx").code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace assay
