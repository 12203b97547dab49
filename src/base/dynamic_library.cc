#include "base/dynamic_library.h"

#include <dlfcn.h>
#include <fmt/format.h>

namespace assay {

Result<std::shared_ptr<DynamicLibrary>> DynamicLibrary::Open(const std::filesystem::path& path) {
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    return Status(StatusCode::kUnavailable,
                  fmt::format("cannot load the library \"{}\": {}", path.string(), dlerror()));
  }
  std::shared_ptr<DynamicLibrary> library(new DynamicLibrary());
  library->path_ = path;
  library->handle_ = handle;
  return library;
}

DynamicLibrary::~DynamicLibrary() {
  if (handle_ != nullptr) dlclose(handle_);
}

Result<void*> DynamicLibrary::Symbol(const std::string& name) const {
  void* symbol = dlsym(handle_, name.c_str());
  if (symbol == nullptr) {
    return Status(StatusCode::kUnavailable,
                  fmt::format("the library \"{}\" has no symbol \"{}\"", path_.string(), name));
  }
  return symbol;
}

}  // namespace assay
