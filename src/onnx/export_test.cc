#include "onnx/export.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "ir/difference.h"
#include "ir/model_builder.h"
#include "ir/print.h"
#include "onnx/import.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

Tensor Ramp(Shape shape) {
  Tensor tensor = Tensor::Allocate(DType::kFloat32, std::move(shape));
  auto data = tensor.mutable_data<float>();
  for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<float>(i) * 0.5f;
  return tensor;
}

Attribute Make(std::string name, AttributeValue value) {
  return {std::move(name), std::move(value), ""};
}

// Every feature of the ir once.
Model Everything() {
  ModelBuilder builder(17);
  Model& model = builder.model();
  model.ir_version = 10;
  model.producer_name = "assay";
  model.producer_version = "0.1";
  model.domain = "org.example";
  model.model_version = 3;
  model.doc = "all of it";
  model.metadata = {{"a", "1"}, {"b", ""}};
  model.opsets["local"] = 1;
  const ValueId x = builder.Input("x", DType::kFloat32,
                                  {Dim::Symbol("N"), 4, Dim::Unknown(), Dim::Symbol("H/2")});
  const ValueId flag = builder.Input("flag", DType::kBool, {});
  const ValueId w = builder.Constant("w", Ramp({2, 4, 3, 3}));
  const ValueId one = builder.Constant("one", Tensor::Scalar<float>(1));
  builder.graph().value(one).constant_node = "/Constant";
  const ValueId conv = builder.Add(
      "Conv", {x, w, kNoValue}, "conv",
      {Make("kernel_shape", std::vector<int64_t>{3, 3}), Make("auto_pad", std::string("VALID"))});
  builder.graph().value(conv).type = ValueType::TensorOf(
      DType::kFloat32, SymbolicShape{Dim::Symbol("N"), 2, Dim::Unknown(), Dim::Unknown()});
  builder.graph().nodes[0].metadata = {{"scope", "model.conv"}};

  auto branch = std::make_shared<Graph>();
  branch->name = "branch";
  const ValueId captured = branch->AddValue("conv", builder.graph().value(conv).type);
  branch->captures.emplace_back(captured, "conv");
  const ValueId offset = branch->AddConstant("offset", Tensor::Scalar<float>(0.25f));
  const ValueId shifted = branch->AddValue("shifted");
  branch->AddNode({.name = "/add",
                   .op = "Add",
                   .opset = 17,
                   .inputs = {captured, offset},
                   .outputs = {shifted}});
  branch->outputs = {shifted};
  const std::shared_ptr<const Graph> shared = branch;
  const ValueId chosen = builder.Add("If", {flag}, "chosen",
                                     {Make("then_branch", shared), Make("else_branch", shared)});

  auto sequence_type = std::make_shared<ValueType>(ValueType::TensorOf(DType::kInt64));
  const ValueId custom = builder.Add(
      "Custom", {chosen, one}, "custom",
      {Make("f", 0.1f), Make("i", int64_t{-3}), Make("fs", std::vector<float>{1, 2}),
       Make("ss", std::vector<std::string>{"a", ""}), Make("t", Ramp({3})),
       Make("ts", std::vector<Tensor>{Tensor::Vector<std::string>({"x", "y"})}),
       Make("gs", std::vector<std::shared_ptr<const Graph>>{shared}),
       Make("tp", ValueType{.kind = ValueType::Kind::kSequence, .element = sequence_type}),
       Make("tps", std::vector<ValueType>{ValueType::TensorOf(DType::kInt4, SymbolicShape{1})})},
      "local");
  builder.graph().nodes.back().overload = "v2";
  builder.graph().value(custom).type = {.kind = ValueType::Kind::kOptional,
                                        .element = sequence_type};
  const auto split = builder.Add("Split", {chosen}, {"first", "", "third"});
  builder.Output(split[0]);
  builder.Output(custom);
  builder.Output(x);

  auto body = std::make_shared<Graph>();
  body->name = "Custom";
  const ValueId a = body->AddInput("a", {});
  const ValueId half = body->AddConstant("half", Tensor::Scalar<float>(0.5f));
  body->value(half).constant_node = "";
  const ValueId b = body->AddValue("b", ValueType::TensorOf(DType::kFloat32));
  Node node{.op = "Act", .opset = 15, .inputs = {a, half}, .outputs = {b}};
  node.attributes = {{"alpha", 0.0f, "slope"}};
  body->AddNode(std::move(node));
  body->outputs = {b};
  model.functions.push_back({.domain = "local",
                             .name = "Custom",
                             .overload = "v2",
                             .attribute_names = {"slope"},
                             .attribute_defaults = {Make("beta", int64_t{2})},
                             .opsets = {{"", 15}},
                             .body = body});
  return std::move(builder).Build();
}

Result<Model> RoundTrip(const Model& model) {
  Result<std::string> bytes = SerializeModel(model);
  if (!bytes.ok()) return bytes.status();
  auto owner = std::make_shared<const std::string>(std::move(*bytes));
  return ParseModel(*owner, owner);
}

TEST(SerializeModel, WhatIsWrittenReadsBackEqual) {
  const Model model = Everything();
  const Result<Model> again = RoundTrip(model);
  ASSERT_TRUE(again.ok()) << again.status().ToString();
  EXPECT_EQ(FirstDifference(model, *again), "");
}

TEST(SerializeModel, IsStableAfterOneRoundTrip) {
  const Result<std::string> first = SerializeModel(*RoundTrip(Everything()));
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

TEST_F(SaveModelTest, NothingIsLeftWhenTheModelCannotBeWritten) {
  Model model = WithWeights();
  model.graph.outputs.push_back(99);
  EXPECT_FALSE(SaveModel(model, folder_ / "m.onnx").ok());
  EXPECT_EQ(Files(), (std::vector<std::string>{}));
  EXPECT_EQ(SaveModel(model, folder_ / "none" / "m.onnx").code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace assay
