#include "runners/onnxruntime/onnxruntime_library.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <mutex>
#include <system_error>

#include "base/executable_path.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHint =
    "run tools/setup.sh build, or name your own copy with --onnxruntime-library PATH";

Severity SeverityOf(OrtLoggingLevel level) {
  switch (level) {
    case ORT_LOGGING_LEVEL_VERBOSE:
      return Severity::kUltraVerbose;
    case ORT_LOGGING_LEVEL_INFO:
      return Severity::kSuperVerbose;
    case ORT_LOGGING_LEVEL_WARNING:
    case ORT_LOGGING_LEVEL_ERROR:
    case ORT_LOGGING_LEVEL_FATAL:
      return Severity::kVerbose;
  }
  return Severity::kVerbose;
}

// The environment outlives the request that made it, and so may its log lines. They go to the sink
// of the request while that is known to live, and nowhere afterwards.
struct EnvironmentLog {
  std::mutex mutex;
  LogSink* sink = nullptr;
};

EnvironmentLog& TheEnvironmentLog() {
  static EnvironmentLog* const log = new EnvironmentLog;
  return *log;
}

void ORT_API_CALL WriteEnvironmentLine(void*, OrtLoggingLevel level, const char*, const char*,
                                       const char*, const char* message) {
  EnvironmentLog& log = TheEnvironmentLog();
  std::lock_guard lock(log.mutex);
  if (log.sink != nullptr) ForwardOrtLine(*log.sink, level, message);
}

class ScopedEnvironmentLog {
 public:
  explicit ScopedEnvironmentLog(LogSink& sink) { Set(&sink); }
  ~ScopedEnvironmentLog() { Set(nullptr); }
  ScopedEnvironmentLog(const ScopedEnvironmentLog&) = delete;
  ScopedEnvironmentLog& operator=(const ScopedEnvironmentLog&) = delete;

 private:
  static void Set(LogSink* sink) {
    EnvironmentLog& log = TheEnvironmentLog();
    std::lock_guard lock(log.mutex);
    log.sink = sink;
  }
};

bool IsLibraryName(const std::string& name) {
  return name == "libonnxruntime.so" || name.starts_with("libonnxruntime.so.") ||
         name == "onnxruntime.dll" ||
         (name.starts_with("libonnxruntime.") && name.ends_with(".dylib"));
}

// The library in a folder; of several versions the last by name. Empty if there is none.
fs::path LibraryIn(const fs::path& folder) {
  fs::path best;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (IsLibraryName(entry->path().filename().string()) && entry->path() > best) {
      best = entry->path();
    }
  }
  return best;
}

Result<fs::path> FindOwnLibrary() {
  Result<fs::path> program = ExecutablePath();
  std::vector<fs::path> folders;
  if (program.ok()) {
    const fs::path folder = program->parent_path();
    folders = {folder, folder / ".." / "lib" / "assay",
               folder / ASSAY_ONNXRUNTIME_FOLDER_FROM_PROGRAM};
  }
  folders.emplace_back(ASSAY_ONNXRUNTIME_FOLDER);
  for (const fs::path& folder : folders) {
    if (fs::path library = LibraryIn(folder); !library.empty()) return library.lexically_normal();
  }
  return Status(StatusCode::kUnavailable, "the ONNX Runtime library is not beside this program",
                kHint);
}

Result<fs::path> FindGivenLibrary(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) {
    return Status(
        StatusCode::kUnavailable,
        fmt::format("the ONNX Runtime library \"{}\" does not exist", path.string()),
        "name libonnxruntime.so or the folder that holds it; in the Python package that is the "
        "folder onnxruntime/capi");
  }
  if (!fs::is_directory(status)) return fs::absolute(path);
  if (fs::path library = LibraryIn(path); !library.empty()) return fs::absolute(library);
  return Status(StatusCode::kUnavailable,
                fmt::format("the folder \"{}\" holds no ONNX Runtime library", path.string()),
                "expected a file named libonnxruntime.so or libonnxruntime.so.VERSION in it");
}

StatusCode CodeOf(OrtErrorCode code, StatusCode otherwise) {
  switch (code) {
    case ORT_INVALID_ARGUMENT:
    case ORT_NO_MODEL:
    case ORT_INVALID_PROTOBUF:
    case ORT_INVALID_GRAPH:
      return StatusCode::kInvalidInput;
    case ORT_NO_SUCHFILE:
      return StatusCode::kNotFound;
    case ORT_NOT_IMPLEMENTED:
      return StatusCode::kUnsupported;
    case ORT_EP_FAIL:
      return StatusCode::kUnavailable;
    case ORT_OK:
    case ORT_FAIL:
    case ORT_ENGINE_ERROR:
    case ORT_RUNTIME_EXCEPTION:
    case ORT_MODEL_LOADED:
      return otherwise;
  }
  return otherwise;
}

}  // namespace

void ForwardOrtLine(LogSink& log, OrtLoggingLevel level, const char* message) {
  const Severity severity = SeverityOf(level);
  if (log.IsEnabled(severity)) log.Write(severity, fmt::format("ONNX Runtime: {}", message));
}

OrtLoggingLevel OrtLevelFor(const LogSink& log) {
  if (log.IsEnabled(Severity::kUltraVerbose)) return ORT_LOGGING_LEVEL_VERBOSE;
  if (log.IsEnabled(Severity::kSuperVerbose)) return ORT_LOGGING_LEVEL_INFO;
  if (log.IsEnabled(Severity::kVerbose)) return ORT_LOGGING_LEVEL_WARNING;
  return ORT_LOGGING_LEVEL_FATAL;
}

Result<std::shared_ptr<OnnxRuntime>> OnnxRuntime::Load(const std::string& path, LogSink& log) {
  Result<fs::path> file = path.empty() ? FindOwnLibrary() : FindGivenLibrary(path);
  if (!file.ok()) return file.status();

  static std::mutex mutex;
  static auto* const loaded = new std::map<fs::path, std::weak_ptr<OnnxRuntime>>;
  std::lock_guard lock(mutex);
  std::weak_ptr<OnnxRuntime>& slot = (*loaded)[*file];
  if (std::shared_ptr<OnnxRuntime> runtime = slot.lock()) return runtime;
  Result<std::shared_ptr<OnnxRuntime>> runtime = Open(*file, log);
  if (runtime.ok()) slot = *runtime;
  return runtime;
}

Result<std::shared_ptr<OnnxRuntime>> OnnxRuntime::Open(const fs::path& path, LogSink& log) {
  Result<std::shared_ptr<DynamicLibrary>> opened = DynamicLibrary::Open(path);
  if (!opened.ok()) return Status(opened.status().code(), opened.status().message(), kHint);
  std::shared_ptr<DynamicLibrary> library = *std::move(opened);
  Result<void*> symbol = library->Symbol("OrtGetApiBase");
  if (!symbol.ok()) {
    return Status(StatusCode::kUnavailable,
                  fmt::format("\"{}\" is not an ONNX Runtime library: {}", path.string(),
                              symbol.status().message()),
                  kHint);
  }
  // The library keeps thread-local state with destructors, so it must stay mapped until the process
  // ends: this list keeps every opened library.
  static auto* const kept = new std::vector<std::shared_ptr<DynamicLibrary>>;
  kept->push_back(library);

  const OrtApiBase* base = reinterpret_cast<decltype(&OrtGetApiBase)>(*symbol)();
  std::shared_ptr<OnnxRuntime> runtime(new OnnxRuntime());
  runtime->library_ = std::move(library);
  runtime->version_ = base->GetVersionString();
  runtime->api_ = base->GetApi(ORT_API_VERSION);
  if (runtime->api_ == nullptr) {
    return Status(StatusCode::kUnavailable,
                  fmt::format("the ONNX Runtime library \"{}\" is too old: expected at least "
                              "version 1.{}, got {}",
                              path.string(), ORT_API_VERSION, runtime->version_),
                  kHint);
  }
  ScopedEnvironmentLog scoped_log(log);
  OrtEnv* env = nullptr;
  ASSAY_RETURN_IF_ERROR(
      runtime->Check(runtime->api_->CreateEnvWithCustomLogger(WriteEnvironmentLine, nullptr,
                                                              OrtLevelFor(log), "assay", &env),
                     "cannot start the library", StatusCode::kUnavailable));
  runtime->env_ = OrtOwned<OrtEnv>(env, runtime->api_->ReleaseEnv);
  return runtime;
}

Result<std::vector<std::string>> OnnxRuntime::AvailableProviders() const {
  char** names = nullptr;
  int count = 0;
  ASSAY_RETURN_IF_ERROR(Check(api_->GetAvailableProviders(&names, &count),
                              "cannot list the execution providers", StatusCode::kUnavailable));
  std::vector<std::string> providers(names, names + count);
  ASSAY_RETURN_IF_ERROR(Check(api_->ReleaseAvailableProviders(names, count),
                              "cannot list the execution providers", StatusCode::kUnavailable));
  return providers;
}

Status OnnxRuntime::Check(OrtStatus* status, const std::string& what, StatusCode otherwise) const {
  if (status == nullptr) return OkStatus();
  Status result(CodeOf(api_->GetErrorCode(status), otherwise),
                fmt::format("ONNX Runtime {}: {}", what, api_->GetErrorMessage(status)));
  api_->ReleaseStatus(status);
  return result;
}

}  // namespace assay
