#include "ops/spectrum.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace assay {

Status CheckComponents(const Dim& components, int64_t required, std::string_view reason) {
  if (!components.IsKnown()) return OkStatus();
  const int64_t value = components.value();
  if (required == 0 ? value == 1 || value == 2 : value == required) return OkStatus();
  return OpContext::Invalid(fmt::format(
      "innermost extent: expected {}, got {}",
      required == 0
          ? "1 (real) or 2 (complex)"
          : fmt::format("{} ({}) {}", required, required == 1 ? "real" : "complex", reason),
      value));
}

Result<bool> FlagAttribute(const OpContext& context, std::string_view name) {
  const int64_t value = context.Int(name);
  if (value == 0 || value == 1) return value == 1;
  return OpContext::Invalid(fmt::format("attribute \"{}\": expected 0 or 1, got {}", name, value));
}

void TransformLines(ThreadPool& threads, const FourierTransform& transform, bool inverse,
                    int64_t count, LineFunction read, LineFunction write) {
  const auto length = static_cast<size_t>(transform.length());
  const size_t slot_length = length + static_cast<size_t>(transform.scratch_length());
  std::vector<std::complex<double>> memory(slot_length * static_cast<size_t>(threads.threads()));
  const int64_t grain = std::max<int64_t>(1, (int64_t{1} << 12) / transform.length());
  threads.ParallelForSlots(count, grain, [&](int64_t begin, int64_t end, int slot) {
    const std::span<std::complex<double>> own =
        std::span(memory).subspan(slot_length * static_cast<size_t>(slot), slot_length);
    const std::span<std::complex<double>> data = own.first(length);
    for (int64_t line = begin; line < end; ++line) {
      read(line, data);
      if (inverse) {
        transform.Inverse(data, own.subspan(length));
      } else {
        transform.Forward(data, own.subspan(length));
      }
      write(line, data);
    }
  });
}

}  // namespace assay
