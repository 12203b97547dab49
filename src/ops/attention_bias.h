#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ops/attention_sizes.h"
#include "tensor/tensor.h"

namespace assay {

// What is added to the scores of an Attention before its softmax: the mask, and -infinity wherever
// a query may not see a key.
class AttentionBias {
 public:
  struct Rules {
    bool causal = false;
    int64_t left_window = -1;  // keys before and after the query's own position; -1: all
    int64_t right_window = -1;
    bool pads_mask = false;  // a mask that ends before the keys do hides the others
  };

  // The mask broadcasts to (batch, heads, queries, keys); bools say which keys are seen. With
  // rules.pads_mask its last axis may also be shorter. Errors: kInvalidInput.
  static Status CheckMask(const SymbolicShape& mask, const AttentionSizes& sizes,
                          const Rules& rules);

  // `mask` may be null, else it has passed CheckMask. By sample: the position of the first query
  // among the keys, and how many keys there are. All extents in `sizes` are known.
  AttentionBias(const Rules& rules, const Tensor* mask, const AttentionSizes& sizes,
                std::vector<int64_t> first_positions, std::vector<int64_t> key_counts);

  // Writes the bias of one query for every key. False if the query sees none.
  bool Fill(int64_t sample, int64_t head, int64_t query, std::span<double> bias) const;

 private:
  bool Sees(int64_t position, int64_t key) const {
    return (!rules_.causal || key <= position) &&
           (rules_.left_window < 0 || position - key <= rules_.left_window) &&
           (rules_.right_window < 0 || key - position <= rules_.right_window);
  }

  Rules rules_;
  Tensor mask_;                   // float64; invalid: none
  int64_t mask_strides_[4] = {};  // by sample, head, query, key
  int64_t mask_keys_ = 0;         // keys after these are hidden
  std::vector<int64_t> first_positions_;
  std::vector<int64_t> key_counts_;
};

}  // namespace assay
