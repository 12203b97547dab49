#include <fmt/format.h>

#include "ops/activation.h"
#include "ops/attention_sizes.h"
#include "ops/axis_lines.h"
#include "ops/cases.h"
#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr DTypeSet kTypes = DTypeSet::Of(DType::kFloat32, DType::kFloat16, DType::kBFloat16);

constexpr OpSchema kSchemas[] = {
    {.since = 27,
     .inputs = {{"input", kTypes},
                {"weight", kTypes},
                {"bias", kTypes, Arity::kOptional},
                {"past_state", kTypes, Arity::kOptional}},
     .outputs = {{"output", kTypes}, {"present_state", kTypes}},
     .attributes = {StringAttribute("activation", "none")}},
};

Result<bool> HasSwish(const OpContext& context) {
  const std::string activation = context.String("activation");
  if (activation == "none") return false;
  if (activation == "silu" || activation == "swish") return true;
  return OpContext::Invalid(fmt::format(
      "attribute \"activation\": expected none, silu or swish, got \"{}\"", activation));
}

struct Sizes {
  Dim batch;
  Dim channels;
  Dim length;
  Dim kernel;
};

Status CheckRank(const SymbolicShape& shape, size_t rank, std::string_view name) {
  if (shape.size() == rank) return OkStatus();
  return OpContext::Invalid(
      fmt::format("{}: expected rank {}, got shape {}", name, rank, ToString(shape)));
}

// Of shapes that are known; nullptr: not there or not known.
Result<Sizes> SizesOf(const SymbolicShape* input, const SymbolicShape* weight,
                      const SymbolicShape* bias, const SymbolicShape* past) {
  Sizes sizes;
  if (input != nullptr) {
    ASSAY_RETURN_IF_ERROR(CheckRank(*input, 3, "input"));
    sizes = {.batch = (*input)[0], .channels = (*input)[1], .length = (*input)[2], .kernel = {}};
  }
  if (weight != nullptr) {
    ASSAY_RETURN_IF_ERROR(CheckRank(*weight, 3, "weight"));
    ASSAY_RETURN_IF_ERROR(Agree(sizes.channels, (*weight)[0], "channels of weight"));
    Dim one = 1;
    ASSAY_RETURN_IF_ERROR(Agree(one, (*weight)[1], "middle axis of weight"));
    sizes.kernel = (*weight)[2];
    if (sizes.kernel.IsKnown() && sizes.kernel.value() < 1) {
      return OpContext::Invalid("weight: expected a kernel, got shape " + ToString(*weight));
    }
  }
  if (bias != nullptr) {
    ASSAY_RETURN_IF_ERROR(CheckRank(*bias, 1, "bias"));
    ASSAY_RETURN_IF_ERROR(Agree(sizes.channels, (*bias)[0], "channels of bias"));
  }
  if (past != nullptr) {
    ASSAY_RETURN_IF_ERROR(CheckRank(*past, 3, "past_state"));
    ASSAY_RETURN_IF_ERROR(Agree(sizes.batch, (*past)[0], "batch of past_state"));
    ASSAY_RETURN_IF_ERROR(Agree(sizes.channels, (*past)[1], "channels of past_state"));
    ASSAY_RETURN_IF_ERROR(Agree(sizes.kernel, (*past)[2] + 1, "length of past_state and one more"));
  }
  return sizes;
}

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes());
  ASSAY_RETURN_IF_ERROR(HasSwish(context).status());
  ASSAY_ASSIGN_OR_RETURN(const Sizes sizes, SizesOf(context.InputShape(0), context.InputShape(1),
                                                    context.InputShape(2), context.InputShape(3)));
  const DType type = context.InputType(0);
  context.SetOutput(0, type, SymbolicShape{sizes.batch, sizes.channels, sizes.length});
  context.SetOutput(1, type, SymbolicShape{sizes.batch, sizes.channels, sizes.kernel - 1});
  return OkStatus();
}

Result<Sizes> SizesOf(const ReferenceContext& context) {
  SymbolicShape shapes[4];
  const SymbolicShape* known[4] = {};
  for (int i = 0; i < 4; ++i) {
    if (!context.HasInput(i)) continue;
    shapes[i] = ToSymbolic(context.Input(i).shape());
    known[i] = &shapes[i];
  }
  return SizesOf(known[0], known[1], known[2], known[3]);
}

// One channel of one sample: what came before, the last of it first needed, and what comes now.
struct Signal {
  const double* past = nullptr;  // null: zeros
  int64_t past_length = 0;
  const double* present = nullptr;

  double At(int64_t i) const {
    if (i >= past_length) return present[i - past_length];
    return past == nullptr ? 0 : past[i];
  }
};

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const bool swish, HasSwish(context));
  ASSAY_ASSIGN_OR_RETURN(const Sizes sizes, SizesOf(context));
  const int64_t batch = sizes.batch.value();
  const int64_t channels = sizes.channels.value();
  const int64_t length = sizes.length.value();
  const int64_t kernel = sizes.kernel.value();
  const double* in = context.Doubles(0).data();
  const double* weights = context.Doubles(1).data();
  const double* bias = context.HasInput(2) ? context.Doubles(2).data() : nullptr;
  const double* past = context.HasInput(3) ? context.Doubles(3).data() : nullptr;
  double* out = context.AllocateOutput(0, {batch, channels, length}).mutable_data<double>().data();
  double* state =
      context.AllocateOutput(1, {batch, channels, kernel - 1}).mutable_data<double>().data();
  const auto convolve = [&](int64_t line) {
    const int64_t channel = line % channels;
    const Signal signal = {.past = past == nullptr ? nullptr : past + line * (kernel - 1),
                           .past_length = kernel - 1,
                           .present = in + line * length};
    for (int64_t i = 0; i < length; ++i) {
      double sum = bias == nullptr ? 0 : bias[channel];
      for (int64_t k = 0; k < kernel; ++k) sum += weights[channel * kernel + k] * signal.At(i + k);
      out[line * length + i] = swish ? sum * Logistic(sum) : sum;
    }
    for (int64_t i = 0; i < kernel - 1; ++i) {
      state[line * (kernel - 1) + i] = signal.At(length + i);
    }
  };
  ForEachSlice(context.threads(), batch * channels, length * kernel, convolve);
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const auto add = [&](std::string name, std::vector<std::optional<Tensor>> inputs, Tensor output,
                       Tensor state, std::vector<Attribute> attributes = {}) {
    cases.push_back({.name = std::move(name),
                     .attributes = std::move(attributes),
                     .inputs = std::move(inputs),
                     .output_types = {DType::kFloat32, DType::kFloat32},
                     .expected = {std::move(output), std::move(state)}});
  };
  const Tensor input = Tensor::Of<float>({1, 2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor weight = Tensor::Of<float>({2, 1, 2}, {10, 1, 0, 2});
  const Tensor bias = Tensor::Vector<float>({100, -1});
  add("zeros_before", {input, weight}, Tensor::Of<float>({1, 2, 3}, {1, 12, 23, 8, 10, 12}),
      Tensor::Of<float>({1, 2, 1}, {3, 6}));
  add("bias", {input, weight, bias}, Tensor::Of<float>({1, 2, 3}, {101, 112, 123, 7, 9, 11}),
      Tensor::Of<float>({1, 2, 1}, {3, 6}));
  add("past", {input, weight, std::nullopt, Tensor::Of<float>({1, 2, 1}, {-1, 9})},
      Tensor::Of<float>({1, 2, 3}, {-9, 12, 23, 8, 10, 12}), Tensor::Of<float>({1, 2, 1}, {3, 6}));
  add("shorter_than_the_kernel",
      {Tensor::Of<float>({2, 1, 1}, {3, 4}), Tensor::Of<float>({1, 1, 3}, {100, 10, 1}),
       std::nullopt, Tensor::Of<float>({2, 1, 2}, {1, 2, 5, 6})},
      Tensor::Of<float>({2, 1, 1}, {123, 564}), Tensor::Of<float>({2, 1, 2}, {2, 3, 6, 4}));
  add("kernel_of_one", {input, Tensor::Of<float>({2, 1, 1}, {2, -1}), bias},
      Tensor::Of<float>({1, 2, 3}, {102, 104, 106, -5, -6, -7}), Tensor::Of<float>({1, 2, 0}, {}));
  // x / (1 + exp(-x)) at 0.5, -1 and 2.5.
  for (const char* name : {"silu", "swish"}) {
    cases.push_back(
        {.name = name,
         .attributes = {{"activation", std::string(name)}},
         .inputs = {Tensor::Of<float>({1, 1, 3}, {1, -2, 5}), Tensor::Of<float>({1, 1, 1}, {0.5F})},
         .output_types = {DType::kFloat32, DType::kFloat32},
         .expected = {Tensor::Of<double>(
                          {1, 1, 3}, {0.3112296656009273, -0.2689414213699951, 2.310354549946891}),
                      Tensor::Of<float>({1, 1, 0}, {})}});
  }
  add("no_input", {Tensor::Of<float>({1, 1, 0}, {}), Tensor::Of<float>({1, 1, 3}, {1, 2, 3})},
      Tensor::Of<float>({1, 1, 0}, {}), Tensor::Of<float>({1, 1, 2}, {0, 0}));
}

}  // namespace

extern const OpDef kCausalConvWithState;
const OpDef kCausalConvWithState = {.name = "CausalConvWithState",
                                    .schemas = kSchemas,
                                    .infer = Infer,
                                    .reference = Reference,
                                    .cases = Cases};

}  // namespace assay
