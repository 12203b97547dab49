// Feeds bytes to the ONNX reader. A model that is accepted must verify, print, and come back equal
// from the writer.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "ir/difference.h"
#include "ir/print.h"
#include "ir/verify.h"
#include "onnx/export.h"
#include "onnx/import.h"

namespace assay {
namespace {

void Require(const Status& status, const char* what) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s: %s\n", what, status.ToString().c_str());
  std::abort();
}

Model WriteAndRead(const Model& model) {
  Result<std::string> bytes = SerializeModel(model);
  Require(bytes.status(), "a model that was read cannot be written");
  const auto owner = std::make_shared<const std::string>(std::move(*bytes));
  Result<Model> again = ParseModel(*owner, owner);
  Require(again.status(), "a model that was written cannot be read");
  return std::move(*again);
}

void CheckAccepted(const Model& model) {
  PrintModel(model);
  const Status status = VerifyModel(model);
  // The one thing that the format leaves open and the ir does not.
  if (status.message().find("has no element type") != std::string::npos) return;
  Require(status, "a model that was read does not verify");
  // Writing gives names to what has none, so the first copy may differ from the model.
  const Model first = WriteAndRead(model);
  const std::string difference = FirstDifference(first, WriteAndRead(first));
  if (!difference.empty()) {
    Require(Status(StatusCode::kInternal, difference), "a model changed by writing and reading");
  }
}

}  // namespace
}  // namespace assay

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assay;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Result<Model> model = ParseModel(bytes, nullptr);
  if (model.ok()) CheckAccepted(*model);
  return 0;
}
