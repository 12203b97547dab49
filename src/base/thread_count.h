#pragma once

namespace assay {

// Most threads that may be asked for.
inline constexpr int kMostThreads = 4096;

}  // namespace assay
