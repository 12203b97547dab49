#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "cli/named_values.h"
#include "cli/option.h"
#include "cli/parser.h"
#include "runners/model_source.h"

namespace assay {

extern const OptionGroup kModelOptions;          // optional model file, input shapes
extern const OptionGroup kRequiredModelOptions;  // for commands that are about a model
extern const OptionGroup kOnnxLoadOptions;
extern const OptionGroup kOutputMarkingOptions;
extern const OptionGroup kOnnxSaveOptions;
extern const OptionGroup kShapeInferenceOptions;

// Where the model of a command line is.
struct ModelSettings {
  std::string path;                      // empty: none was given
  std::vector<TypedShape> input_shapes;  // without dynamic extents
};
// Errors: kNotFound for a path that does not exist, kUsage for malformed shapes and for a file
// whose type cannot be told, kUnsupported for models that are not ONNX.
Result<ModelSettings> ReadModelOptions(const ParsedOptions& options);

ModelSource::Options ReadOnnxLoadOptions(const ParsedOptions& options);

// Where the model is saved as it runs.
struct OnnxSaveSettings {
  std::string path;  // empty: not at all
  bool external_data = false;
  std::string external_data_name;
  size_t external_data_threshold = 1024;
  bool one_external_file = true;
};
// Errors: kUsage.
Result<OnnxSaveSettings> ReadOnnxSaveOptions(const ParsedOptions& options);

}  // namespace assay
