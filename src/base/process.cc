#include "base/process.h"

#include <unistd.h>

#include <cstdio>
#include <ctime>

namespace assay {

size_t PeakMemoryBytes() {
  // Not getrusage: its maximum includes the memory of the process that started this one.
  std::FILE* file = std::fopen("/proc/self/status", "r");
  if (file == nullptr) return 0;
  char line[256];
  unsigned long kibibytes = 0;
  while (std::fgets(line, sizeof(line), file) != nullptr) {
    if (std::sscanf(line, "VmHWM: %lu kB", &kibibytes) == 1) break;
  }
  std::fclose(file);
  return kibibytes * size_t{1024};
}

size_t ResidentMemoryBytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  unsigned long total = 0;
  unsigned long resident = 0;
  const int read = std::fscanf(file, "%lu %lu", &total, &resident);
  std::fclose(file);
  return read == 2 ? resident * static_cast<size_t>(sysconf(_SC_PAGESIZE)) : 0;
}

std::string LocalTime(const char* format) {
  const std::time_t now = std::time(nullptr);
  std::tm parts = {};
  localtime_r(&now, &parts);
  char text[128];
  const size_t length = std::strftime(text, sizeof(text), format, &parts);
  return std::string(text, length);
}

}  // namespace assay
