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

double SumRow(int64_t count, const float* in) {
  return SumOfTerms(count, in, [](Double x) { return x; });
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
  const double wide = shift;
  if (out == nullptr) {
    return SumOfTerms(count, in, [wide](Double x) { return Exponentiate(x - wide); });
  }
  Double low = {};
  Double high = {};
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    const Float x = Load(in + i);
    const Double a = Exponentiate(WidenLow(x) - wide);
    const Double b = Exponentiate(WidenHigh(x) - wide);
    low += a;
    high += b;
    Store(out + i, Narrow(a, b));
  }
  double rest = 0;
  if (i < count) {
    rest = SumOfTerms(count - i, in + i, [wide](Double x) { return Exponentiate(x - wide); });
    const Float x = LoadPart(in + i, count - i);
    StorePart(out + i, Through(x, [wide](Double v) { return Exponentiate(v - wide); }), count - i);
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
void AddRow(int64_t count, const float* in, double* sums) {
  AddToColumns(count, in, sums, [](Double x, int64_t) { return x; });
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
    const Float x = Load(in + i);
    const Float largest = Load(shift + i);
    const Double a = Exponentiate(WidenLow(x) - WidenLow(largest));
    const Double b = Exponentiate(WidenHigh(x) - WidenHigh(largest));
    double* low = sums + i;
    double* high = low + kDoubleLanes;
    StoreDoubles(low, LoadDoubles(low) + a);
    StoreDoubles(high, LoadDoubles(high) + b);
    if (out != nullptr) Store(out + i, Narrow(a, b));
  }
  for (; i < count; ++i) {
    const double distance = static_cast<double>(in[i]) - static_cast<double>(shift[i]);
    const double e = Exponentiate(BroadcastDouble(distance))[0];
    sums[i] += e;
    if (out != nullptr) out[i] = static_cast<float>(e);
  }
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
  }
