#include "base/child_process.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <thread>

namespace assay {

ChildEnd RunInChild(const std::function<void()>& work, const std::function<bool()>& is_late) {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child < 0) return {ChildEnd::Kind::kFailed, "no process"};
  if (child == 0) {
    work();
    std::fflush(nullptr);
    _exit(0);
  }
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    if (!is_late()) continue;
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    return {ChildEnd::Kind::kLate, {}};
  }
  if (WIFSIGNALED(status)) {
    return {ChildEnd::Kind::kFailed, fmt::format("signal {}", WTERMSIG(status))};
  }
  if (WEXITSTATUS(status) == 0) return {};
  return {ChildEnd::Kind::kFailed, fmt::format("exit status {}", WEXITSTATUS(status))};
}

void* SharedBytes(size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return memory == MAP_FAILED ? nullptr : memory;
}

}  // namespace assay
