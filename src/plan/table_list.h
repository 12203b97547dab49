#pragma once

#include <flatbuffers/flatbuffers.h>

#include <cstring>
#include <vector>

namespace assay {

// The elements of a list in a table. FlatBuffers' verifier lets lists through whose elements lie at
// any address, so that they must not be read in place. Elements are little-endian, as the machine
// is.
template <typename T, typename Element>
std::vector<T> CopyOfList(const flatbuffers::Vector<Element>* list) {
  if (list == nullptr || list->size() == 0) return {};
  std::vector<T> copy(list->size());
  std::memcpy(copy.data(), list->Data(), copy.size() * sizeof(T));
  return copy;
}

}  // namespace assay
