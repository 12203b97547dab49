#pragma once

#include "compare/pair_blocks.h"

namespace assay {

// Keys of a block's outputs and references as values of the narrower of their types, so that the
// difference of two keys is their distance in representable values.
template <typename Real>
class UlpKeys {
 public:
  using Key = OrderedKey<Real>;

  explicit UlpKeys(const PairBlocks<Real>& blocks);

  // False if one side is integer or bool.
  bool applicable() const { return source_ != Source::kNone; }

  // Sets the pointers to n keys each, in the block itself or in the buffers.
  void Get(const PairBlock<Real>& block, Key* output_buffer, Key* reference_buffer,
           const Key** output_keys, const Key** reference_keys) const;

 private:
  enum class Source {
    kNone,
    kOrder,   // the type is the one that the comparison works in
    kFloat,   // the type is float32, the comparison works in float64
    kNarrow,  // the type has at most 16 bits
  };

  const PairBlocks<Real>& blocks_;
  DType dtype_ = DType::kUndefined;
  Source source_ = Source::kNone;
};

}  // namespace assay
