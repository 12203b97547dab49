#include "tensor/polygraphy_json.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "base/file.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(ASSAY_SOURCE_DIR) / "tests" / "data" / "tensor";

// Tests run in processes of their own, perhaps at the same time.
fs::path Temporary(const std::string& name) {
  const std::string test = testing::UnitTest::GetInstance()->current_test_info()->name();
  return fs::path(testing::TempDir()) / ("assay_json_" + test + "_" + name);
}

std::string TextOf(const fs::path& path) {
  const Result<std::string> text = ReadFile(path);
  EXPECT_TRUE(text.ok()) << text.status().ToString();
  return text.ok() ? *text : "";
}

std::vector<TensorMap> Inputs(const std::string& name) {
  const Result<std::vector<TensorMap>> inputs = ReadInputsJson(kFolder / name);
  EXPECT_TRUE(inputs.ok()) << inputs.status().ToString();
  return inputs.ok() ? *inputs : std::vector<TensorMap>();
}

RecordedRuns Outputs(const std::string& name) {
  const Result<RecordedRuns> runs = ReadOutputsJson(kFolder / name);
  EXPECT_TRUE(runs.ok()) << runs.status().ToString();
  return runs.ok() ? *runs : RecordedRuns();
}

constexpr char kArray[] =
    R"({"array": "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAr//38/")"
    R"(, "polygraphy_class": "ndarray"})";

TEST(ReadInputsJson, ReadsWhatPolygraphySaved) {
  const std::vector<TensorMap> inputs = Inputs("inputs.json");
  ASSERT_EQ(inputs.size(), 2U);
  ASSERT_EQ(inputs[0].size(), 2U);
  EXPECT_EQ(inputs[0][0].name, "x");
  EXPECT_EQ(inputs[0][0].tensor.dtype(), DType::kFloat32);
  EXPECT_EQ(inputs[0][0].tensor.shape(), (Shape{1, 2, 3}));
  EXPECT_EQ(inputs[0][0].tensor.data<float>()[5], 1.25F);
  EXPECT_EQ(inputs[0][1].name, "ids");
  EXPECT_EQ(inputs[0][1].tensor.data<int64_t>()[2], 3);
  EXPECT_EQ(inputs[1][0].tensor.data<float>()[0], -0.5F);
  EXPECT_EQ(inputs[1][1].tensor.shape(), (Shape{0}));
}

TEST(ReadInputsJson, ASingleObjectIsOneIteration) {
  EXPECT_EQ(Inputs("inputs_single.json").size(), 1U);
  EXPECT_EQ(Inputs("inputs_none.json").size(), 0U);
  const std::vector<TensorMap> empty = Inputs("inputs_empty_iteration.json");
  ASSERT_EQ(empty.size(), 1U);
  EXPECT_TRUE(empty[0].empty());
}

TEST(ReadInputsJson, ReadsTheFormsOfOlderReleases) {
  const std::vector<TensorMap> inputs = Inputs("inputs_legacy.json");
  ASSERT_EQ(inputs.size(), 1U);
  ASSERT_EQ(inputs[0].size(), 3U);
  for (const NamedTensor& item : inputs[0]) {
    ASSERT_EQ(item.tensor.shape(), (Shape{3})) << item.name;
    for (size_t i = 0; i < 3; ++i) EXPECT_EQ(item.tensor.data<float>()[i], static_cast<float>(i));
  }
}

TEST(ReadOutputsJson, ReadsWhatPolygraphySaved) {
  const RecordedRuns runs = Outputs("outputs.json");
  ASSERT_EQ(runs.size(), 4U);
  EXPECT_EQ(runs[0].runner_name, "onnxrt-runner-N0-01/02/26-03:04:05");
  EXPECT_EQ(runs[1].runner_name, "tra\"chten/\xC3\xA9\\\xF0\x9F\x98\x80");
  EXPECT_TRUE(runs[2].iterations.empty());
  for (size_t r = 0; r < 2; ++r) {
    ASSERT_EQ(runs[r].iterations.size(), 2U);
    for (size_t i = 0; i < 2; ++i) {
      const RecordedIteration& iteration = runs[r].iterations[i];
      EXPECT_EQ(iteration.runner_name, runs[r].runner_name);
      EXPECT_EQ(iteration.runtime_seconds, i == 0 ? 0.001 : 12.0);
      ASSERT_EQ(iteration.outputs.size(), 3U);
      EXPECT_EQ(iteration.outputs[0].tensor.data<float>()[3], static_cast<float>(3 + i));
      EXPECT_EQ(iteration.outputs[1].tensor.data<bool>()[0], true);
      EXPECT_EQ(iteration.outputs[2].name, "half");
      EXPECT_EQ(iteration.outputs[2].tensor.ValueAsDouble(0), 1.5);
    }
  }
  ASSERT_EQ(runs[3].iterations.size(), 1U);
  EXPECT_FALSE(runs[3].iterations[0].runtime_seconds.has_value());
  EXPECT_TRUE(Outputs("outputs_none.json").empty());
}

TEST(ReadOutputsJson, ReadsTheFormsOfOlderReleases) {
  const RecordedRuns runs = Outputs("outputs_legacy.json");
  ASSERT_EQ(runs.size(), 1U);
  ASSERT_EQ(runs[0].iterations.size(), 1U);
  const RecordedIteration& iteration = runs[0].iterations[0];
  EXPECT_EQ(iteration.runtime_seconds, 1.0);
  ASSERT_EQ(iteration.outputs.size(), 3U);
  for (const NamedTensor& item : iteration.outputs)
    EXPECT_EQ(item.tensor.data<float>()[2], 2.0F) << item.name;
}

TEST(WriteJson, IsByteForByteWhatPolygraphyWrites) {
  const fs::path path = Temporary("same.json");
  for (const char* name : {"inputs.json", "inputs_none.json", "inputs_empty_iteration.json"}) {
    ASSERT_TRUE(WriteInputsJson(path, Inputs(name)).ok());
    EXPECT_EQ(TextOf(path), TextOf(kFolder / name)) << name;
  }
  ASSERT_TRUE(WriteIterationJson(path, Inputs("inputs_single.json")[0]).ok());
  EXPECT_EQ(TextOf(path), TextOf(kFolder / "inputs_single.json"));
  for (const char* name : {"outputs.json", "outputs_none.json"}) {
    ASSERT_TRUE(WriteOutputsJson(path, Outputs(name)).ok());
    EXPECT_EQ(TextOf(path), TextOf(kFolder / name)) << name;
  }
}

TEST(WriteJson, EveryTypeComesBack) {
  TensorMap map;
  for (int i = 1; i < kDTypeCount; ++i) {
    const auto dtype = static_cast<DType>(i);
    Tensor tensor = Tensor::Zeros(dtype, Shape{3});
    if (dtype == DType::kString) {
      tensor.mutable_data<std::string>()[1] = "\xE2\x82\xAC";
    } else {
      static_cast<uint8_t*>(tensor.mutable_raw())[0] = 1;
    }
    map.Add(std::string(DTypeName(dtype)), tensor);
  }
  const fs::path path = Temporary("types.json");
  ASSERT_TRUE(WriteInputsJson(path, std::vector<TensorMap>{map}).ok());
  const Result<std::vector<TensorMap>> back = ReadInputsJson(path);
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  ASSERT_EQ((*back)[0].size(), map.size());
  for (size_t i = 0; i < map.size(); ++i) {
    const Tensor& tensor = (*back)[0][i].tensor;
    ASSERT_EQ(DTypeName(tensor.dtype()), map[i].name);
    if (tensor.dtype() == DType::kString) {
      EXPECT_EQ(tensor.data<std::string>()[1], "\xE2\x82\xAC");
    } else {
      EXPECT_EQ(std::memcmp(tensor.raw(), map[i].tensor.raw(), tensor.byte_size()), 0)
          << map[i].name;
    }
  }
}

TEST(WriteJson, RuntimesThatAreNoNumbersComeBack) {
  const fs::path path = Temporary("runtime.json");
  RecordedRuns runs(1);
  for (double runtime : {std::nan(""), HUGE_VAL, -HUGE_VAL, 1e-9}) {
    runs[0].iterations.push_back({TensorMap(), runtime, "r"});
  }
  ASSERT_TRUE(WriteOutputsJson(path, runs).ok());
  const Result<RecordedRuns> back = ReadOutputsJson(path);
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  EXPECT_TRUE(std::isnan(*(*back)[0].iterations[0].runtime_seconds));
  EXPECT_EQ((*back)[0].iterations[1].runtime_seconds, HUGE_VAL);
  EXPECT_EQ((*back)[0].iterations[2].runtime_seconds, -HUGE_VAL);
  EXPECT_EQ((*back)[0].iterations[3].runtime_seconds, 1e-9);
}

TEST(WriteJson, NamesThatAreNotUtf8AreRefusedAndNothingIsLeft) {
  const fs::path path = Temporary("not_utf8.json");
  fs::remove(path);
  TensorMap map;
  map.Add("a\xff", Tensor::Scalar(1.0F));
  const Status status = WriteInputsJson(path, std::vector<TensorMap>{map});
  EXPECT_EQ(status.code(), StatusCode::kInvalidInput);
  EXPECT_FALSE(fs::exists(path));
}

TEST(InputsJsonWriter, WithoutFinishNothingIsLeft) {
  const fs::path path = Temporary("unfinished.json");
  fs::remove(path);
  {
    Result<InputsJsonWriter> writer = InputsJsonWriter::Create(path);
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE(writer->Append(Inputs("inputs_single.json")[0]).ok());
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(ReadJson, TheOtherKindOfFileIsNamedWithAHint) {
  const Status inputs = ReadInputsJson(kFolder / "outputs.json").status();
  EXPECT_EQ(inputs.code(), StatusCode::kInvalidInput);
  EXPECT_NE(inputs.message().find("got a file of outputs"), std::string::npos) << inputs.message();
  EXPECT_NE(inputs.hint().find("--load-outputs"), std::string::npos);
  for (const char* name :
       {"inputs.json", "inputs_single.json", "inputs_none.json", "inputs_torch.json"}) {
    const Status outputs = ReadOutputsJson(kFolder / name).status();
    EXPECT_EQ(outputs.code(), StatusCode::kInvalidInput);
    EXPECT_NE(outputs.message().find("got a file of inputs"), std::string::npos)
        << outputs.message();
    EXPECT_NE(outputs.hint().find("--load-inputs"), std::string::npos);
  }
  for (const char* text :
       {R"({"polygraphy_class": "RunResults", "lst": []})",
        R"({"lst": [], "__polygraphy_encoded_RunResults": "polygraphy_serialized_json_type"})"}) {
    EXPECT_NE(ParseInputsJson(text, "").status().message().find("got a file of outputs"),
              std::string::npos);
  }
}

TEST(ReadJson, OtherClassesAreNamed) {
  EXPECT_EQ(ParseOutputsJson(
                R"({"lst": [[["a", "b"], []]], "polygraphy_class": "AccuracyResults"})", "x.json")
                .status()
                .message(),
            "expected outputs (RunResults), got an object of class \"AccuracyResults\" (x.json)");
  EXPECT_NE(ParseInputsJson(R"([{"replay": {}, "polygraphy_class": "TacticReplayData"}])", "x.json")
                .status()
                .message()
                .find("input \"replay\""),
            std::string::npos);
  const Status formatted =
      ParseInputsJson(R"([{"x": {"arr": 1, "polygraphy_class": "FormattedArray"}}])", "").status();
  EXPECT_EQ(formatted.code(), StatusCode::kUnsupported);
  EXPECT_NE(formatted.message().find("FormattedArray"), std::string::npos);
}

TEST(ReadJson, TorchTensorsAreExplained) {
  const Status status = ReadInputsJson(kFolder / "inputs_torch.json").status();
  EXPECT_EQ(status.code(), StatusCode::kUnsupported);
  EXPECT_NE(status.message().find("PyTorch"), std::string::npos) << status.message();
  EXPECT_NE(status.message().find("input \"x\""), std::string::npos) << status.message();
  EXPECT_FALSE(status.hint().empty());
}

TEST(ReadJson, EveryTruncationIsAnError) {
  for (const char* name : {"inputs.json", "inputs_legacy.json"}) {
    const std::string text = TextOf(kFolder / name);
    for (size_t length = 0; length < text.size(); ++length) {
      EXPECT_EQ(ParseInputsJson(text.substr(0, length), "").status().code(),
                StatusCode::kInvalidInput)
          << length;
    }
  }
  const std::string text = TextOf(kFolder / "outputs.json");
  for (size_t length = 0; length < text.size(); length += 3) {
    EXPECT_EQ(ParseOutputsJson(text.substr(0, length), "").status().code(),
              StatusCode::kInvalidInput)
        << length;
  }
}

TEST(ReadJson, BadBase64IsFoundWithItsPlace) {
  std::string text = std::string(R"([{"x": )") + kArray + "}]";
  ASSERT_TRUE(ParseInputsJson(text, "").ok()) << ParseInputsJson(text, "").status().ToString();
  std::string broken = text;
  broken[text.find("k05V") + 9] = '*';
  EXPECT_EQ(ParseInputsJson(broken, "in.json").status().message(),
            "JSON: base64 of an array: malformed at character 10 of 176 (line 1, column 28) (input "
            "\"x\") "
            "(iteration 0) (in.json)");
  broken.erase(text.find("k05V") + 9, 1);
  EXPECT_EQ(ParseInputsJson(broken, "").status().code(), StatusCode::kInvalidInput);
}

TEST(ReadJson, ALargeArrayComesBackAndItsErrorsAreFound) {
  Tensor tensor = Tensor::Allocate(DType::kInt32, {5'000'000});
  std::span<int32_t> elements = tensor.mutable_data<int32_t>();
  for (size_t i = 0; i < elements.size(); ++i)
    elements[i] = static_cast<int32_t>(i * 7919U % 65537);
  TensorMap inputs;
  inputs.Add("x", tensor);
  const fs::path path = Temporary("large.json");
  ASSERT_TRUE(WriteInputsJson(path, std::span(&inputs, 1)).ok());
  std::string text = TextOf(path);
  const Result<std::vector<TensorMap>> read = ReadInputsJson(path);
  fs::remove(path);
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_TRUE(std::ranges::equal((*read)[0][0].tensor.data<int32_t>(), tensor.data<int32_t>()));

  const size_t begin = text.find("k05V");
  for (const size_t at : {size_t{20'000'000}, (size_t{16} << 20) - 1, size_t{16} << 20}) {
    const char was = std::exchange(text[begin + at], '=');
    const std::string message = ParseInputsJson(text, "").status().message();
    EXPECT_NE(message.find(fmt::format("malformed at character {} of", at + 1)), std::string::npos)
        << message;
    text[begin + at] = was;
  }
}

TEST(ReadJson, EscapedBase64IsRead) {
  std::string text = std::string(R"([{"x": )") + kArray + "}]";
  const size_t slash = text.find('/');
  ASSERT_NE(slash, std::string::npos);
  text.insert(slash, "\\");
  const Result<std::vector<TensorMap>> inputs = ParseInputsJson(text, "");
  ASSERT_TRUE(inputs.ok()) << inputs.status().ToString();
  EXPECT_EQ((*inputs)[0][0].tensor.data<float>()[0], 0x1.fffffep-1F);
}

TEST(ReadJson, ArraysOfTypesWithoutMeaningAreExplained) {
  const std::string text =
      R"([{"x": {"polygraphy_class": "ndarray", "array": "k05VTVBZAQB2AHsnZGVzY3InOiAnfE8nLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMSwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAo="}}])";
  const Status status = ParseInputsJson(text, "").status();
  EXPECT_EQ(status.code(), StatusCode::kUnsupported) << status.message();
  EXPECT_NE(status.message().find("pickled Python objects"), std::string::npos);
}

TEST(ReadJson, MalformedTextIsRefused) {
  for (const char* text : {"",
                           " ",
                           "null",
                           "5",
                           "\"x\"",
                           "[",
                           "[1]",
                           "[{]",
                           "[{}",
                           "[{},]",
                           "[{}] x",
                           "{\"x\"}",
                           "{\"x\":}",
                           "{\"x\":1}",
                           "{\"x\":null}",
                           "{\"x\":[]}",
                           "{\"x\":{}}",
                           "{\"x\":{\"array\":1}}",
                           "{\"x\":{\"polygraphy_class\":\"ndarray\"}}",
                           "{\"x\":{\"polygraphy_class\":\"LazyArray\"}}",
                           "{\"x\":{\"array\":\"\",\"polygraphy_class\":\"ndarray\"}}",
                           "{\"\\ud800\":1}",
                           "{\"a\x01\":1}",
                           "\xEF\xBB\xBF[]",
                           "[{} {}]",
                           "{,}",
                           "{\"x\":{\"polygraphy_class\":tru}}"}) {
    EXPECT_EQ(ParseInputsJson(text, "").status().code(), StatusCode::kInvalidInput) << text;
  }
  for (const char* text :
       {"", "null", "{}", "{\"polygraphy_class\":\"RunResults\"}",
        "{\"lst\":{},\"polygraphy_class\":\"RunResults\"}",
        "{\"lst\":[[]],\"polygraphy_class\":\"RunResults\"}",
        "{\"lst\":[[\"a\"]],\"polygraphy_class\":\"RunResults\"}",
        "{\"lst\":[[\"a\",[],1]],\"polygraphy_class\":\"RunResults\"}",
        "{\"lst\":[[\"a\",[{}]]],\"polygraphy_class\":\"RunResults\"}",
        "{\"lst\":[[\"a\",[{\"polygraphy_class\":\"IterationResult\"}]]],\"polygraphy_class\":"
        "\"RunResults\"}",
        "{\"lst\":[[\"a\",[{\"outputs\":[],\"polygraphy_class\":\"IterationResult\"}]]],"
        "\"polygraphy_class\":\"RunResults\"}",
        "{\"lst\":[[\"a\",[{\"outputs\":{},\"runtime\":01,\"polygraphy_class\":\"IterationResult\"}"
        "]]],"
        "\"polygraphy_class\":\"RunResults\"}"}) {
    EXPECT_EQ(ParseOutputsJson(text, "").status().code(), StatusCode::kInvalidInput) << text;
  }
}

TEST(ReadJson, EqualNamesAreRefused) {
  const std::string text = std::string(R"([{"x": )") + kArray + R"(, "x": )" + kArray + "}]";
  const Status status = ParseInputsJson(text, "").status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidInput);
  EXPECT_NE(status.message().find("two inputs are called \"x\""), std::string::npos)
      << status.message();
}

TEST(ReadJson, NestingIsLimited) {
  const std::string deep(1000000, '[');
  const std::string text = R"([{"x": {"junk": )" + deep;
  const Status status = ParseInputsJson(text, "").status();
  EXPECT_NE(status.message().find("levels deep"), std::string::npos) << status.message();
  std::string lazy;
  for (int i = 0; i < 1000; ++i) lazy += R"({"polygraphy_class": "LazyArray", "values": )";
  EXPECT_EQ(ParseInputsJson(R"([{"x": )" + lazy, "").status().code(), StatusCode::kInvalidInput);
}

TEST(ReadJson, UnknownKeysOfArraysAreIgnored) {
  std::string text = std::string(R"([{"x": )") + kArray + "}]";
  text.insert(text.find("\"array\""),
              R"("more": [1, {"a": [true, false, null, -1.5e-3, "\"]"]}, []], )");
  EXPECT_TRUE(ParseInputsJson(text, "").ok()) << ParseInputsJson(text, "").status().ToString();
}

}  // namespace
}  // namespace assay
