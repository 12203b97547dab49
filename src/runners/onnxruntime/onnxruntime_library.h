#pragma once

#include <onnxruntime_c_api.h>

#include <memory>
#include <string>
#include <vector>

#include "base/dynamic_library.h"
#include "base/log.h"
#include "base/status.h"

namespace assay {

// Owner of an object of the library; made by OnnxRuntime::Own.
template <typename T>
using OrtOwned = std::unique_ptr<T, void (*)(T*)>;

// Passes a line of the library to `log`: its warnings and errors at kVerbose (every error also
// comes back as a status), information at kSuperVerbose, the rest at kUltraVerbose.
void ForwardOrtLine(LogSink& log, OrtLoggingLevel level, const char* message);
// The least severe level of the library that `log` wants to see.
OrtLoggingLevel OrtLevelFor(const LogSink& log);

// The ONNX Runtime library, loaded at run time, and its one environment, shared by everybody who
// loads the same path. Thread-safe.
class OnnxRuntime {
 public:
  // path: the library or the folder that holds it; empty: the copy that set-up left beside the
  // program. `log` gets the library's start-up lines.
  // Errors: kUnavailable if it is not there, cannot be loaded or is older than the API in use.
  static Result<std::shared_ptr<OnnxRuntime>> Load(const std::string& path, LogSink& log);
  OnnxRuntime(const OnnxRuntime&) = delete;
  OnnxRuntime& operator=(const OnnxRuntime&) = delete;

  const OrtApi& api() const { return *api_; }
  const OrtEnv* env() const { return env_.get(); }
  const DynamicLibrary& library() const { return *library_; }
  const std::string& version() const { return version_; }  // "1.32.0"

  // Execution providers that this build of the library contains, in its order of preference.
  Result<std::vector<std::string>> AvailableProviders() const;

  // Takes a status of the library. `what` starts the message ("cannot run the model"); `otherwise`
  // is the code for failures that the library does not classify.
  Status Check(OrtStatus* status, const std::string& what, StatusCode otherwise) const;

 private:
  OnnxRuntime() : env_(nullptr, nullptr) {}
  static Result<std::shared_ptr<OnnxRuntime>> Open(const std::filesystem::path& path, LogSink& log);

  std::shared_ptr<DynamicLibrary> library_;
  const OrtApi* api_ = nullptr;
  std::string version_;
  OrtOwned<OrtEnv> env_;
};

}  // namespace assay
