#include "plan/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace assay {
namespace {

size_t Align(size_t bytes) {
  return (bytes + kArenaAlignment - 1) / kArenaAlignment * kArenaAlignment;
}

// A root with everything that lies in its memory.
struct Block {
  size_t bytes = 0;
  int first_step = 0;
  int last_step = 0;
  size_t offset = 0;
  bool placed = false;
};

size_t RootOf(const std::vector<Lifetime>& lifetimes, size_t i) {
  return lifetimes[i].alias_of < 0 ? i : static_cast<size_t>(lifetimes[i].alias_of);
}

// One block per lifetime; those of lifetimes that are no roots stay empty.
std::vector<Block> MakeBlocks(const std::vector<Lifetime>& lifetimes) {
  std::vector<Block> blocks(lifetimes.size());
  for (size_t i = 0; i < lifetimes.size(); ++i) {
    blocks[i] = {Align(lifetimes[i].bytes), lifetimes[i].first_step, lifetimes[i].last_step};
  }
  for (size_t i = 0; i < lifetimes.size(); ++i) {
    const size_t root = RootOf(lifetimes, i);
    if (root == i) continue;
    const Lifetime& life = lifetimes[i];
    Block& block = blocks[root];
    block.bytes = std::max(block.bytes, Align(life.alias_offset + life.bytes));
    block.first_step = std::min(block.first_step, life.first_step);
    block.last_step = std::max(block.last_step, life.last_step);
    blocks[i].bytes = 0;
  }
  return blocks;
}

bool MeetInTime(const Block& a, const Block& b) {
  return a.first_step <= b.last_step && b.first_step <= a.last_step;
}

// The start of the smallest gap between blocks alive together with `block` that it fits into.
size_t BestOffset(const Block& block, const std::vector<Block>& blocks) {
  std::vector<const Block*> neighbours;
  for (const Block& other : blocks) {
    if (other.placed && MeetInTime(block, other)) neighbours.push_back(&other);
  }
  std::sort(neighbours.begin(), neighbours.end(),
            [](const Block* a, const Block* b) { return a->offset < b->offset; });
  size_t best = 0;
  size_t best_gap = SIZE_MAX;
  size_t end = 0;
  for (const Block* other : neighbours) {
    if (other->offset > end) {
      const size_t gap = other->offset - end;
      if (gap >= block.bytes && gap < best_gap) {
        best = end;
        best_gap = gap;
      }
    }
    end = std::max(end, other->offset + other->bytes);
  }
  return best_gap == SIZE_MAX ? end : best;
}

size_t LowerBound(const std::vector<Block>& blocks) {
  // Bytes change only where a block begins.
  size_t most = 0;
  for (const Block& at : blocks) {
    size_t alive = 0;
    for (const Block& block : blocks) {
      if (block.first_step <= at.first_step && at.first_step <= block.last_step)
        alive += block.bytes;
    }
    most = std::max(most, alive);
  }
  return most;
}

}  // namespace

Placement PlaceLifetimes(const std::vector<Lifetime>& lifetimes) {
  std::vector<Block> blocks = MakeBlocks(lifetimes);
  std::vector<size_t> order;
  for (size_t i = 0; i < blocks.size(); ++i) {
    if (RootOf(lifetimes, i) == i) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    if (blocks[a].bytes != blocks[b].bytes) return blocks[a].bytes > blocks[b].bytes;
    return blocks[a].first_step < blocks[b].first_step;
  });
  Placement placement;
  for (size_t i : order) {
    Block& block = blocks[i];
    block.offset = BestOffset(block, blocks);
    block.placed = true;
    placement.arena_bytes = std::max(placement.arena_bytes, block.offset + block.bytes);
  }
  for (size_t i = 0; i < lifetimes.size(); ++i) {
    placement.offsets.push_back(blocks[RootOf(lifetimes, i)].offset + lifetimes[i].alias_offset);
  }
  placement.lower_bound_bytes = LowerBound(blocks);
  return placement;
}

Status VerifyPlacement(const std::vector<Lifetime>& lifetimes, const Placement& placement) {
  const auto fail = [](std::string message) {
    return Status(StatusCode::kInternal, "memory plan: " + std::move(message));
  };
  if (placement.offsets.size() != lifetimes.size()) {
    return fail(
        fmt::format("expected {} offsets, got {}", lifetimes.size(), placement.offsets.size()));
  }
  for (size_t i = 0; i < lifetimes.size(); ++i) {
    const Lifetime& life = lifetimes[i];
    const size_t begin = placement.offsets[i];
    const size_t end = begin + life.bytes;
    if (life.alias_of < 0 && begin % kArenaAlignment != 0) {
      return fail(fmt::format("buffer {} is not aligned", i));
    }
    if (end < begin || end > placement.arena_bytes) {
      return fail(fmt::format("buffer {} at [{}, {}) leaves the arena of {} bytes", i, begin, end,
                              placement.arena_bytes));
    }
    for (size_t k = 0; k < i; ++k) {
      const Lifetime& other = lifetimes[k];
      const size_t other_begin = placement.offsets[k];
      const size_t other_end = other_begin + other.bytes;
      const int from = std::max(life.first_step, other.first_step);
      const int to = std::min(life.last_step, other.last_step);
      if (from > to || begin >= other_end || other_begin >= end) continue;
      const int root = life.alias_of < 0 ? static_cast<int>(i) : life.alias_of;
      const int other_root = other.alias_of < 0 ? static_cast<int>(k) : other.alias_of;
      if (root == other_root && from == to) continue;
      return fail(fmt::format("buffers {} at [{}, {}) and {} at [{}, {}) overlap at step {}", k,
                              other_begin, other_end, i, begin, end, from));
    }
  }
  return OkStatus();
}

}  // namespace assay
