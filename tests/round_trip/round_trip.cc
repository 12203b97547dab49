// Reads models, checks the graphs, writes them again with all weights inside and with external
// data, and reads those back: they must be equal.
//
// usage: assay_round_trip FOLDER < LIST
//
// LIST has one path of a model per line; the models go to FOLDER/<line number>.onnx and
// FOLDER/<line number>.external.onnx.

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <iostream>
#include <string>

#include "ir/difference.h"
#include "ir/verify.h"
#include "onnx/export.h"
#include "onnx/import.h"

namespace assay {
namespace {

Status WriteAndCompare(const Model& model, const std::filesystem::path& path,
                       const ExportOptions& options) {
  ASSAY_RETURN_IF_ERROR(SaveModel(model, path, options));
  ASSAY_ASSIGN_OR_RETURN(const Model again, LoadModel(path));
  const std::string difference = FirstDifference(model, again);
  if (difference.empty()) return OkStatus();
  return Status(StatusCode::kInternal, "differs after writing and reading: " + difference);
}

Status RoundTrip(const std::string& path, const std::filesystem::path& folder, int number) {
  ASSAY_ASSIGN_OR_RETURN(const Model model, LoadModel(path));
  ASSAY_RETURN_IF_ERROR(VerifyModel(model));
  ASSAY_RETURN_IF_ERROR(WriteAndCompare(model, folder / fmt::format("{}.onnx", number), {}));
  return WriteAndCompare(model, folder / fmt::format("{}.external.onnx", number),
                         {.external_data = true});
}

int Run(const std::filesystem::path& folder) {
  int models = 0;
  int failures = 0;
  for (std::string path; std::getline(std::cin, path); ++models) {
    const Status status = RoundTrip(path, folder, models);
    if (status.ok()) continue;
    ++failures;
    fmt::print("{}: {}\n", path, status.ToString());
  }
  fmt::print("{} models, {} failures\n", models, failures);
  return models > 0 && failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace assay

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: assay_round_trip FOLDER < LIST\n");
    return 2;
  }
  return assay::Run(argv[1]);
}
