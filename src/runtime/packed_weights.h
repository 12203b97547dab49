#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "base/aligned_bytes.h"
#include "base/status.h"
#include "plan/plan.h"

namespace assay {

// Weights in the layouts that tactics want, by the key that a step names them with. Plans for other
// shapes share them. Thread-safe; what was given out stays where it is.
class PackedWeights {
 public:
  // Packs what the steps of a plan need and is not there yet.
  Status PackFor(const Plan& plan);
  // Takes weights that lie in somebody else's memory, 64-byte aligned; `owner` keeps it alive.
  void Adopt(std::string key, std::span<const std::byte> bytes, std::shared_ptr<const void> owner);

  // Empty if there are none of this name.
  std::span<const std::byte> Find(std::string_view key) const;
  size_t total_bytes() const;

 private:
  struct Block {
    AlignedBytes own;
    std::span<const std::byte> bytes;
    std::shared_ptr<const void> owner;
  };
  mutable std::mutex mutex_;
  std::map<std::string, Block, std::less<>> blocks_;
};

}  // namespace assay
