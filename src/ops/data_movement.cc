#include "ops/data_movement.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "ops/elementwise.h"

namespace assay {
namespace {

template <typename T>
void CopyRun(void* to, const void* from, int64_t at, int64_t start, int64_t step, int64_t count) {
  T* target = static_cast<T*>(to) + at;
  const T* source = static_cast<const T*>(from) + start;
  for (int64_t i = 0; i < count; ++i) target[i] = source[i * step];
}

struct Bytes16 {
  uint64_t words[2];
};

Tensor Widen(const Tensor& packed) {
  const int bits = DTypeBits(packed.dtype());
  const int per_byte = 8 / bits;
  const auto mask = static_cast<uint8_t>((1 << bits) - 1);
  Tensor wide = Tensor::Allocate(DType::kUInt8, packed.shape());
  const auto* source = static_cast<const uint8_t*>(packed.raw());
  const auto target = wide.mutable_data<uint8_t>();
  for (int64_t i = 0; i < packed.elements(); ++i) {
    target[static_cast<size_t>(i)] =
        static_cast<uint8_t>(source[i / per_byte] >> (bits * (i % per_byte))) & mask;
  }
  return wide;
}

Tensor Narrow(const Tensor& wide, DType dtype) {
  const int bits = DTypeBits(dtype);
  const int per_byte = 8 / bits;
  Tensor packed = Tensor::Zeros(dtype, wide.shape());
  auto* target = static_cast<uint8_t*>(packed.mutable_raw());
  const auto source = wide.data<uint8_t>();
  for (int64_t i = 0; i < wide.elements(); ++i) {
    target[i / per_byte] |=
        static_cast<uint8_t>(source[static_cast<size_t>(i)] << (bits * (i % per_byte)));
  }
  return packed;
}

bool IsPacked(DType dtype) { return dtype != DType::kString && DTypeBits(dtype) < 8; }

}  // namespace

ElementBuffer::ElementBuffer(const Tensor& tensor)
    : dtype_(tensor.dtype()),
      tensor_(IsPacked(tensor.dtype()) ? Widen(tensor) : tensor),
      element_bytes_(Tensor::ByteSize(tensor_.dtype(), 1)) {}

ElementBuffer::ElementBuffer(DType dtype, Shape shape)
    : dtype_(dtype),
      tensor_(Tensor::Allocate(IsPacked(dtype) ? DType::kUInt8 : dtype, std::move(shape))),
      element_bytes_(Tensor::ByteSize(tensor_.dtype(), 1)) {}

void ElementBuffer::Copy(int64_t to, const ElementBuffer& source, int64_t from, int64_t count) {
  if (dtype_ == DType::kString) {
    CopyStrided(to, source, from, 1, count);
    return;
  }
  if (count <= 0) return;
  std::memcpy(static_cast<std::byte*>(tensor_.mutable_raw()) + to * element_bytes_,
              static_cast<const std::byte*>(source.tensor_.raw()) + from * element_bytes_,
              static_cast<size_t>(count) * element_bytes_);
}

void ElementBuffer::CopyStrided(int64_t to, const ElementBuffer& source, int64_t from, int64_t step,
                                int64_t count) {
  void* target = tensor_.mutable_raw();
  const void* origin = source.tensor_.raw();
  if (dtype_ == DType::kString) {
    CopyRun<std::string>(target, origin, to, from, step, count);
    return;
  }
  switch (element_bytes_) {
    case 1:
      CopyRun<uint8_t>(target, origin, to, from, step, count);
      break;
    case 2:
      CopyRun<uint16_t>(target, origin, to, from, step, count);
      break;
    case 4:
      CopyRun<uint32_t>(target, origin, to, from, step, count);
      break;
    case 8:
      CopyRun<uint64_t>(target, origin, to, from, step, count);
      break;
    default:
      CopyRun<Bytes16>(target, origin, to, from, step, count);
      break;
  }
}

void ElementBuffer::Clear(int64_t to, int64_t count) {
  if (count <= 0) return;
  if (dtype_ == DType::kString) {
    for (int64_t i = 0; i < count; ++i) {
      tensor_.mutable_data<std::string>()[static_cast<size_t>(to + i)].clear();
    }
    return;
  }
  std::memset(static_cast<std::byte*>(tensor_.mutable_raw()) + to * element_bytes_, 0,
              static_cast<size_t>(count) * element_bytes_);
}

Tensor ElementBuffer::Finish() const {
  return IsPacked(dtype_) ? Narrow(tensor_, dtype_) : tensor_;
}

Tensor CopyStridedView(const Tensor& input, Shape shape, int64_t offset,
                       const std::vector<int64_t>& strides, ThreadPool& threads) {
  const ElementBuffer source(input);
  ElementBuffer target(input.dtype(), shape);
  const int rank = shape.rank();
  const int64_t inner = rank == 0 ? 1 : shape[rank - 1];
  const int64_t step = rank == 0 ? 0 : strides.back();
  const int64_t rows = inner == 0 ? 0 : shape.elements() / inner;
  const int64_t grain = std::max<int64_t>(1, kElementwiseGrain / std::max<int64_t>(inner, 1));
  threads.ParallelFor(rows, grain, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      int64_t from = offset;
      int64_t rest = row;
      for (int axis = rank - 2; axis >= 0; --axis) {
        from += rest % shape[axis] * strides[static_cast<size_t>(axis)];
        rest /= shape[axis];
      }
      if (step == 1) {
        target.Copy(row * inner, source, from, inner);
      } else {
        target.CopyStrided(row * inner, source, from, step, inner);
      }
    }
  });
  return target.Finish();
}

Result<int> CheckedAxis(int64_t axis, int rank) {
  const std::optional<int> normalized = NormalizeAxis(axis, rank);
  if (normalized) return *normalized;
  return OpContext::Invalid(
      fmt::format("axis: expected a value in [{}, {}), got {}", -rank, rank, axis));
}

Result<std::vector<int>> NormalizeAxes(const std::vector<int64_t>& axes, int rank) {
  std::vector<int> result;
  for (int64_t axis : axes) {
    ASSAY_ASSIGN_OR_RETURN(const int normalized, CheckedAxis(axis, rank));
    result.push_back(normalized);
  }
  std::sort(result.begin(), result.end());
  if (std::adjacent_find(result.begin(), result.end()) != result.end()) {
    return OpContext::Invalid("axes: the same axis is given twice");
  }
  return result;
}

Status ElementCountMismatch(const Shape& from, const Shape& to) {
  return OpContext::Invalid(fmt::format("cannot reshape {} ({} elements) to {} ({} elements)",
                                        from.ToString(), from.elements(), to.ToString(),
                                        to.elements()));
}

AxesArgument InferAxes(const InferContext& context) {
  AxesArgument argument;
  if (context.opset() < 13) {
    argument.given = context.HasAttribute("axes");
    argument.known = true;
    argument.axes = context.Ints("axes");
    return argument;
  }
  argument.given = context.HasInput(1);
  argument.known = !argument.given;
  if (const auto axes = context.ConstantInts(1)) {
    argument.known = true;
    argument.axes = *axes;
  }
  return argument;
}

AxesArgument ReferenceAxes(const ReferenceContext& context) {
  AxesArgument argument;
  argument.known = true;
  if (context.opset() < 13) {
    argument.given = context.HasAttribute("axes");
    argument.axes = context.Ints("axes");
  } else {
    argument.given = context.HasInput(1);
    if (argument.given) argument.axes = context.IntValues(1);
  }
  return argument;
}

void ForwardContents(InferContext& context) {
  if (auto contents = context.InputContents(0)) {
    context.SetOutputContents(0, std::move(*contents));
  }
}

}  // namespace assay
