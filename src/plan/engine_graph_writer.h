#pragma once

#include <flatbuffers/flatbuffers.h>
#include <plan/engine_generated.h>

#include <cstddef>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "base/status.h"
#include "ir/graph.h"

namespace assay {

// The pieces of the data section, each written once however often it is referred to.
class BlobList {
 public:
  int Add(std::span<const std::byte> bytes);
  // Fills in where every piece stands when the data follow a table of this size; returns the size
  // of the file.
  size_t Place(size_t table_bytes, std::vector<file::Blob>* blobs) const;
  const std::vector<std::span<const std::byte>>& pieces() const { return pieces_; }

 private:
  std::vector<std::span<const std::byte>> pieces_;
  std::map<std::pair<const std::byte*, size_t>, int> index_;
};

// Adds a graph that has passed InferGraph, with its bodies, to a table. `has_data`: per value,
// whether the elements of a constant go into the file; empty: of all. Errors: kUnsupported, naming
// the node, for weights that were not read and for bodies nested deeper than a reader goes.
Result<flatbuffers::Offset<file::Graph>> WriteFileGraph(const Graph& graph,
                                                        const std::vector<char>& has_data,
                                                        flatbuffers::FlatBufferBuilder& builder,
                                                        BlobList& blobs);

}  // namespace assay
