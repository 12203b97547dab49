#pragma once

#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/status.h"
#include "cli/named_values.h"
#include "cli/options/data_loader_options.h"
#include "runners/named_shapes.h"
#include "runners/runner.h"
#include "tensor/tensor.h"

namespace assay {

// Gives the inputs of a run, one iteration at a time: generated, read from files or made of
// pictures. Generated inputs follow the first runner's description of the model.
class InputSource {
 public:
  // `shapes`: --input-shapes, names may hold wildcards. `preferred`: shapes to generate where those
  // say nothing and the model leaves extents open. The log must outlive the source.
  InputSource(const DataLoaderSettings& settings, const std::vector<TypedShape>& shapes,
              const NamedShapes& preferred, LogSink& log);

  // The inputs of the model as the first runner sees them; to be set before Next.
  void SetWanted(const std::vector<TensorInfo>& wanted) { wanted_ = wanted; }
  // nullopt after the last iteration.
  Result<std::optional<TensorMap>> Next();
  // An error of running these inputs, with the hint that shapes were made up, if they were.
  Status HintAtShapes(const Status& error) const;
  // How many iterations there are, where that is known before they are read; else 0.
  int64_t ExpectedIterations() const;

 private:
  const TypedShape* FindShape(std::string_view input) const;
  Status CheckShapeNames() const;
  // Shapes on the command line must be those of loaded inputs.
  Status CheckLoaded(const TensorMap& inputs);
  Result<std::optional<TensorMap>> NextRandom();
  Result<std::optional<TensorMap>> NextFromFiles();
  Result<std::optional<TensorMap>> NextPicture();
  Status PreparePictures();
  Status MakeSpecs();
  // nullptr if nothing is preferred.
  const Shape* PreferredShape(const TensorInfo& input) const;
  Result<RandomInputSpec> MakeSpec(const TensorInfo& input, const TypedShape* typed);
  void WarnOfUnusedRanges();

  DataLoaderSettings settings_;
  std::vector<TypedShape> shapes_;
  NamedShapes preferred_;
  LogSink& log_;
  OnceLog once_;
  std::vector<TensorInfo> wanted_;
  bool checked_ = false;
  int64_t iteration_ = 0;
  std::optional<std::vector<RandomInputSpec>> specs_;
  std::vector<std::string> guessed_;         // of the inputs whose shape was made up: "x:[?,3]"
  std::deque<std::filesystem::path> files_;  // not read yet
  bool listed_ = false;
  std::deque<TensorMap> loaded_;  // of the current file
};

}  // namespace assay
