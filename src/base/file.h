#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

namespace assay {

// A file mapped read-only into memory. Shared ownership lets tensors keep the mapping alive. The
// file must not be truncated by others while it is mapped.
class MappedFile {
 public:
  // Errors: kNotFound (no such file), kInvalidInput (a folder or a pipe), kIo (refused).
  static Result<std::shared_ptr<const MappedFile>> Open(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  // Gives back the memory of those whole pages of `bytes` that lie in any mapped file; they are
  // read from the file again where they are needed. Memory of other kinds is left alone.
  // Thread-safe.
  static void ReleasePages(std::span<const std::byte> bytes);

  std::span<const std::byte> bytes() const { return {data_, size_}; }
  std::string_view text() const { return {reinterpret_cast<const char*>(data_), size_}; }
  const std::filesystem::path& path() const { return path_; }

 private:
  MappedFile() = default;
  std::filesystem::path path_;
  const std::byte* data_ = nullptr;
  size_t size_ = 0;
};

// Writes a file that appears under its name only when complete: data goes to a temporary file in
// the same folder, Commit() flushes it to disk and renames it. Without Commit() (an error, an
// exception, Ctrl-C) the destructor removes it and whatever stood at the path before stays
// untouched. Symbolic links are followed: what they point to is replaced. What is there and is no
// regular file (a device, a pipe, /dev/stdout) is written as it comes, and stays what it is; a pipe
// needs somebody who reads it.
class AtomicFile {
 public:
  static Result<AtomicFile> Create(const std::filesystem::path& path);
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&& other) noexcept;
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  // Buffered. Errors: kIo with the operating system's reason (for example: no space left on
  // device).
  Status Write(std::string_view data);
  Status Write(std::span<const std::byte> data) {
    return Write(std::string_view(reinterpret_cast<const char*>(data.data()), data.size()));
  }
  Status Commit();

 private:
  AtomicFile() = default;
  Status Flush();
  Status Fail(std::string_view what);
  Status Replace();

  std::filesystem::path path_;
  std::filesystem::path temporary_;  // empty: written as it comes
  int descriptor_ = -1;
  std::string buffer_;
};

// Makes folders. Those that are still empty in the end, since saving to them failed, are removed.
class FolderMaker {
 public:
  FolderMaker() = default;
  FolderMaker(FolderMaker&& other) noexcept : made_(std::move(other.made_)) { other.made_.clear(); }
  FolderMaker& operator=(FolderMaker&& other) noexcept {
    made_.swap(other.made_);
    return *this;
  }
  ~FolderMaker();

  // With all folders that lead to it; fine if it is there. Errors: kIo.
  Status Make(const std::filesystem::path& folder);

 private:
  std::vector<std::filesystem::path> made_;  // outer ones first
};

// Checks that AtomicFile could write to the path, without touching it. Errors: kNotFound (no such
// folder), kInvalidInput (a folder or a socket), kIo (no permission).
Status CheckWritable(const std::filesystem::path& path);

Status WriteFileAtomically(const std::filesystem::path& path, std::string_view data);

// Reads a whole (small) file.
Result<std::string> ReadFile(const std::filesystem::path& path);

}  // namespace assay
