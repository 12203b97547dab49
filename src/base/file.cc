#include "base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <iterator>
#include <map>
#include <mutex>

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBufferBytes = size_t{1} << 20;
constexpr int kMostLinks = 40;

Status SystemError(std::string_view what, const std::filesystem::path& path, int error) {
  const StatusCode code =
      error == ENOENT || error == ENOTDIR ? StatusCode::kNotFound : StatusCode::kIo;
  std::string hint;
  if (error == ENOENT) hint = "check the path; it is taken relative to the current folder";
  if (error == ENOSPC) hint = "free some space or choose another place";
  if (error == EACCES || error == EROFS) hint = "check the permissions of the file and its folder";
  return Status(code, fmt::format("{} \"{}\": {}", what, path.string(), std::strerror(error)),
                std::move(hint));
}

Status NoFile(std::string_view verb, const fs::path& path, std::string_view what) {
  return Status(StatusCode::kInvalidInput, fmt::format("cannot {} \"{}\": expected a file, got {}",
                                                       verb, path.string(), what));
}

fs::path FolderOf(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

// Where data written to a path ends up.
struct Destination {
  fs::path path;           // links resolved
  bool is_stream = false;  // a device, a pipe or an open file: written as it comes
};

Result<Destination> FindDestination(const fs::path& path) {
  std::error_code error;
  Destination destination{path};
  for (int links = 0; fs::is_symlink(fs::symlink_status(destination.path, error)); ++links) {
    if (links == kMostLinks) return SystemError("cannot follow the links of", path, ELOOP);
    // Links to open files, which /dev/stdout and /dev/fd/63 lead to, do not name a place in a
    // folder.
    if (fs::canonical(FolderOf(destination.path), error).string().starts_with("/proc/")) {
      destination.is_stream = true;
      return destination;
    }
    const fs::path target = fs::read_symlink(destination.path, error);
    if (error) return SystemError("cannot follow the links of", path, error.value());
    destination.path = destination.path.parent_path() / target;
  }
  const fs::file_status status = fs::status(destination.path, error);
  if (fs::is_directory(status)) {
    return NoFile("write", path, "a folder");
  }
  if (fs::is_socket(status)) return NoFile("write", path, "a socket");
  destination.is_stream = fs::exists(status) && !fs::is_regular_file(status);
  return destination;
}

// Opens what is written as it comes. A pipe would block until somebody reads it, whatever signals
// come.
Result<int> OpenStream(const fs::path& path) {
  const int descriptor = open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK);
  int error = descriptor < 0 ? errno : 0;
  std::error_code ignored;
  if (error == ENXIO && fs::is_fifo(path, ignored)) {
    return Status(StatusCode::kIo,
                  fmt::format("cannot open \"{}\": nobody reads this pipe", path.string()),
                  "start what reads it first");
  }
  if (error != 0) return SystemError("cannot open", path, error);
  const int flags = fcntl(descriptor, F_GETFL);
  if (flags < 0 || fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK) != 0) {
    error = errno;
    close(descriptor);
    return SystemError("cannot open", path, error);
  }
  return descriptor;
}

// As write(2), but a pipe that nobody reads is the error EPIPE instead of the end of the process.
ssize_t WriteWithoutSignal(int descriptor, const char* data, size_t size) {
  sigset_t broken_pipe;
  sigset_t before;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &broken_pipe, &before);
  const ssize_t written = write(descriptor, data, size);
  const int error = errno;
  if (written < 0 && error == EPIPE) {
    const timespec no_wait{};
    sigtimedwait(&broken_pipe, nullptr, &no_wait);
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return written;
}

// Where files are mapped: begin and end.
struct Mappings {
  std::mutex mutex;
  std::map<const std::byte*, const std::byte*> ranges;
};

Mappings& AllMappings() {
  static Mappings mappings;
  return mappings;
}

}  // namespace

void MappedFile::ReleasePages(std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  Mappings& all = AllMappings();
  std::lock_guard lock(all.mutex);
  auto after = all.ranges.upper_bound(bytes.data());
  if (after == all.ranges.begin()) return;
  const auto& [begin, end] = *std::prev(after);
  if (bytes.data() + bytes.size() > end) return;
  // Mappings begin on a page.
  const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const auto offset = static_cast<size_t>(bytes.data() - begin);
  const size_t first = (offset + page - 1) / page * page;
  const size_t last = (offset + bytes.size()) / page * page;
  if (first < last) {
    madvise(const_cast<std::byte*>(begin) + first, last - first, MADV_DONTNEED);
  }
}

Result<std::shared_ptr<const MappedFile>> MappedFile::Open(const std::filesystem::path& path) {
  // Opening a pipe to read it would block until somebody writes.
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return SystemError("cannot open", path, errno);
  struct stat info {};
  if (fstat(descriptor, &info) != 0) {
    const int error = errno;
    close(descriptor);
    return SystemError("cannot examine", path, error);
  }
  if (S_ISDIR(info.st_mode) || S_ISFIFO(info.st_mode)) {
    close(descriptor);
    return NoFile("read", path, S_ISDIR(info.st_mode) ? "a folder" : "a pipe");
  }
  std::shared_ptr<MappedFile> file(new MappedFile());
  file->path_ = path;
  file->size_ = static_cast<size_t>(info.st_size);
  if (file->size_ > 0) {
    void* data = mmap(nullptr, file->size_, PROT_READ, MAP_PRIVATE, descriptor, 0);
    const int error = errno;
    close(descriptor);
    if (data == MAP_FAILED) return SystemError("cannot map", path, error);
    file->data_ = static_cast<const std::byte*>(data);
    std::lock_guard lock(AllMappings().mutex);
    AllMappings().ranges.emplace(file->data_, file->data_ + file->size_);
  } else {
    close(descriptor);
  }
  return std::shared_ptr<const MappedFile>(std::move(file));
}

MappedFile::~MappedFile() {
  if (data_ == nullptr) return;
  std::lock_guard lock(AllMappings().mutex);
  AllMappings().ranges.erase(data_);
  munmap(const_cast<std::byte*>(data_), size_);
}

Result<AtomicFile> AtomicFile::Create(const std::filesystem::path& path) {
  ASSAY_ASSIGN_OR_RETURN(Destination destination, FindDestination(path));
  AtomicFile file;
  file.path_ = std::move(destination.path);
  if (destination.is_stream) {
    ASSAY_ASSIGN_OR_RETURN(file.descriptor_, OpenStream(file.path_));
  } else {
    std::string pattern = file.path_.string() + ".XXXXXX";
    file.descriptor_ = mkostemp(pattern.data(), O_CLOEXEC);
    if (file.descriptor_ < 0) return SystemError("cannot create", path, errno);
    file.temporary_ = pattern;
  }
  file.buffer_.reserve(kBufferBytes);
  return file;
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::move(other.temporary_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      buffer_(std::move(other.buffer_)) {}

AtomicFile& AtomicFile::operator=(AtomicFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(temporary_, other.temporary_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(buffer_, other.buffer_);
  return *this;
}

AtomicFile::~AtomicFile() {
  if (descriptor_ < 0) return;
  close(descriptor_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

Status AtomicFile::Fail(std::string_view what) { return SystemError(what, path_, errno); }

Status AtomicFile::Flush() {
  size_t written = 0;
  while (written < buffer_.size()) {
    const ssize_t n =
        WriteWithoutSignal(descriptor_, buffer_.data() + written, buffer_.size() - written);
    if (n < 0) {
      if (errno == EINTR) continue;
      return Fail("cannot write");
    }
    written += static_cast<size_t>(n);
  }
  buffer_.clear();
  return OkStatus();
}

Status AtomicFile::Write(std::string_view data) {
  while (!data.empty()) {
    const size_t take = std::min(data.size(), kBufferBytes - buffer_.size());
    buffer_.append(data.substr(0, take));
    data.remove_prefix(take);
    if (buffer_.size() == kBufferBytes) ASSAY_RETURN_IF_ERROR(Flush());
  }
  return OkStatus();
}

Status AtomicFile::Commit() {
  ASSAY_RETURN_IF_ERROR(Flush());
  if (!temporary_.empty()) return Replace();
  if (close(std::exchange(descriptor_, -1)) != 0) return Fail("cannot close");
  return OkStatus();
}

Status AtomicFile::Replace() {
  // mkostemp creates with mode 0600; a saved result gets what the user's umask grants.
  const mode_t mask = umask(0);
  umask(mask);
  if (fchmod(descriptor_, 0666 & ~mask) != 0) return Fail("cannot set the permissions of");
  if (fsync(descriptor_) != 0 && errno != EINVAL) return Fail("cannot flush");
  if (close(std::exchange(descriptor_, -1)) != 0) {
    Status status = Fail("cannot close");
    unlink(temporary_.c_str());
    return status;
  }
  if (rename(temporary_.c_str(), path_.c_str()) != 0) {
    Status status = Fail("cannot move the finished file to");
    unlink(temporary_.c_str());
    return status;
  }
  return OkStatus();
}

Status CheckWritable(const fs::path& path) {
  ASSAY_ASSIGN_OR_RETURN(const Destination destination, FindDestination(path));
  const fs::path needed = destination.is_stream ? destination.path : FolderOf(destination.path);
  if (access(needed.c_str(), W_OK) != 0) return SystemError("cannot write", path, errno);
  return OkStatus();
}

FolderMaker::~FolderMaker() {
  std::error_code ignored;
  for (; !made_.empty(); made_.pop_back()) fs::remove(made_.back(), ignored);
}

Status FolderMaker::Make(const fs::path& folder) {
  if (folder.empty()) return OkStatus();
  std::error_code error;
  if (fs::is_directory(folder, error)) return OkStatus();
  if (const fs::path outer = folder.parent_path(); outer != folder) {
    ASSAY_RETURN_IF_ERROR(Make(outer));
  }
  if (fs::create_directory(folder, error)) made_.push_back(folder);
  if (!error) return OkStatus();
  return Status(StatusCode::kIo, fmt::format("cannot create the folder \"{}\": {}", folder.string(),
                                             error.message()));
}

Status WriteFileAtomically(const std::filesystem::path& path, std::string_view data) {
  ASSAY_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(path));
  ASSAY_RETURN_IF_ERROR(file.Write(data));
  return file.Commit();
}

Result<std::string> ReadFile(const std::filesystem::path& path) {
  ASSAY_ASSIGN_OR_RETURN(auto file, MappedFile::Open(path));
  return std::string(file->text());
}

}  // namespace assay
