#include "tactics/cpu/strided_copy.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace assay {
namespace {

constexpr int64_t kPieceBytes = 64 * 1024;
constexpr int64_t kTile = 32;
// Units from this size on are moved well in any order.
constexpr int64_t kWideUnit = 64;

int64_t Pieces(int64_t count, int64_t tile) { return (count + tile - 1) / tile; }

// kUnit 0: a width known at run time.
template <size_t kUnit>
void MoveUnit(std::byte* to, const std::byte* from, int64_t unit) {
  std::memcpy(to, from, kUnit == 0 ? static_cast<size_t>(unit) : kUnit);
}

#if defined(__SSE2__)
// Four rows of four 4-byte units, read down the columns.
void Transpose4x4(const std::byte* from, int64_t from_step, std::byte* to, int64_t to_step) {
  const auto load = [&](int64_t i) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i * from_step));
  };
  const __m128i a = load(0);
  const __m128i b = load(1);
  const __m128i c = load(2);
  const __m128i d = load(3);
  const __m128i ab_low = _mm_unpacklo_epi32(a, b);
  const __m128i cd_low = _mm_unpacklo_epi32(c, d);
  const __m128i ab_high = _mm_unpackhi_epi32(a, b);
  const __m128i cd_high = _mm_unpackhi_epi32(c, d);
  const auto store = [&](int64_t i, __m128i value) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i * to_step), value);
  };
  store(0, _mm_unpacklo_epi64(ab_low, cd_low));
  store(1, _mm_unpackhi_epi64(ab_low, cd_low));
  store(2, _mm_unpacklo_epi64(ab_high, cd_high));
  store(3, _mm_unpackhi_epi64(ab_high, cd_high));
}

// Moves whole blocks of four rows and returns how many rows that were.
int64_t TransposeTile(int64_t columns, int64_t rows, const std::byte* from, int64_t from_step,
                      std::byte* to, int64_t to_step) {
  int64_t row = 0;
  for (; row + 4 <= rows; row += 4) {
    const std::byte* source = from + row * from_step;
    std::byte* target = to + row * 4;
    int64_t column = 0;
    for (; column + 4 <= columns; column += 4) {
      Transpose4x4(source + column * 4, from_step, target + column * to_step, to_step);
    }
    for (; column < columns; ++column) {
      for (int64_t i = 0; i < 4; ++i) {
        std::memcpy(target + column * to_step + i * 4, source + column * 4 + i * from_step, 4);
      }
    }
  }
  return row;
}

// Every second of 4-byte units; returns how many were moved.
int64_t MoveEverySecond(int64_t count, const std::byte* from, std::byte* to) {
  int64_t i = 0;
  // The last unit has no neighbour to load with it.
  for (; i + 4 < count; i += 4) {
    const __m128 low = _mm_loadu_ps(reinterpret_cast<const float*>(from + i * 8));
    const __m128 high = _mm_loadu_ps(reinterpret_cast<const float*>(from + i * 8 + 16));
    _mm_storeu_ps(reinterpret_cast<float*>(to + i * 4), _mm_shuffle_ps(low, high, 0x88));
  }
  return i;
}
#endif

template <size_t kUnit>
void MoveRun(int64_t count, int64_t unit, const std::byte* from, int64_t from_step, std::byte* to,
             int64_t to_step) {
  int64_t i = 0;
#if defined(__SSE2__)
  if constexpr (kUnit == 4) {
    if (from_step == 8 && to_step == 4) i = MoveEverySecond(count, from, to);
  }
#endif
  for (; i < count; ++i) MoveUnit<kUnit>(to + i * to_step, from + i * from_step, unit);
}

}  // namespace

CopyLoops::CopyLoops(const StridedCopy& copy, int64_t element_bytes)
    : input_(copy.input),
      output_(copy.output),
      from_(copy.from * element_bytes),
      to_(copy.to * element_bytes),
      bytes_(element_bytes),
      unit_(element_bytes) {
  std::vector<Loop> loops;
  for (size_t i = 0; i < copy.dims.size(); ++i) {
    bytes_ *= copy.dims[i];
    if (copy.dims[i] == 1) continue;
    const Loop loop = {copy.dims[i], copy.from_strides[i] * element_bytes,
                       copy.to_strides[i] * element_bytes};
    if (!loops.empty() && loops.back().from_step == loop.count * loop.from_step &&
        loops.back().to_step == loop.count * loop.to_step) {
      loops.back() = {loops.back().count * loop.count, loop.from_step, loop.to_step};
    } else {
      loops.push_back(loop);
    }
  }
  if (bytes_ == 0) return;
  if (!loops.empty() && loops.back().from_step == unit_ && loops.back().to_step == unit_) {
    unit_ *= loops.back().count;
    loops.pop_back();
  }
  if (!loops.empty()) {
    row_ = loops.back();
    loops.pop_back();
  }
  const auto nearest = std::min_element(
      loops.begin(), loops.end(),
      [](const Loop& a, const Loop& b) { return std::abs(a.from_step) < std::abs(b.from_step); });
  if (unit_ < kWideUnit && std::abs(row_.from_step) >= kWideUnit && nearest != loops.end() &&
      nearest->from_step != 0 && std::abs(nearest->from_step) < std::abs(row_.from_step)) {
    column_ = *nearest;
    loops.erase(nearest);
  }
  if (!loops.empty()) {
    plane_ = loops.back();
    loops.pop_back();
  }
  outer_ = std::move(loops);
  Cut();
}

void CopyLoops::Cut() {
  unit_tile_ = std::min(unit_, kPieceBytes);
  column_tile_ = std::min(column_.count, std::max(kTile, kTile * kTile / row_.count));
  row_tile_ = std::clamp<int64_t>(kPieceBytes / (unit_tile_ * column_tile_), 1, row_.count);
  const int64_t tile_bytes = unit_tile_ * column_tile_ * row_tile_;
  plane_tile_ = std::clamp<int64_t>(kPieceBytes / tile_bytes, 1, plane_.count);
  pieces_ = Pieces(plane_.count, plane_tile_) * Pieces(column_.count, column_tile_) *
            Pieces(row_.count, row_tile_) * Pieces(unit_, unit_tile_);
  for (const Loop& loop : outer_) pieces_ *= loop.count;
  grain_ = std::max<int64_t>(1, kPieceBytes / (tile_bytes * plane_tile_));
  switch (unit_) {
    case 1:
      move_ = &CopyLoops::MoveRows<1>;
      break;
    case 2:
      move_ = &CopyLoops::MoveRows<2>;
      break;
    case 4:
      move_ = &CopyLoops::MoveRows<4>;
      break;
    case 8:
      move_ = &CopyLoops::MoveRows<8>;
      break;
    case 12:
      move_ = &CopyLoops::MoveRows<12>;
      break;
    case 16:
      move_ = &CopyLoops::MoveRows<16>;
      break;
    case 32:
      move_ = &CopyLoops::MoveRows<32>;
      break;
    default:
      move_ = &CopyLoops::MoveRows<0>;
      break;
  }
}

template <size_t kUnit>
void CopyLoops::MoveRows(int64_t columns, int64_t rows, const std::byte* from,
                         std::byte* to) const {
  const int64_t step = columns == 1 ? rows : kTile;
  for (int64_t row = 0; row < rows; row += step) {
    MoveTile<kUnit>(columns, std::min(step, rows - row), from + row * row_.from_step,
                    to + row * row_.to_step);
  }
}

template <size_t kUnit>
void CopyLoops::MoveTile(int64_t columns, int64_t rows, const std::byte* from,
                         std::byte* to) const {
  // Copies: stores through bytes could change the members.
  const Loop column = column_;
  const Loop row = row_;
  const int64_t unit = unit_;
  int64_t begin = 0;
#if defined(__SSE2__)
  if constexpr (kUnit == 4) {
    if (column.from_step == 4 && row.to_step == 4) {
      begin = TransposeTile(columns, rows, from, row.from_step, to, column.to_step);
    }
  }
#endif
  if (rows - begin < columns) {
    for (int64_t r = begin; r < rows; ++r) {
      MoveRun<kUnit>(columns, unit, from + r * row.from_step, column.from_step,
                     to + r * row.to_step, column.to_step);
    }
    return;
  }
  from += begin * row.from_step;
  to += begin * row.to_step;
  for (int64_t c = 0; c < columns; ++c) {
    MoveRun<kUnit>(rows - begin, unit, from + c * column.from_step, row.from_step,
                   to + c * column.to_step, row.to_step);
  }
}

void CopyLoops::RunPiece(int64_t piece, const std::byte* from, std::byte* to) const {
  const auto take = [&](int64_t count) {
    const int64_t index = piece % count;
    piece /= count;
    return index;
  };
  const int64_t byte = take(Pieces(unit_, unit_tile_)) * unit_tile_;
  const int64_t row = take(Pieces(row_.count, row_tile_)) * row_tile_;
  const int64_t column = take(Pieces(column_.count, column_tile_)) * column_tile_;
  const int64_t plane = take(Pieces(plane_.count, plane_tile_)) * plane_tile_;
  from +=
      from_ + byte + row * row_.from_step + column * column_.from_step + plane * plane_.from_step;
  to += to_ + byte + row * row_.to_step + column * column_.to_step + plane * plane_.to_step;
  for (size_t i = outer_.size(); i-- > 0;) {
    const int64_t index = take(outer_[i].count);
    from += index * outer_[i].from_step;
    to += index * outer_[i].to_step;
  }
  const int64_t planes = std::min(plane_tile_, plane_.count - plane);
  if (unit_tile_ < unit_) {
    const auto bytes = static_cast<size_t>(std::min(unit_tile_, unit_ - byte));
    for (int64_t i = 0; i < planes; ++i) {
      std::memcpy(to + i * plane_.to_step, from + i * plane_.from_step, bytes);
    }
    return;
  }
  const int64_t columns = std::min(column_tile_, column_.count - column);
  const int64_t rows = std::min(row_tile_, row_.count - row);
  for (int64_t i = 0; i < planes; ++i) {
    (this->*move_)(columns, rows, from + i * plane_.from_step, to + i * plane_.to_step);
  }
}

void CopyLoops::Run(const Call& call) const {
  const auto* from = call.Input<std::byte>(input_);
  auto* to = call.Output<std::byte>(output_);
  if (IsOneRun() && from + from_ == to + to_) return;
  call.threads->ParallelFor(pieces_, grain_, [&](int64_t begin, int64_t end) {
    for (int64_t piece = begin; piece < end; ++piece) RunPiece(piece, from, to);
  });
}

void CopyBytes(void* to, const void* from, int64_t bytes, ThreadPool& threads) {
  if (to == from) return;
  threads.ParallelFor(bytes, kPieceBytes, [&](int64_t begin, int64_t end) {
    std::memcpy(static_cast<std::byte*>(to) + begin, static_cast<const std::byte*>(from) + begin,
                static_cast<size_t>(end - begin));
  });
}

Support MovableElement(DType dtype, int64_t* bytes) {
  const int bits = DTypeBits(dtype);
  if (bits < 8) return Support::No("strings and elements under one byte are not moved");
  *bytes = static_cast<int64_t>(Tensor::ByteSize(dtype, 1));
  return Support::Yes();
}

}  // namespace assay
