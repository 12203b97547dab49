#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/thread_pool.h"
#include "ops/reference_context.h"
#include "tensor/tensor.h"

namespace assay {

// Where values stand in a list of keys of the same kind (strings, integers or floats): the last
// place of a key that is there twice. All NaN are one key.
class KeyIndex {
 public:
  explicit KeyIndex(const Tensor& keys);

  // The place of every element; -1 for one that is not there.
  std::vector<int64_t> Find(const Tensor& values, ThreadPool& threads) const;

 private:
  int64_t FindOne(const Tensor& values, int64_t i) const;

  std::unordered_map<std::string, int64_t> strings_;
  std::unordered_map<int64_t, int64_t> integers_;
  std::unordered_map<double, int64_t> floats_;
  int64_t nan_ = -1;
};

// A table that maps keys to values, and everything else to `fallback`, which has one element.
struct Encoding {
  Tensor keys;
  Tensor values;
  Tensor fallback;
};

// Writes output 0: every element of input 0 as its value.
Status Encode(ReferenceContext& context, const Encoding& encoding);

}  // namespace assay
