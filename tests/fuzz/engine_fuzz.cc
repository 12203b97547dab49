// Engine files with any bytes in them end in a status that blames the file. Checksums are left out,
// so that changed bytes reach the checks behind them.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "base/thread_pool.h"
#include "plan/engine_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace assay;
  static ThreadPool threads(1);
  // Blobs count on the alignment that a mapped file has.
  constexpr size_t kAlignment = 64;
  const auto copy = std::make_shared<std::vector<std::byte>>(size + kAlignment);
  const auto misaligned = reinterpret_cast<uintptr_t>(copy->data()) % kAlignment;
  std::byte* bytes = copy->data() + (misaligned == 0 ? 0 : kAlignment - misaligned);
  std::memcpy(bytes, data, size);
  const Machine machine = {GetCpuFeatures(), 1};
  const Result<LoadedEngine> engine =
      ParseEngine(std::span(bytes, size), copy, machine, threads, false);
  if (!engine.ok() && engine.status().code() == StatusCode::kInternal) __builtin_trap();
  return 0;
}
