// Compiled once per instruction set: loops over integers that compilers turn into vectors.

namespace {  // NOLINT(google-build-namespaces): one including file per instruction set

// Arithmetic that wraps around, in at least 32 bits so that nothing is promoted to a signed type.
template <typename T>
using Modular = std::conditional_t<sizeof(T) == 8, uint64_t, uint32_t>;

struct SumTerms {
  template <typename T>
  T operator()(T value, T x) const {
    return static_cast<T>(static_cast<Modular<T>>(value) + static_cast<Modular<T>>(x));
  }
};
struct MultiplyTerms {
  template <typename T>
  T operator()(T value, T x) const {
    return static_cast<T>(static_cast<Modular<T>>(value) * static_cast<Modular<T>>(x));
  }
};
struct SumSquares {
  template <typename T>
  T operator()(T value, T x) const {
    const auto term = static_cast<Modular<T>>(x);
    return static_cast<T>(static_cast<Modular<T>>(value) + term * term);
  }
};
struct Greatest {
  template <typename T>
  T operator()(T value, T x) const {
    return x > value ? x : value;
  }
};
struct Least {
  template <typename T>
  T operator()(T value, T x) const {
    return x < value ? x : value;
  }
};

template <typename Function, typename T>
void ReduceRow(int64_t count, const void* in, void* value) {
  const Function function;
  const auto* x = static_cast<const T*>(in);
  T result = *static_cast<T*>(value);
  for (int64_t i = 0; i < count; ++i) result = function(result, x[i]);
  *static_cast<T*>(value) = result;
}

template <typename Function, typename T>
void ReduceColumns(int64_t count, const void* in, void* values) {
  const Function function;
  const auto* __restrict x = static_cast<const T*>(in);
  auto* __restrict results = static_cast<T*>(values);
  for (int64_t i = 0; i < count; ++i) results[i] = function(results[i], x[i]);
}

}  // namespace

// NOLINTBEGIN(bugprone-macro-parentheses)
#define ASSAY_INTEGER_TYPES(loop, function)                                         \
  {                                                                                 \
    loop<function, int8_t>, loop<function, uint8_t>, loop<function, int32_t>,       \
        loop<function, uint32_t>, loop<function, int64_t>, loop<function, uint64_t> \
  }
#define ASSAY_REDUCTIONS(loop)                                                      \
  {                                                                                 \
    ASSAY_INTEGER_TYPES(loop, SumTerms), ASSAY_INTEGER_TYPES(loop, MultiplyTerms),  \
        ASSAY_INTEGER_TYPES(loop, SumSquares), ASSAY_INTEGER_TYPES(loop, Greatest), \
        ASSAY_INTEGER_TYPES(loop, Least)                                            \
  }
// NOLINTEND(bugprone-macro-parentheses)

extern const IntegerKernels kIntegerKernels;
const IntegerKernels kIntegerKernels = {.rows = ASSAY_REDUCTIONS(ReduceRow),
                                        .columns = ASSAY_REDUCTIONS(ReduceColumns)};
#undef ASSAY_REDUCTIONS
#undef ASSAY_INTEGER_TYPES
