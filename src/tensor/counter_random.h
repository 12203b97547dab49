#pragma once

#include <array>
#include <cstdint>

namespace assay {

// Random numbers without a state: block i of a key is a function of both, so that any part of a
// stream can be drawn alone and in any order. Philox4x32 with ten rounds (Salmon, Moraes, Dror and
// Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011), which passes TestU01's BigCrush.
class CounterRandom {
 public:
  explicit CounterRandom(uint64_t key)
      : key_{static_cast<uint32_t>(key), static_cast<uint32_t>(key >> 32)} {}

  using Words = std::array<uint32_t, 4>;
  // The bijection itself, for a counter of 128 bits, lowest word first.
  Words Block(const Words& counter) const;

  // Number i of the stream, in [0, 1) with 53 bits.
  double Uniform(uint64_t i) const;
  // Number i of the stream, of the standard normal distribution: Box and Muller's cosine. No
  // magnitude is above 8.6.
  double Normal(uint64_t i) const;

 private:
  Words BlockAt(uint64_t i) const {
    return Block({static_cast<uint32_t>(i), static_cast<uint32_t>(i >> 32), 0, 0});
  }

  std::array<uint32_t, 2> key_;
};

}  // namespace assay
