#pragma once

#include "compare/pair_blocks.h"

namespace assay {

// Keys of a block's outputs and references as values of the output's own type, so that the
// difference of two keys is their distance in representable values.
template <typename Real>
class UlpKeys {
 public:
  using Key = OrderedKey<Real>;

  UlpKeys(const PairBlocks<Real>& blocks);

  // False for integers and bool.
  bool applicable() const { return source_ != Source::kNone; }

  // Sets the pointers to n keys each, in the block itself or in the buffers.
  void Get(const PairBlock<Real>& block, Key* output_buffer, Key* reference_buffer,
           const Key** output_keys, const Key** reference_keys) const;

 private:
  enum class Source {
    kNone,
    kOrder,   // the output has the type that the comparison works in
    kFloat,   // the output is float32, the comparison works in float64
    kNarrow,  // the output has at most 16 bits
  };

  const PairBlocks<Real>& blocks_;
  Source source_ = Source::kNone;
};

}  // namespace assay
