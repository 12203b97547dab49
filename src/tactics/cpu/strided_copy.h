#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/thread_pool.h"
#include "tactics/tactic.h"

namespace assay {

// A movement of elements along axes that have a stride in both arrays. Axes are ordered as in the
// target, outermost first; strides and offsets count elements. Source strides may be zero (repeat)
// or negative (reverse).
struct StridedCopy {
  int input = 0;
  int output = 0;
  std::vector<int64_t> dims;
  std::vector<int64_t> from_strides;
  std::vector<int64_t> to_strides;
  int64_t from = 0;
  int64_t to = 0;
};

// A StridedCopy made ready to run: adjacent axes merged, the innermost run moved as one unit, and
// cut into pieces. Steps and offsets count bytes.
class CopyLoops {
 public:
  CopyLoops(const StridedCopy& copy, int64_t element_bytes);

  // Does nothing where the whole movement is one run that is already in its place.
  void Run(const Call& call) const;

  // True if the movement is one run from the start of the source to the start of the target.
  bool IsPlainRun() const { return IsOneRun() && from_ == 0 && to_ == 0; }
  int64_t bytes() const { return bytes_; }

 private:
  struct Loop {
    int64_t count = 1;
    int64_t from_step = 0;
    int64_t to_step = 0;
  };

  bool IsOneRun() const {
    return outer_.empty() && plane_.count == 1 && row_.count == 1 && column_.count == 1;
  }
  void Cut();
  void RunPiece(int64_t piece, const std::byte* from, std::byte* to) const;
  // kUnit: the unit, or 0 for one that is only known at run time.
  template <size_t kUnit>
  void MoveRows(int64_t columns, int64_t rows, const std::byte* from, std::byte* to) const;
  template <size_t kUnit>
  void MoveTile(int64_t columns, int64_t rows, const std::byte* from, std::byte* to) const;

  int input_ = 0;
  int output_ = 0;
  int64_t from_ = 0;
  int64_t to_ = 0;
  int64_t bytes_ = 0;
  int64_t unit_ = 1;  // bytes that lie together in both arrays
  std::vector<Loop> outer_;
  Loop plane_;
  Loop column_;  // along which neighbours of the source lie, if that is not along the row
  Loop row_;     // along which neighbours of the target lie
  int64_t plane_tile_ = 1;
  int64_t column_tile_ = 1;
  int64_t row_tile_ = 1;
  int64_t unit_tile_ = 1;
  int64_t pieces_ = 0;
  int64_t grain_ = 1;
  void (CopyLoops::*move_)(int64_t columns, int64_t rows, const std::byte* from,
                           std::byte* to) const = nullptr;
};

// Copies bytes on all threads; the arrays may be the same but must not overlap otherwise.
void CopyBytes(void* to, const void* from, int64_t bytes, ThreadPool& threads);

// Yes and the bytes of one element, or why elements of this type are not moved.
Support MovableElement(DType dtype, int64_t* bytes);

}  // namespace assay
