#include "compare/rank_sweeps.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <type_traits>

namespace assay {
namespace {

constexpr int kDigitBits = 12;
constexpr size_t kDigits = size_t{1} << kDigitBits;

// A rank that is being narrowed down: the leading bits of its key, and its rank among the keys that
// share them.
template <typename Key>
struct Narrowing {
  std::make_unsigned_t<Key> prefix = 0;
  int64_t rank = 0;
};

template <typename Key>
struct StreamState {
  std::vector<Narrowing<Key>> wanted;
  std::vector<std::make_unsigned_t<Key>> prefixes;  // distinct, increasing
  std::vector<std::vector<int64_t>> histograms;     // of the next digit, per prefix
};

// Unsigned and in the same order.
template <typename Key>
std::make_unsigned_t<Key> Biased(Key key) {
  using Unsigned = std::make_unsigned_t<Key>;
  return static_cast<Unsigned>(key) ^ (Unsigned{1} << (sizeof(Key) * 8 - 1));
}

// x >> shift, 0 for a shift of the full width.
template <typename Unsigned>
Unsigned Leading(Unsigned x, int shift) {
  return shift >= static_cast<int>(sizeof(Unsigned) * 8) ? 0 : static_cast<Unsigned>(x >> shift);
}

template <typename Key>
void StartDigit(StreamState<Key>* state) {
  state->prefixes.clear();
  for (const Narrowing<Key>& wanted : state->wanted) state->prefixes.push_back(wanted.prefix);
  state->prefixes.erase(std::unique(state->prefixes.begin(), state->prefixes.end()),
                        state->prefixes.end());
  state->histograms.assign(state->prefixes.size(), std::vector<int64_t>(kDigits));
}

template <typename Key>
void FinishDigit(int digit_bits, StreamState<Key>* state) {
  for (Narrowing<Key>& wanted : state->wanted) {
    const auto prefix =
        std::lower_bound(state->prefixes.begin(), state->prefixes.end(), wanted.prefix);
    const std::vector<int64_t>& histogram =
        state->histograms[static_cast<size_t>(prefix - state->prefixes.begin())];
    size_t digit = 0;
    while (digit + 1 < kDigits && wanted.rank >= histogram[digit])
      wanted.rank -= histogram[digit++];
    wanted.prefix = static_cast<std::make_unsigned_t<Key>>(wanted.prefix << digit_bits | digit);
  }
}

template <typename Key>
void CountDigits(const Key* keys, int n, int shift, int digit_bits, const StreamState<Key>& state,
                 std::vector<std::vector<int64_t>>* histograms) {
  const size_t mask = (size_t{1} << digit_bits) - 1;
  for (int i = 0; i < n; ++i) {
    Key key;
    __builtin_memcpy(&key, keys + i, sizeof(key));
    const auto biased = Biased(key);
    const auto leading = Leading(biased, shift + digit_bits);
    for (size_t p = 0; p < state.prefixes.size(); ++p) {
      if (leading == state.prefixes[p])
        ++(*histograms)[p][static_cast<size_t>(biased >> shift) & mask];
    }
  }
}

}  // namespace

template <typename Real>
StreamKeys<Real> SelectRanksBySweeps(const PairBlocks<Real>& blocks, const StreamRanks& ranks,
                                     ThreadPool& pool, const Monitor& monitor) {
  using Key = OrderedKey<Real>;
  std::array<StreamState<Key>, kStreamCount> states;
  for (size_t stream = 0; stream < ranks.size(); ++stream) {
    for (const int64_t rank : ranks[stream]) states[stream].wanted.push_back({0, rank});
  }
  constexpr int64_t kGrain = int64_t{1} << 20;
  std::mutex mutex;
  int shift = static_cast<int>(sizeof(Key) * 8);
  while (shift > 0 && !monitor.IsCancelled()) {
    const int digit_bits = std::min(kDigitBits, shift);
    shift -= digit_bits;
    for (StreamState<Key>& state : states) StartDigit(&state);
    pool.ParallelFor(blocks.count(), kGrain, [&](int64_t begin, int64_t end) {
      if (monitor.IsCancelled()) return;
      std::array<std::vector<std::vector<int64_t>>, kStreamCount> histograms;
      for (size_t stream = 0; stream < states.size(); ++stream) {
        histograms[stream].assign(states[stream].prefixes.size(), std::vector<int64_t>(kDigits));
      }
      auto block = std::make_unique<PairBlock<Real>>();
      for (int64_t at = begin; at < end; at += PairBlock<Real>::kCapacity) {
        const auto n = static_cast<int>(std::min<int64_t>(PairBlock<Real>::kCapacity, end - at));
        blocks.Load(at, n, block.get());
        for (size_t stream = 0; stream < states.size(); ++stream) {
          if (states[stream].wanted.empty()) continue;
          CountDigits(block->keys[stream], n, shift, digit_bits, states[stream],
                      &histograms[stream]);
        }
      }
      const std::lock_guard lock(mutex);
      for (size_t stream = 0; stream < states.size(); ++stream) {
        for (size_t p = 0; p < histograms[stream].size(); ++p) {
          for (size_t digit = 0; digit < kDigits; ++digit) {
            states[stream].histograms[p][digit] += histograms[stream][p][digit];
          }
        }
      }
    });
    for (StreamState<Key>& state : states) FinishDigit(digit_bits, &state);
  }
  StreamKeys<Real> selected;
  for (size_t stream = 0; stream < states.size(); ++stream) {
    for (const Narrowing<Key>& wanted : states[stream].wanted) {
      selected[stream].push_back(static_cast<Key>(Biased(static_cast<Key>(wanted.prefix))));
    }
  }
  return selected;
}

template StreamKeys<float> SelectRanksBySweeps(const PairBlocks<float>&, const StreamRanks&,
                                               ThreadPool&, const Monitor&);
template StreamKeys<double> SelectRanksBySweeps(const PairBlocks<double>&, const StreamRanks&,
                                                ThreadPool&, const Monitor&);

}  // namespace assay
