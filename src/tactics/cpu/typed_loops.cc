#include "tactics/cpu/typed_loops.h"

#include <cstdint>
#include <type_traits>

#include "tensor/dispatch.h"

namespace assay {
namespace {

template <typename T, typename R, typename Function>
void Loop(int64_t count, const void* left, int64_t a_step, const void* right, int64_t b_step,
          void* result) {
  const Function function;
  const auto* a = static_cast<const T*>(left);
  const auto* b = static_cast<const T*>(right);
  auto* out = static_cast<R*>(result);
  if (a_step == 1 && b_step == 1) {
    for (int64_t i = 0; i < count; ++i) out[i] = static_cast<R>(function(a[i], b[i]));
  } else if (a_step == 1) {
    const T other = *b;
    for (int64_t i = 0; i < count; ++i) out[i] = static_cast<R>(function(a[i], other));
  } else {
    const T other = *a;
    for (int64_t i = 0; i < count; ++i) out[i] = static_cast<R>(function(other, b[i * b_step]));
  }
}

// Arithmetic of T that is defined for every value.
template <typename T>
using Wide = std::conditional_t<std::is_integral_v<T>, uint64_t, T>;

struct Add {
  template <typename T>
  T operator()(T a, T b) const {
    return static_cast<T>(static_cast<Wide<T>>(a) + static_cast<Wide<T>>(b));
  }
};
struct Sub {
  template <typename T>
  T operator()(T a, T b) const {
    return static_cast<T>(static_cast<Wide<T>>(a) - static_cast<Wide<T>>(b));
  }
};
struct Mul {
  template <typename T>
  T operator()(T a, T b) const {
    return static_cast<T>(static_cast<Wide<T>>(a) * static_cast<Wide<T>>(b));
  }
};
struct Div {
  template <typename T>
  T operator()(T a, T b) const {
    if constexpr (std::is_integral_v<T>) {
      if (b == 0) return 0;
      if constexpr (std::is_signed_v<T>) {
        if (b == -1) return Sub()(T{0}, a);
      }
    }
    return static_cast<T>(a / b);
  }
};
struct Min {
  template <typename T>
  T operator()(T a, T b) const {
    if constexpr (std::is_floating_point_v<T>) {
      if (__builtin_isnan(a)) return a;
    }
    return a < b ? a : b;
  }
};
struct Max {
  template <typename T>
  T operator()(T a, T b) const {
    if constexpr (std::is_floating_point_v<T>) {
      if (__builtin_isnan(a)) return a;
    }
    return a > b ? a : b;
  }
};
struct Equal {
  template <typename T>
  bool operator()(T a, T b) const {
    return a == b;
  }
};
struct Less {
  template <typename T>
  bool operator()(T a, T b) const {
    return a < b;
  }
};
struct LessOrEqual {
  template <typename T>
  bool operator()(T a, T b) const {
    return a <= b;
  }
};
struct Greater {
  template <typename T>
  bool operator()(T a, T b) const {
    return a > b;
  }
};
struct GreaterOrEqual {
  template <typename T>
  bool operator()(T a, T b) const {
    return a >= b;
  }
};
// Any byte but 0 stands for true.
struct And {
  bool operator()(uint8_t a, uint8_t b) const { return (a != 0) & (b != 0); }
};
struct Or {
  bool operator()(uint8_t a, uint8_t b) const { return (a | b) != 0; }
};
struct Xor {
  bool operator()(uint8_t a, uint8_t b) const { return (a != 0) != (b != 0); }
};
struct Same {
  bool operator()(uint8_t a, uint8_t b) const { return (a != 0) == (b != 0); }
};

template <typename Function>
BinaryLoop Arithmetic(DType dtype) {
  BinaryLoop loop = nullptr;
  DispatchReferenceNumeric(dtype, [&]<typename T>() { loop = Loop<T, T, Function>; });
  return loop;
}

template <typename Function>
BinaryLoop Comparison(DType dtype) {
  if (dtype == DType::kFloat32) return Loop<float, uint8_t, Function>;
  if (dtype == DType::kBool && std::is_same_v<Function, Equal>) {
    return Loop<uint8_t, uint8_t, Same>;
  }
  BinaryLoop loop = nullptr;
  DispatchReferenceNumeric(dtype, [&]<typename T>() { loop = Loop<T, uint8_t, Function>; });
  return loop;
}

template <typename Function>
BinaryLoop Logic(DType dtype) {
  return dtype == DType::kBool ? Loop<uint8_t, uint8_t, Function> : nullptr;
}

struct Entry {
  std::string_view op;
  BinaryLoop (*loop)(DType dtype);
};
constexpr Entry kEntries[] = {
    {"Add", Arithmetic<Add>},
    {"Sub", Arithmetic<Sub>},
    {"Mul", Arithmetic<Mul>},
    {"Div", Arithmetic<Div>},
    {"Min", Arithmetic<Min>},
    {"Max", Arithmetic<Max>},
    {"Equal", Comparison<Equal>},
    {"Less", Comparison<Less>},
    {"LessOrEqual", Comparison<LessOrEqual>},
    {"Greater", Comparison<Greater>},
    {"GreaterOrEqual", Comparison<GreaterOrEqual>},
    {"And", Logic<And>},
    {"Or", Logic<Or>},
    {"Xor", Logic<Xor>},
};

}  // namespace

BinaryLoop TypedBinaryLoop(std::string_view op, DType dtype) {
  for (const Entry& entry : kEntries) {
    if (entry.op == op) return entry.loop(dtype);
  }
  return nullptr;
}

}  // namespace assay
