#include "ops/microsoft_rotary.h"

#include "ops/apply_operator.h"

namespace assay {

Result<Tensor> Rotate(const ReferenceContext& context, const Rotation& rotation) {
  std::vector<Attribute> attributes = {
      {"interleaved", static_cast<int64_t>(rotation.interleaved ? 1 : 0)},
      {"rotary_embedding_dim", rotation.turned}};
  if (rotation.heads != 0) attributes.push_back({"num_heads", rotation.heads});
  return ApplyOperator(context, "RotaryEmbedding",
                       {rotation.input, rotation.cosines, rotation.sines, rotation.positions},
                       std::move(attributes));
}

Tensor PositionsFrom(int64_t first, int64_t batch, int64_t length) {
  std::vector<int64_t> positions(static_cast<size_t>(batch * length));
  for (size_t i = 0; i < positions.size(); ++i) {
    positions[i] = first + static_cast<int64_t>(i) % length;
  }
  return Tensor::Of({batch, length}, positions);
}

}  // namespace assay
