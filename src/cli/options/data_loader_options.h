#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/status.h"
#include "cli/option.h"
#include "cli/parser.h"
#include "tensor/image.h"
#include "tensor/random.h"

namespace assay {

extern const OptionGroup kDataLoaderOptions;
extern const OptionGroup kImageOptions;

// Where the inputs of a run come from: files, pictures, or the random generator.
struct DataLoaderSettings {
  RandomInputOptions random;
  int64_t iterations = 1;                // of random inputs
  std::vector<std::string> input_files;  // files or folders, in order
  std::string image_path;                // a folder of pictures or one picture
  std::string image_input;               // empty: the only input with four dimensions
  ImageOptions image;

  bool random_inputs() const { return input_files.empty() && image_path.empty(); }
};

// Warns of options that the chosen source ignores. Errors: kUsage.
Result<DataLoaderSettings> ReadDataLoaderOptions(const ParsedOptions& options, LogSink& log);

}  // namespace assay
