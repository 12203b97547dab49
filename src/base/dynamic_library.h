#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/status.h"

namespace assay {

// A shared library loaded at run time, unloaded when the last owner goes.
class DynamicLibrary {
 public:
  // Errors: kUnavailable with the loader's reason.
  static Result<std::shared_ptr<DynamicLibrary>> Open(const std::filesystem::path& path);
  ~DynamicLibrary();
  DynamicLibrary(const DynamicLibrary&) = delete;
  DynamicLibrary& operator=(const DynamicLibrary&) = delete;

  // Errors: kUnavailable if the library has no such symbol.
  Result<void*> Symbol(const std::string& name) const;
  const std::filesystem::path& path() const { return path_; }

 private:
  DynamicLibrary() = default;
  std::filesystem::path path_;
  void* handle_ = nullptr;
};

}  // namespace assay
