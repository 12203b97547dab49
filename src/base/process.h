#pragma once

#include <cstddef>
#include <string>

namespace assay {

// Memory of this process that was resident at most so far, and is now; 0 if the operating system
// does not tell.
size_t PeakMemoryBytes();
size_t ResidentMemoryBytes();

// The local date and time, laid out by a strftime format in the "C" locale: "%x-%X" gives
// "11/22/26-19:22:01".
std::string LocalTime(const char* format);

}  // namespace assay
