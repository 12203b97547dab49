#include "tensor/counter_random.h"

#include <cmath>
#include <numbers>

namespace assay {
namespace {

constexpr int kRounds = 10;
constexpr uint64_t kMultipliers[] = {0xD2511F53, 0xCD9E8D57};
constexpr uint32_t kKeySteps[] = {0x9E3779B9, 0xBB67AE85};

double UnitInterval(uint32_t high, uint32_t low) {
  return static_cast<double>((uint64_t{high} << 32 | low) >> 11) * 0x1p-53;
}

}  // namespace

CounterRandom::Words CounterRandom::Block(const Words& counter) const {
  Words words = counter;
  std::array<uint32_t, 2> key = key_;
  for (int round = 0; round < kRounds; ++round) {
    const uint64_t a = kMultipliers[0] * words[0];
    const uint64_t b = kMultipliers[1] * words[2];
    words = {static_cast<uint32_t>(b >> 32) ^ words[1] ^ key[0], static_cast<uint32_t>(b),
             static_cast<uint32_t>(a >> 32) ^ words[3] ^ key[1], static_cast<uint32_t>(a)};
    key[0] += kKeySteps[0];
    key[1] += kKeySteps[1];
  }
  return words;
}

double CounterRandom::Uniform(uint64_t i) const {
  const Words words = BlockAt(i);
  return UnitInterval(words[0], words[1]);
}

double CounterRandom::Normal(uint64_t i) const {
  const Words words = BlockAt(i);
  const double radius = std::sqrt(-2 * std::log1p(-UnitInterval(words[0], words[1])));
  return radius * std::cos(2 * std::numbers::pi * UnitInterval(words[2], words[3]));
}

}  // namespace assay
