#include "ops/random_draws.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "ops/axis_lines.h"
#include "ops/type_attribute.h"

namespace assay {
namespace {

// FNV-1a of 64 bits.
uint64_t HashText(std::string_view text, uint64_t hash = 0xCBF29CE484222325) {
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  }
  return hash;
}

}  // namespace

CounterRandom RandomStream(const OpContext& context) {
  // Seeds take keys below 2^32, names the others.
  if (context.HasAttribute("seed")) {
    return CounterRandom(std::bit_cast<uint32_t>(context.Float("seed")));
  }
  return CounterRandom(HashText(context.node().name, HashText(context.node().op)) | uint64_t{1}
                                                                                        << 63);
}

Status InferRandomLike(InferContext& context, DTypeSet types) {
  DType dtype = context.InputType(0);
  if (context.HasAttribute("dtype")) {
    ASSAY_ASSIGN_OR_RETURN(dtype, TypeAttribute(context, "dtype", types));
  } else if (!types.Contains(dtype)) {
    return OpContext::Invalid(
        fmt::format("the output cannot have the element type of the input, {}", DTypeName(dtype)),
        "give another one by the attribute dtype");
  }
  const SymbolicShape* shape = context.InputShape(0);
  context.SetOutput(0, dtype, shape == nullptr ? std::nullopt : std::optional(*shape));
  return OkStatus();
}

Status InferRandomShape(InferContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const DType dtype, TypeAttribute(context, "dtype", kFloats));
  const Shape shape(context.Ints("shape"));
  if (!shape.CheckedElements()) {
    return OpContext::Invalid(
        fmt::format("attribute \"shape\": expected extents >= 0 with a product that fits, got {}",
                    shape.ToString()));
  }
  context.SetOutput(0, dtype, ToSymbolic(shape));
  return OkStatus();
}

Status CheckUniform(const OpContext& context) {
  const double low = context.Float("low");
  const double high = context.Float("high");
  if (low <= high && std::isfinite(low) && std::isfinite(high)) return OkStatus();
  return OpContext::Invalid(fmt::format(
      "attributes \"low\" and \"high\": expected finite values, low <= high, got {} and {}", low,
      high));
}

Status CheckNormal(const OpContext& context) {
  const double mean = context.Float("mean");
  const double scale = context.Float("scale");
  if (std::isfinite(mean) && scale >= 0 && std::isfinite(scale)) return OkStatus();
  return OpContext::Invalid(fmt::format(
      "attributes \"mean\" and \"scale\": expected finite values, scale >= 0, got {} and {}", mean,
      scale));
}

Result<Tensor> FillDoubles(ThreadPool& threads, Shape shape, FunctionRef<double(int64_t)> value) {
  ASSAY_ASSIGN_OR_RETURN(Tensor tensor, Tensor::TryAllocate(DType::kFloat64, std::move(shape)));
  const std::span<double> out = tensor.mutable_data<double>();
  ForEachSlice(threads, tensor.elements(), 1,
               [&](int64_t i) { out[static_cast<size_t>(i)] = value(i); });
  return tensor;
}

Status DrawUniform(ReferenceContext& context, Shape shape) {
  ASSAY_RETURN_IF_ERROR(CheckUniform(context));
  const CounterRandom random = RandomStream(context);
  const double low = context.Float("low");
  const double width = static_cast<double>(context.Float("high")) - low;
  ASSAY_ASSIGN_OR_RETURN(Tensor values,
                         FillDoubles(context.threads(), std::move(shape), [&](int64_t i) {
                           return low + width * random.Uniform(static_cast<uint64_t>(i));
                         }));
  context.SetOutput(0, std::move(values));
  return OkStatus();
}

Status DrawNormal(ReferenceContext& context, Shape shape) {
  ASSAY_RETURN_IF_ERROR(CheckNormal(context));
  const CounterRandom random = RandomStream(context);
  const double mean = context.Float("mean");
  const double scale = context.Float("scale");
  ASSAY_ASSIGN_OR_RETURN(Tensor values,
                         FillDoubles(context.threads(), std::move(shape), [&](int64_t i) {
                           return mean + scale * random.Normal(static_cast<uint64_t>(i));
                         }));
  context.SetOutput(0, std::move(values));
  return OkStatus();
}

}  // namespace assay
