// Compiled once per instruction set; the including file defines Vector (kLanes floats), and Load,
// Store, Broadcast, MultiplyAdd, Add, Zero, Below, Above and SplitPairs on it.

namespace {  // NOLINT(google-build-namespaces): one including file per instruction set

constexpr int64_t kWindowBlock = 128;
constexpr int kTapVectors = 4;
constexpr int kRowVectors = kRows >= 12 ? 2 : 1;

struct FinishVectors {
  Vector bias;
  Vector low;
  Vector high;
};

inline FinishVectors Spread(const WindowFinish& finish) {
  return {Broadcast(finish.bias), Broadcast(finish.low), Broadcast(finish.high)};
}

inline Vector Finish(const FinishVectors& finish, Vector sum) {
  return Below(finish.high, Above(finish.low, Add(sum, finish.bias)));
}

// kCount vectors, the last of them `last` floats from the first.
template <int kCount>
inline void WeighTapVectors(const float* in, const int64_t* offsets, const float* weights,
                            int64_t taps, int64_t last, const FinishVectors& finish, float* out) {
  Vector total[kCount];
#pragma GCC unroll 8
  for (int v = 0; v < kCount; ++v) total[v] = Zero();
  for (int64_t begin = 0; begin < taps; begin += kWindowBlock) {
    const int64_t end = taps - begin < kWindowBlock ? taps : begin + kWindowBlock;
    Vector sum[kCount];
#pragma GCC unroll 8
    for (int v = 0; v < kCount; ++v) sum[v] = Zero();
    for (int64_t tap = begin; tap < end; ++tap) {
      const Vector weight = Broadcast(weights[tap]);
      const float* row = in + offsets[tap];
#pragma GCC unroll 8
      for (int v = 0; v + 1 < kCount; ++v) {
        sum[v] = MultiplyAdd(weight, Load(row + v * kLanes), sum[v]);
      }
      sum[kCount - 1] = MultiplyAdd(weight, Load(row + last), sum[kCount - 1]);
    }
#pragma GCC unroll 8
    for (int v = 0; v < kCount; ++v) total[v] = Add(total[v], sum[v]);
  }
#pragma GCC unroll 8
  for (int v = 0; v + 1 < kCount; ++v) Store(out + v * kLanes, Finish(finish, total[v]));
  Store(out + last, Finish(finish, total[kCount - 1]));
}

void WeighTaps(const float* in, const int64_t* offsets, const float* weights, int64_t taps,
               int64_t count, const WindowFinish& finish_values, float* out) {
  const FinishVectors finish = Spread(finish_values);
  int64_t x = 0;
  // The last vector ends where the row does, over elements that another one may have as well.
  for (; count - x > kTapVectors * kLanes; x += kTapVectors * kLanes) {
    WeighTapVectors<kTapVectors>(in + x, offsets, weights, taps, (kTapVectors - 1) * kLanes, finish,
                                 out + x);
  }
  const int64_t last = count - x - kLanes;
  if (last > 2 * kLanes) {
    WeighTapVectors<4>(in + x, offsets, weights, taps, last, finish, out + x);
  } else if (last > kLanes) {
    WeighTapVectors<3>(in + x, offsets, weights, taps, last, finish, out + x);
  } else if (last > 0) {
    WeighTapVectors<2>(in + x, offsets, weights, taps, last, finish, out + x);
  } else {
    WeighTapVectors<1>(in + x + last, offsets, weights, taps, 0, finish, out + x + last);
  }
}

// kOut rows of kCount vectors: every vector of the input is loaded once and weighed for each row of
// windows that it belongs to.
template <int kSize, int kOut, int kCount>
inline void WeighRowVectors(const float* in, int64_t in_pitch, const float* weights, int64_t last,
                            const FinishVectors& finish, float* out, int64_t out_pitch) {
  Vector sum[kOut][kCount];
#pragma GCC unroll 8
  for (int o = 0; o < kOut; ++o) {
#pragma GCC unroll 8
    for (int v = 0; v < kCount; ++v) sum[o][v] = Zero();
  }
#pragma GCC unroll 16
  for (int row = 0; row < kOut + kSize - 1; ++row) {
    const float* from = in + row * in_pitch;
#pragma GCC unroll 8
    for (int tap = 0; tap < kSize; ++tap) {
#pragma GCC unroll 8
      for (int v = 0; v < kCount; ++v) {
        const Vector value = Load(from + tap + (v + 1 < kCount ? v * kLanes : last));
#pragma GCC unroll 8
        for (int o = 0; o < kOut; ++o) {
          const int tap_row = row - o;
          if (tap_row < 0 || tap_row >= kSize) continue;
          sum[o][v] = MultiplyAdd(Broadcast(weights[tap_row * kSize + tap]), value, sum[o][v]);
        }
      }
    }
  }
#pragma GCC unroll 8
  for (int o = 0; o < kOut; ++o) {
#pragma GCC unroll 8
    for (int v = 0; v < kCount; ++v) {
      Store(out + o * out_pitch + (v + 1 < kCount ? v * kLanes : last), Finish(finish, sum[o][v]));
    }
  }
}

template <int kSize, int kOut>
inline void WeighRows(const float* in, int64_t in_pitch, const float* weights, int64_t count,
                      const FinishVectors& finish, float* out, int64_t out_pitch) {
  int64_t x = 0;
  for (; count - x > kRowVectors * kLanes; x += kRowVectors * kLanes) {
    WeighRowVectors<kSize, kOut, kRowVectors>(in + x, in_pitch, weights, (kRowVectors - 1) * kLanes,
                                              finish, out + x, out_pitch);
  }
  const int64_t last = count - x - kLanes;
  if (last > 0) {
    WeighRowVectors<kSize, kOut, 2>(in + x, in_pitch, weights, last, finish, out + x, out_pitch);
  } else {
    WeighRowVectors<kSize, kOut, 1>(in + x + last, in_pitch, weights, 0, finish, out + x + last,
                                    out_pitch);
  }
}

template <int kSize>
void WeighPlane(const float* in, int64_t in_pitch, const float* weights, int64_t rows,
                int64_t count, const WindowFinish& finish_values, float* out, int64_t out_pitch) {
  const FinishVectors finish = Spread(finish_values);
  int64_t row = 0;
  for (; row + 4 <= rows; row += 4) {
    WeighRows<kSize, 4>(in + row * in_pitch, in_pitch, weights, count, finish,
                        out + row * out_pitch, out_pitch);
  }
  for (; row + 2 <= rows; row += 2) {
    WeighRows<kSize, 2>(in + row * in_pitch, in_pitch, weights, count, finish,
                        out + row * out_pitch, out_pitch);
  }
  if (row < rows) {
    WeighRows<kSize, 1>(in + row * in_pitch, in_pitch, weights, count, finish,
                        out + row * out_pitch, out_pitch);
  }
}

template <int kCount>
inline void WeighBlockedVectors(const BlockedWindows& w, int64_t first, float* out) {
  Vector sum[kCount];
#pragma GCC unroll 8
  for (int v = 0; v < kCount; ++v) sum[v] = Zero();
  for (int64_t y = w.row_begin; y < w.row_end; ++y) {
    for (int64_t x = w.column_begin; x < w.column_end; ++x) {
      const Vector weight = Load(w.weights + (y * w.columns + x) * kLanes);
      const float* from =
          w.plane + (w.offset + first * w.step + y * w.row_step + x * w.column_step);
#pragma GCC unroll 8
      for (int v = 0; v < kCount; ++v) {
        sum[v] = MultiplyAdd(weight, Load(from + v * w.step), sum[v]);
      }
    }
  }
  const FinishVectors finish = {Load(w.bias), Broadcast(w.low), Broadcast(w.high)};
#pragma GCC unroll 8
  for (int v = 0; v < kCount; ++v) Store(out + (first + v) * kLanes, Finish(finish, sum[v]));
}

void WeighBlocked(const BlockedWindows& windows, int64_t count, float* out) {
  int64_t i = 0;
  for (; i + 8 <= count; i += 8) WeighBlockedVectors<8>(windows, i, out);
  for (; i + 2 <= count; i += 2) WeighBlockedVectors<2>(windows, i, out);
  if (i < count) WeighBlockedVectors<1>(windows, i, out);
}

// As many of `count` floats as a vector holds, and zeros.
inline Vector LoadUpTo(const float* p, int64_t count) {
  if (count >= kLanes) return Load(p);
  return count <= 0 ? Zero() : LoadFirst(p, count);
}

// Writes whole vectors: up to a vector less one float beyond the run.
inline void GatherOneRun(const float* from, int64_t step, int64_t count, float* to) {
  if (step == 1) {
    for (int64_t i = 0; i < count; i += kLanes) Store(to + i, LoadUpTo(from + i, count - i));
  } else if (step == 2) {
    for (int64_t i = 0; i < count; i += kLanes) {
      const int64_t reach = 2 * (count - i) - 1;
      Vector even;
      Vector odd;
      SplitPairs(LoadUpTo(from + 2 * i, reach), LoadUpTo(from + 2 * i + kLanes, reach - kLanes),
                 &even, &odd);
      Store(to + i, even);
    }
  } else {
    for (int64_t i = 0; i < count; ++i) to[i] = from[i * step];
  }
}

void GatherWindows(const GatherPanel& panel, int64_t begin, int64_t rows, float* out) {
  // The last row's runs may reach beyond it, into what is not ours.
  alignas(64) float last_row[kMaxTileColumns + kLanes];
  int64_t tap = begin % panel.taps;
  const float* plane = panel.planes + begin / panel.taps * panel.plane_floats;
  for (int64_t k = 0; k < rows; ++k) {
    float* row = k + 1 < rows ? out + k * panel.width : last_row;
    const GatherRun* end = panel.runs + panel.tap_runs[tap + 1];
    for (const GatherRun* run = panel.runs + panel.tap_runs[tap]; run < end; ++run) {
      float* to = row + run->lane;
      if (run->source < 0) {
        for (int64_t i = 0; i < run->count; i += kLanes) Store(to + i, Zero());
      } else {
        GatherOneRun(plane + run->source, panel.step, run->count, to);
      }
    }
    if (++tap == panel.taps) {
      tap = 0;
      plane += panel.plane_floats;
    }
  }
  if (rows == 0) return;
  float* row = out + (rows - 1) * panel.width;
  for (int64_t i = 0; i < panel.width; ++i) row[i] = last_row[i];
}

void SplitRows(const float* in, int64_t in_pitch, int64_t rows, int64_t count, float* even,
               float* odd, int64_t out_pitch) {
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t i = 0; i < out_pitch; i += kLanes) {
      Vector first;
      Vector second;
      SplitPairs(LoadUpTo(in + 2 * i, count - 2 * i),
                 LoadUpTo(in + 2 * i + kLanes, count - 2 * i - kLanes), &first, &second);
      Store(even + i, first);
      Store(odd + i, second);
    }
    in += in_pitch;
    even += out_pitch;
    odd += out_pitch;
  }
}

void CopyRows(const float* in, int64_t in_pitch, int64_t rows, int64_t count, float* out,
              int64_t out_pitch) {
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t i = 0; i < out_pitch; i += kLanes) Store(out + i, LoadUpTo(in + i, count - i));
    in += in_pitch;
    out += out_pitch;
  }
}

void CloseGaps(const float* in, int64_t in_pitch, int64_t rows, int64_t count, float* out) {
  int64_t row = 0;
  // What a vector writes beyond its row is written again by the next rows.
  for (; (rows - row) * count >= kLanes; ++row) Store(out + row * count, Load(in + row * in_pitch));
  for (; row < rows; ++row) {
    for (int64_t i = 0; i < count; ++i) out[row * count + i] = in[row * in_pitch + i];
  }
}

}  // namespace

extern const WindowKernels kWindowKernels;
const WindowKernels kWindowKernels = {
    .lanes = kLanes,
    .weigh_taps = WeighTaps,
    .weigh_3x3 = WeighPlane<3>,
    .weigh_5x5 = WeighPlane<5>,
    .weigh_7x7 = WeighPlane<7>,
    .weigh_blocked = WeighBlocked,
    .gather = GatherWindows,
    .close_gaps = CloseGaps,
    .copy_rows = CopyRows,
    .split_rows = SplitRows,
};
