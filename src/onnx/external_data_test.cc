#include "onnx/external_data.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "onnx/external_files.h"
#include "onnx/import.h"
#include "onnx/test_messages.h"

namespace assay {
namespace {

using namespace test;
namespace fs = std::filesystem;

// A model with the float32(2,) weight w in an external file.
std::string ModelWithExternal(std::string_view location, std::string_view offset = "",
                              std::string_view length = "") {
  const auto entry = [](std::string_view key, std::string_view value) {
    return Bytes(13, Bytes(1, key) + Bytes(2, value));
  };
  std::string tensor = Number(1, 2) + Number(2, 1) + Bytes(8, "w") + Number(14, 1);
  tensor += entry("location", location);
  if (!offset.empty()) tensor += entry("offset", offset);
  if (!length.empty()) tensor += entry("length", length);
  return ModelMessage(
      GraphMessage(Bytes(5, tensor) + Bytes(1, NodeMessage("Add", {"x", "w"}, "y"))));
}

class ExternalData : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path(testing::TempDir()) /
            testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(root_);
    fs::create_directories(root_ / "model" / "data");
    fs::create_directories(root_ / "elsewhere");
    Write(root_ / "model" / "w.bin", Raw<float>({1, 2, 3, 4}));
    Write(root_ / "elsewhere" / "w.bin", Raw<float>({5, 6, 7, 8}));
  }
  void TearDown() override { fs::remove_all(root_); }

  static void Write(const fs::path& path, const std::string& bytes) {
    ASSERT_TRUE(WriteFileAtomically(path, bytes).ok());
  }

  Result<Model> Load(const std::string& model, const ImportOptions& options = {}) {
    const fs::path path = root_ / "model" / "m.onnx";
    Write(path, model);
    return LoadModel(path, options);
  }
  // Without the parts that depend on where the test runs.
  std::string Error(const std::string& model) {
    std::string text = Load(model).status().ToString();
    for (size_t at; (at = text.find(root_.string())) != std::string::npos;) {
      text.replace(at, root_.string().size(), "ROOT");
    }
    return text;
  }
  static std::vector<float> Weights(const Result<Model>& model) {
    if (!model.ok()) return {};
    const auto data = model->graph.value(model->graph.FindValue("w")).constant->data<float>();
    return {data.begin(), data.end()};
  }

  fs::path root_;
};

constexpr const char* kFolderHint =
    "\nhint: put the file into the model's folder, or name the folder it lies in with "
    "--external-data-dir";

TEST_F(ExternalData, IsReadAtItsOffset) {
  EXPECT_EQ(Weights(Load(ModelWithExternal("w.bin"))), (std::vector<float>{1, 2}));
  EXPECT_EQ(Weights(Load(ModelWithExternal("w.bin", "8", "8"))), (std::vector<float>{3, 4}));
  EXPECT_EQ(Weights(Load(ModelWithExternal("./w.bin", "5"))).size(), 2u);
}

TEST_F(ExternalData, MayLieInAFolderBelow) {
  Write(root_ / "model" / "data" / "v.bin", Raw<float>({9, 10}));
  EXPECT_EQ(Weights(Load(ModelWithExternal("data/v.bin"))), (std::vector<float>{9, 10}));
}

TEST_F(ExternalData, ComesFromAnotherFolderIfAsked) {
  ImportOptions options;
  options.external_data_folder = root_ / "elsewhere";
  EXPECT_EQ(Weights(Load(ModelWithExternal("w.bin"), options)), (std::vector<float>{5, 6}));
}

TEST_F(ExternalData, IgnoredLeavesTheTypeOnly) {
  ImportOptions options;
  options.ignore_external_data = true;
  const Result<Model> model = Load(ModelWithExternal("missing.bin"), options);
  ASSERT_TRUE(model.ok());
  const Value& w = model->graph.value(model->graph.FindValue("w"));
  EXPECT_FALSE(w.constant);
  EXPECT_TRUE(w.weights_absent);
  EXPECT_EQ(w.type.ToString(), "float32(2,)");
}

TEST_F(ExternalData, PathsOutOfTheFolderAreRefused) {
  const auto refusal = [](const std::string& location) {
    return "tensor \"w\": external data: expected a path inside the model's folder, got \"" +
           location + "\" (ROOT/model/m.onnx)" + kFolderHint;
  };
  for (const char* location :
       {"../elsewhere/w.bin", "data/../../elsewhere/w.bin", "/etc/passwd", "C:/w.bin", "..", ""}) {
    EXPECT_EQ(Error(ModelWithExternal(location)), refusal(location));
  }
  EXPECT_EQ(Error(ModelWithExternal("..\\w.bin")), refusal("..\\\\w.bin"));
}

TEST_F(ExternalData, LinksOutOfTheFolderAreRefused) {
  fs::create_symlink(root_ / "elsewhere" / "w.bin", root_ / "model" / "link.bin");
  fs::create_directory_symlink(root_ / "elsewhere", root_ / "model" / "linked");
  EXPECT_EQ(Error(ModelWithExternal("link.bin")),
            "tensor \"w\": external data: expected a path inside the model's folder, got "
            "\"link.bin\", a link to \"ROOT/elsewhere/w.bin\" (ROOT/model/m.onnx)" +
                std::string(kFolderHint));
  EXPECT_EQ(Error(ModelWithExternal("linked/w.bin")),
            "tensor \"w\": external data: expected a path inside the model's folder, got "
            "\"linked/w.bin\", a link to \"ROOT/elsewhere/w.bin\" (ROOT/model/m.onnx)" +
                std::string(kFolderHint));
}

TEST_F(ExternalData, ModelAndDataMayBeLinkedFromOneFolder) {
  Write(root_ / "elsewhere" / "m.blob", ModelWithExternal("w.bin"));
  fs::remove(root_ / "model" / "w.bin");
  fs::create_symlink(root_ / "elsewhere" / "w.bin", root_ / "model" / "w.bin");
  fs::create_symlink(root_ / "elsewhere" / "m.blob", root_ / "model" / "m.onnx");
  EXPECT_EQ(Weights(LoadModel(root_ / "model" / "m.onnx")), (std::vector<float>{5, 6}));
}

TEST_F(ExternalData, MissingFilesNameTheTensorAndThePath) {
  EXPECT_EQ(
      Error(ModelWithExternal("missing.bin")),
      "tensor \"w\": external data: cannot open \"ROOT/model/missing.bin\": No such file or "
      "directory (ROOT/model/m.onnx)\n"
      "hint: put the file beside the model, name its folder with --external-data-dir, or look "
      "at the model without weights with --ignore-external-data");
  EXPECT_EQ(Load(ModelWithExternal("missing.bin")).status().code(), StatusCode::kNotFound);
}

TEST_F(ExternalData, OffsetsAndLengthsAreChecked) {
  EXPECT_EQ(Error(ModelWithExternal("w.bin", "12")),
            "tensor \"w\": external data: expected 8 bytes at offset 12, file \"ROOT/model/w.bin\" "
            "has 16 bytes (ROOT/model/m.onnx)\n"
            "hint: the file is incomplete or belongs to another model; copy it again");
  EXPECT_EQ(Error(ModelWithExternal("w.bin", "18446744073709551615")),
            "tensor \"w\": external data: expected 8 bytes at offset 18446744073709551615, file "
            "\"ROOT/model/w.bin\" has 16 bytes (ROOT/model/m.onnx)\n"
            "hint: the file is incomplete or belongs to another model; copy it again");
  EXPECT_EQ(Error(ModelWithExternal("w.bin", "0", "12")),
            "tensor \"w\": external data: expected 8 bytes, got length 12 (ROOT/model/m.onnx)");
  EXPECT_EQ(Error(ModelWithExternal("w.bin", "-4")),
            "tensor \"w\": external data: expected a number of bytes as offset, got \"-4\" "
            "(ROOT/model/m.onnx)");
}

TEST_F(ExternalData, FoldersAndPipesAreRefused) {
  EXPECT_EQ(Error(ModelWithExternal("data")),
            "tensor \"w\": external data: expected a regular file, got \"ROOT/model/data\" "
            "(ROOT/model/m.onnx)" +
                std::string(kFolderHint));
}

TEST(ExternalDataOfMemory, NeedsAFolder) {
  EXPECT_EQ(
      ParseError(ModelWithExternal("w.bin")),
      "tensor \"w\": external data: \"w.bin\" cannot be found for a model that is not a file\n"
      "hint: name the folder of the external data");
}

TEST_F(ExternalData, FilesAreFoundWithoutReadingThem) {
  const auto tensor = [](std::string_view location) {
    return Number(14, 1) + Bytes(13, Bytes(1, "location") + Bytes(2, location)) +
           Bytes(13, Bytes(1, "offset") + Bytes(2, "4"));
  };
  const std::string body = GraphMessage(Bytes(5, tensor("in/body")));
  const std::string attributes = Bytes(5, Bytes(5, tensor("attribute"))) +
                                 Bytes(5, Bytes(6, body)) +
                                 Bytes(5, Bytes(22, Bytes(1, tensor("sparse"))));
  const std::string model =
      ModelMessage(GraphMessage(Bytes(5, tensor("w")) + Bytes(5, tensor("w")) +
                                Bytes(1, NodeMessage("If", {"x"}, "y", attributes)))) +
      Bytes(25, Bytes(7, NodeMessage("Constant", {}, "c", Bytes(5, Bytes(5, tensor("function"))))));
  const std::vector<std::string> all = {"w", "attribute", "in/body", "sparse", "function"};
  std::vector<std::string> found = ExternalDataLocations(model);
  std::ranges::sort(found);
  std::vector<std::string> expected = all;
  std::ranges::sort(expected);
  EXPECT_EQ(found, expected);
  for (size_t size = 0; size < model.size(); ++size) ExternalDataLocations(model.substr(0, size));

  Write(root_ / "model" / "m.onnx", ModelWithExternal("gone.bin"));
  EXPECT_EQ(ExternalDataFiles(root_ / "model" / "m.onnx"),
            std::vector<fs::path>{root_ / "model" / "gone.bin"});
  EXPECT_EQ(ExternalDataFiles(root_ / "model" / "m.onnx", root_ / "elsewhere"),
            std::vector<fs::path>{root_ / "elsewhere" / "gone.bin"});
  EXPECT_TRUE(ExternalDataFiles(root_ / "model" / "w.bin").empty());
  EXPECT_TRUE(ExternalDataFiles(root_ / "no.onnx").empty());
}

}  // namespace
}  // namespace assay
