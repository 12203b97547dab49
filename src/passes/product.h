#pragma once

#include <optional>

#include "passes/rewriter.h"

namespace assay {

// Where the parts of a convolution or matrix product are, for passes that treat them alike: the
// operators Conv, ConvTranspose, Gemm and MatMul, of ONNX or fused.
struct Product {
  NodeId node = kNoNode;
  int rank = 0;          // of the result
  int channel_axis = 0;  // of the result: what a bias has one value for
  int64_t channels = 0;
};

// nullopt for other nodes, for results that are no floating-point tensor or of unknown rank, and
// where the number of channels is not known.
std::optional<Product> ReadProduct(const Rewriter& rewriter, NodeId id);

// Input `i` of a node, kNoValue if it is left out.
inline ValueId InputAt(const Node& node, size_t i) {
  return i < node.inputs.size() ? node.inputs[i] : kNoValue;
}

// One value per channel of a result of `rank` axes, if a constant broadcasts to that: all its axes
// but the channels have extent 1.
std::optional<std::vector<double>> PerChannel(const Tensor& constant, const Product& product);

}  // namespace assay
