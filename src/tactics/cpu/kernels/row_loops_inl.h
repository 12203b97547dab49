// Loops over rows: sums, extremes and what normalisations need. Sums run in two vectors of double.

#include "tactics/cpu/kernels/element_loops_inl.h"

inline double SumOfLanes(Double a, Double b) {
  const Double sum = a + b;
  double total = 0;
  for (int i = 0; i < kDoubleLanes; ++i) total += sum[i];
  return total;
}

// term(Double) of the padding of the last vector is left out.
template <typename Term>
inline double SumOfTerms(int64_t count, const float* in, Term term) {
  Double low = {};
  Double high = {};
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const Float x = Load(in + i);
    low += term(WidenLow(x));
    high += term(WidenHigh(x));
  }
  double rest = 0;
  if (i < count) {
    const Float x = LoadPart(in + i, count - i);
    const Double last_low = term(WidenLow(x));
    const Double last_high = term(WidenHigh(x));
    for (int64_t k = 0; k < count - i; ++k) {
      rest += k < kDoubleLanes ? last_low[k] : last_high[k - kDoubleLanes];
    }
  }
  return SumOfLanes(low, high) + rest;
}

// Adds x to a sum and what its rounding loses to `lost`.
template <typename T>
inline void AddExactly(T x, T& sum, T& lost) {
  const T total = sum + x;
  const T added = total - sum;
  lost = lost + ((sum - (total - added)) + (x - added));
  sum = total;
}
// What infinite sums lose is no number.
inline double WithLost(double sum, double lost) { return sum - sum == 0 ? sum + lost : sum; }

double SumRow(int64_t count, const float* in) {
  Double low = {};
  Double high = {};
  Double lost_low = {};
  Double lost_high = {};
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const Float x = Load(in + i);
    AddExactly(WidenLow(x), low, lost_low);
    AddExactly(WidenHigh(x), high, lost_high);
  }
  if (i < count) {
    const Float x = LoadPart(in + i, count - i);
    AddExactly(WidenLow(x), low, lost_low);
    AddExactly(WidenHigh(x), high, lost_high);
  }
  double sum = 0;
  double lost = 0;
  for (int k = 0; k < kDoubleLanes; ++k) {
    AddExactly<double>(low[k], sum, lost);
    AddExactly<double>(high[k], sum, lost);
    lost += lost_low[k] + lost_high[k];
  }
  return WithLost(sum, lost);
}
double SumAbsoluteRow(int64_t count, const float* in) {
  return SumOfTerms(count, in, [](Double x) { return Absolute(x); });
}
double SumSquaresRow(int64_t count, const float* in, double shift) {
  return SumOfTerms(count, in, [shift](Double x) {
    const Double d = x - shift;
    return d * d;
  });
}

template <typename Function>
float ExtremeOfRow(int64_t count, const float* in, float extreme) {
  const Function function;
  Float first = Broadcast(extreme);
  Float second = first;
  int64_t i = 0;
  for (; i + 2 * kLanes <= count; i += 2 * kLanes) {
    first = function(Load(in + i), first);
    second = function(Load(in + i + kLanes), second);
  }
  const Float both = function(first, second);
  for (; i < count; ++i) extreme = function(Broadcast(in[i]), Broadcast(extreme))[0];
  for (int k = 0; k < kLanes; ++k) extreme = function(Broadcast(both[k]), Broadcast(extreme))[0];
  return extreme;
}
float MaximumOfRow(int64_t count, const float* in) {
  return ExtremeOfRow<Max>(count, in, -__builtin_inff());
}
float MinimumOfRow(int64_t count, const float* in) {
  return ExtremeOfRow<Min>(count, in, __builtin_inff());
}

double ExponentialsOfRow(int64_t count, const float* in, float shift, float* out) {
  Double low = {};
  Double high = {};
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const Float e = Exponentiate(Load(in + i) - shift);
    low += WidenLow(e);
    high += WidenHigh(e);
    if (out != nullptr) Store(out + i, e);
  }
  double rest = 0;
  if (i < count) {
    const Float e = Exponentiate(LoadPart(in + i, count - i) - shift);
    for (int64_t k = 0; k < count - i; ++k) rest += e[k];
    if (out != nullptr) StorePart(out + i, e, count - i);
  }
  return SumOfLanes(low, high) + rest;
}

void ScaleShiftRow(int64_t count, const float* in, double scale, double shift, float* out) {
  const auto function = [scale, shift](Double x) {
    return MultiplyAdd(x, BroadcastDouble(scale), BroadcastDouble(shift));
  };
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) Store(out + i, Through(Load(in + i), function));
  if (i < count) StorePart(out + i, Through(LoadPart(in + i, count - i), function), count - i);
}

void NormalizeRow(int64_t count, const float* in, double mean, double inverse, const float* scale,
                  const float* shift, float* out) {
  const auto function = [mean, inverse](Double x) { return (x - mean) * inverse; };
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const Float added = shift == nullptr ? Float{} : Load(shift + i);
    Store(out + i, MultiplyAdd(Through(Load(in + i), function), Load(scale + i), added));
  }
  if (i == count) return;
  const int64_t rest = count - i;
  const Float added = shift == nullptr ? Float{} : LoadPart(shift + i, rest);
  const Float normal = Through(LoadPart(in + i, rest), function);
  StorePart(out + i, MultiplyAdd(normal, LoadPart(scale + i, rest), added), rest);
}

// sums[i] += term(in[i], i) for vectors of columns that begin at i.
template <typename Term>
inline void AddToColumns(int64_t count, const float* in, double* sums, Term term) {
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const Float x = Load(in + i);
    double* low = sums + i;
    double* high = low + kDoubleLanes;
    StoreDoubles(low, LoadDoubles(low) + term(WidenLow(x), i));
    StoreDoubles(high, LoadDoubles(high) + term(WidenHigh(x), i + kDoubleLanes));
  }
  for (; i < count; ++i) sums[i] += term(BroadcastDouble(in[i]), -1 - i)[0];
}
void AddRow(int64_t count, const float* in, double* sums, double* lost) {
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const Float x = Load(in + i);
    for (int half = 0; half < 2; ++half) {
      const int64_t at = i + half * kDoubleLanes;
      Double sum = LoadDoubles(sums + at);
      Double rest = LoadDoubles(lost + at);
      AddExactly(half == 0 ? WidenLow(x) : WidenHigh(x), sum, rest);
      StoreDoubles(sums + at, sum);
      StoreDoubles(lost + at, rest);
    }
  }
  for (; i < count; ++i) AddExactly<double>(in[i], sums[i], lost[i]);
}
void AddAbsoluteRow(int64_t count, const float* in, double* sums) {
  AddToColumns(count, in, sums, [](Double x, int64_t) { return Absolute(x); });
}
void AddSquaresRow(int64_t count, const float* in, const double* shift, double* sums) {
  AddToColumns(count, in, sums, [shift](Double x, int64_t i) {
    if (shift == nullptr) return x * x;
    const Double d = x - (i >= 0 ? LoadDoubles(shift + i) : BroadcastDouble(shift[-1 - i]));
    return d * d;
  });
}
void AddExponentialsRow(int64_t count, const float* in, const float* shift, float* out,
                        double* sums) {
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const Float e = Exponentiate(Load(in + i) - Load(shift + i));
    double* low = sums + i;
    double* high = low + kDoubleLanes;
    StoreDoubles(low, LoadDoubles(low) + WidenLow(e));
    StoreDoubles(high, LoadDoubles(high) + WidenHigh(e));
    if (out != nullptr) Store(out + i, e);
  }
  for (; i < count; ++i) {
    const float e = Exponentiate(Broadcast(in[i] - shift[i]))[0];
    sums[i] += e;
    if (out != nullptr) out[i] = e;
  }
}

void SoftmaxOfColumns(int64_t rows, int64_t columns, float* data) {
  if (rows == 0) return;
  const Max higher;
  for (int64_t column = 0; column < columns; column += kLanes) {
    float* top = data + column;
    Float first = Broadcast(-__builtin_inff());
    Float second = first;
    int64_t row = 0;
    for (; row + 2 <= rows; row += 2) {
      first = higher(Load(top + row * columns), first);
      second = higher(Load(top + (row + 1) * columns), second);
    }
    if (row < rows) first = higher(Load(top + row * columns), first);
    const Float largest = higher(first, second);
    Double low = {};
    Double high = {};
    for (row = 0; row < rows; ++row) {
      const Float e = Exponentiate(Load(top + row * columns) - largest);
      low += WidenLow(e);
      high += WidenHigh(e);
      Store(top + row * columns, e);
    }
    const Float inverse = Narrow(1.0 / low, 1.0 / high);
    for (row = 0; row < rows; ++row) {
      Store(top + row * columns, Load(top + row * columns) * inverse);
    }
  }
}

template <bool kMinimum, bool kLast>
void FollowExtreme(int64_t count, const float* in, int32_t index, float* extremes,
                   int32_t* indices) {
  const auto beats = [](Float x, Float extreme) -> Int {
    const Int further = kMinimum ? x < extreme : x > extreme;
    return further | (IsNaN(x) & ~IsNaN(extreme));
  };
  const auto step = [&](Float x, Float extreme) -> Int {
    return kLast ? ~beats(extreme, x) : beats(x, extreme);
  };
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const Float x = Load(in + i);
    const Float extreme = Load(extremes + i);
    const Int taken = step(x, extreme);
    Store(extremes + i, taken ? x : extreme);
    StoreInts(indices + i, taken ? Int{} + index : LoadInts(indices + i));
  }
  for (; i < count; ++i) {
    if (step(Broadcast(in[i]), Broadcast(extremes[i]))[0] == 0) continue;
    extremes[i] = in[i];
    indices[i] = index;
  }
}
void FollowExtremeRow(int64_t count, const float* in, int32_t index, bool minimum, bool last,
                      float* extremes, int32_t* indices) {
  const auto loop = minimum ? (last ? FollowExtreme<true, true> : FollowExtreme<true, false>)
                            : (last ? FollowExtreme<false, true> : FollowExtreme<false, false>);
  loop(count, in, index, extremes, indices);
}

#define ASSAY_UNARY_ENTRY(name) UnaryMap<name>,
#define ASSAY_BINARY_ENTRY(name) BinaryMap<name>,
#define ASSAY_ELEMENT_KERNELS                                                                 \
  {                                                                                           \
    .unary = {ASSAY_UNARY_FUNCTIONS(ASSAY_UNARY_ENTRY)},                                      \
    .binary = {ASSAY_BINARY_FUNCTIONS(ASSAY_BINARY_ENTRY)}, .sum = SumRow,                    \
    .sum_absolute = SumAbsoluteRow, .sum_squares = SumSquaresRow, .maximum = MaximumOfRow,    \
    .minimum = MinimumOfRow, .exponentials = ExponentialsOfRow, .scale_shift = ScaleShiftRow, \
    .normalize = NormalizeRow, .add_row = AddRow, .add_absolute_row = AddAbsoluteRow,         \
    .add_squares_row = AddSquaresRow, .add_exponentials_row = AddExponentialsRow,             \
    .softmax_columns = SoftmaxOfColumns, .follow_extreme = FollowExtremeRow,                  \
  }
