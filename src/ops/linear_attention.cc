#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ops/attention_sizes.h"
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
     .inputs = {{"query", kTypes},
                {"key", kTypes},
                {"value", kTypes},
                {"past_state", kTypes, Arity::kOptional},
                {"decay", kTypes, Arity::kOptional},
                {"beta", kTypes, Arity::kOptional}},
     .outputs = {{"output", kTypes}, {"present_state", kTypes}},
     .attributes = {IntAttribute("chunk_size", 64),
                    RequiredAttribute("kv_num_heads", AttributeKind::kInt),
                    RequiredAttribute("q_num_heads", AttributeKind::kInt),
                    FloatAttribute("scale", 0), StringAttribute("update_rule", "gated_delta")}},
};

// How a token changes the state.
struct Rule {
  bool gated = false;  // the state decays first
  bool delta = false;  // what the state has for the key is taken off the value
};

Status CheckPresence(const OpContext& context, int input, bool wanted, std::string_view name) {
  if (context.HasInput(input) == wanted) return OkStatus();
  return OpContext::Invalid(fmt::format("{}: expected {} by update_rule {}, got {}", name,
                                        wanted ? "it" : "none", context.String("update_rule"),
                                        wanted ? "none" : "one"));
}

Result<Rule> ReadRule(const OpContext& context) {
  const std::string name = context.String("update_rule");
  const Rule rule = {.gated = name == "gated" || name == "gated_delta",
                     .delta = name == "delta" || name == "gated_delta"};
  if (!rule.gated && !rule.delta && name != "linear") {
    return OpContext::Invalid(
        fmt::format("attribute \"update_rule\": expected linear, gated, delta or gated_delta, got "
                    "\"{}\"",
                    name));
  }
  ASSAY_RETURN_IF_ERROR(CheckPresence(context, 4, rule.gated, "decay"));
  ASSAY_RETURN_IF_ERROR(CheckPresence(context, 5, rule.delta, "beta"));
  return rule;
}

// Checks decay or beta, (batch, length, n), where n is the number of key heads or `other`.
Status CheckGate(const SymbolicShape* gate, std::string_view name, const Dim& other,
                 AttentionSizes& sizes) {
  if (gate == nullptr) return OkStatus();
  if (gate->size() != 3) {
    return OpContext::Invalid(
        fmt::format("{}: expected rank 3, got shape {}", name, ToString(*gate)));
  }
  ASSAY_RETURN_IF_ERROR(Agree(sizes.batch, (*gate)[0], fmt::format("batch of {}", name)));
  ASSAY_RETURN_IF_ERROR(Agree(sizes.new_keys, (*gate)[1], fmt::format("length of {}", name)));
  const Dim& last = gate->back();
  if (!last.IsKnown() || last.value() == sizes.key_heads.value() || !other.IsKnown() ||
      last.value() == other.value()) {
    return OkStatus();
  }
  return OpContext::Invalid(fmt::format("last axis of {}: expected {} or {}, got {}", name,
                                        sizes.key_heads.value(), other.value(), last.value()));
}

// Of the shapes of all inputs; nullptr: not there or not known.
Result<AttentionSizes> CheckedSizes(const OpContext& context, const SymbolicShape* const* inputs) {
  constexpr std::string_view kNames[] = {"query", "key", "value"};
  for (size_t i = 0; i < 3; ++i) {
    if (inputs[i] == nullptr || inputs[i]->size() == 3) continue;
    return OpContext::Invalid(
        fmt::format("{}: expected rank 3, got shape {}", kNames[i], ToString(*inputs[i])));
  }
  ASSAY_ASSIGN_OR_RETURN(AttentionSizes sizes, SizesOf(context, {inputs[0], inputs[1], inputs[2]}));
  ASSAY_RETURN_IF_ERROR(Agree(sizes.new_keys, sizes.queries, "length of query"));
  if (const SymbolicShape* state = inputs[3]; state != nullptr) {
    if (state->size() != 4) {
      return OpContext::Invalid("past_state: expected rank 4, got shape " + ToString(*state));
    }
    ASSAY_RETURN_IF_ERROR(Agree(sizes.batch, (*state)[0], "batch of past_state"));
    ASSAY_RETURN_IF_ERROR(Agree(sizes.key_heads, (*state)[1], "heads of past_state"));
    ASSAY_RETURN_IF_ERROR(Agree(sizes.depth, (*state)[2], "rows of past_state"));
    ASSAY_RETURN_IF_ERROR(Agree(sizes.columns, (*state)[3], "columns of past_state"));
  }
  ASSAY_RETURN_IF_ERROR(CheckGate(inputs[4], "decay", sizes.key_heads * sizes.depth, sizes));
  ASSAY_RETURN_IF_ERROR(CheckGate(inputs[5], "beta", 1, sizes));
  return sizes;
}

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({0, 1, 2, 4, 5}));
  ASSAY_RETURN_IF_ERROR(ReadRule(context).status());
  const SymbolicShape* inputs[6];
  for (int i = 0; i < 6; ++i) inputs[i] = context.InputShape(i);
  ASSAY_ASSIGN_OR_RETURN(const AttentionSizes sizes, CheckedSizes(context, inputs));
  Dim packed = sizes.query_heads * sizes.columns;
  if (inputs[2] != nullptr && sizes.query_heads.SameAs(sizes.key_heads)) packed = inputs[2]->back();
  context.SetOutput(0, context.InputType(0), SymbolicShape{sizes.batch, sizes.new_keys, packed});
  context.SetOutput(1, context.InputType(context.HasInput(3) ? 3 : 0),
                    SymbolicShape{sizes.batch, sizes.key_heads, sizes.depth, sizes.columns});
  return OkStatus();
}

// The heads of one sample that share a key head and its state, a matrix of depth x columns.
class Recurrence {
 public:
  Recurrence(const ReferenceContext& context, const AttentionSizes& sizes, const Rule& rule)
      : rule_(rule),
        query_heads_(sizes.query_heads.value()),
        key_heads_(sizes.key_heads.value()),
        length_(sizes.new_keys.value()),
        depth_(sizes.depth.value()),
        columns_(sizes.columns.value()),
        query_(context.Doubles(0).data()),
        key_(context.Doubles(1).data()),
        value_(context.Doubles(2).data()),
        scale_(context.Float("scale")) {
    if (scale_ == 0) scale_ = 1 / std::sqrt(static_cast<double>(std::max<int64_t>(1, depth_)));
    if (rule.gated) {
      decay_ = context.Doubles(4).data();
      decays_ = context.Input(4).shape()[2];
    }
    if (rule.delta) {
      beta_ = context.Doubles(5).data();
      betas_ = context.Input(5).shape()[2];
    }
  }

  // Runs all tokens of one key head. `change` has room for the columns.
  void Run(int64_t sample, int64_t head, double* state, double* change, double* output) const {
    const int64_t group = query_heads_ / key_heads_;
    for (int64_t t = 0; t < length_; ++t) {
      const int64_t token = sample * length_ + t;
      Update(token, head, state, change);
      for (int64_t h = head * group; h < (head + 1) * group; ++h) {
        Read(query_ + (token * query_heads_ + h) * depth_, state,
             output + (token * query_heads_ + h) * columns_);
      }
    }
  }

 private:
  double Factor(int64_t token, int64_t head, int64_t row) const {
    const int64_t at = decays_ == key_heads_ ? head : head * depth_ + row;
    return std::exp(decay_[token * decays_ + at]);
  }

  void Update(int64_t token, int64_t head, double* state, double* change) const {
    const double* key = key_ + (token * key_heads_ + head) * depth_;
    const double* value = value_ + (token * key_heads_ + head) * columns_;
    for (int64_t row = 0; rule_.gated && row < depth_; ++row) {
      const double factor = Factor(token, head, row);
      for (int64_t j = 0; j < columns_; ++j) state[row * columns_ + j] *= factor;
    }
    std::copy_n(value, columns_, change);
    if (rule_.delta) {
      std::fill_n(change, columns_, 0.0);
      AddRows(key, state, change);
      const double beta = beta_[token * betas_ + (betas_ == 1 ? 0 : head)];
      for (int64_t j = 0; j < columns_; ++j) change[j] = beta * (value[j] - change[j]);
    }
    for (int64_t row = 0; row < depth_; ++row) {
      for (int64_t j = 0; j < columns_; ++j) state[row * columns_ + j] += key[row] * change[j];
    }
  }

  void Read(const double* query, const double* state, double* output) const {
    std::fill_n(output, columns_, 0.0);
    AddRows(query, state, output);
    for (int64_t j = 0; j < columns_; ++j) output[j] *= scale_;
  }

  // Adds vector * state.
  void AddRows(const double* vector, const double* state, double* sum) const {
    for (int64_t row = 0; row < depth_; ++row) {
      for (int64_t j = 0; j < columns_; ++j) sum[j] += vector[row] * state[row * columns_ + j];
    }
  }

  Rule rule_;
  int64_t query_heads_;
  int64_t key_heads_;
  int64_t length_;
  int64_t depth_;
  int64_t columns_;
  const double* query_;
  const double* key_;
  const double* value_;
  double scale_;
  const double* decay_ = nullptr;
  int64_t decays_ = 0;  // per token
  const double* beta_ = nullptr;
  int64_t betas_ = 0;
};

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Rule rule, ReadRule(context));
  SymbolicShape shapes[6];
  const SymbolicShape* inputs[6] = {};
  for (int i = 0; i < 6; ++i) {
    if (!context.HasInput(i)) continue;
    shapes[i] = ToSymbolic(context.Input(i).shape());
    inputs[i] = &shapes[i];
  }
  ASSAY_ASSIGN_OR_RETURN(const AttentionSizes sizes, CheckedSizes(context, inputs));
  const int64_t batch = sizes.batch.value();
  const int64_t heads = sizes.key_heads.value();
  const int64_t columns = sizes.columns.value();
  const int64_t cells = sizes.depth.value() * columns;
  const Shape output = {batch, sizes.new_keys.value(), sizes.query_heads.value() * columns};
  double* out = context.AllocateOutput(0, output).mutable_data<double>().data();
  double* states = context.AllocateOutput(1, {batch, heads, sizes.depth.value(), columns})
                       .mutable_data<double>()
                       .data();
  if (context.HasInput(3)) {
    std::ranges::copy(context.Doubles(3), states);
  } else {
    std::fill_n(states, batch * heads * cells, 0.0);
  }
  const Recurrence recurrence(context, sizes, rule);
  std::vector<double> changes(static_cast<size_t>(batch * heads * columns));
  context.threads().ParallelFor(batch * heads, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      recurrence.Run(i / heads, i % heads, states + i * cells, changes.data() + i * columns, out);
    }
  });
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const auto add = [&](std::string name, std::string rule, int64_t query_heads, int64_t key_heads,
                       std::vector<std::optional<Tensor>> inputs, Tensor output, Tensor state) {
    cases.push_back({.name = std::move(name),
                     .attributes = {{"update_rule", std::move(rule)},
                                    {"q_num_heads", query_heads},
                                    {"kv_num_heads", key_heads},
                                    {"chunk_size", int64_t{2}}},
                     .inputs = std::move(inputs),
                     .output_types = {DType::kFloat32, DType::kFloat32},
                     .expected = {std::move(output), std::move(state)}});
  };
  const auto nothing = std::nullopt;
  const auto one = [](float value) { return Tensor::Of<float>({1, 1, 1}, {value}); };
  const auto state = [](float value) { return Tensor::Of<float>({1, 1, 1, 1}, {value}); };
  const Tensor pair = Tensor::Of<float>({1, 1, 2}, {1, 10});
  add("linear", "linear", 1, 1,
      {Tensor::Of<float>({1, 2, 2}, {1, 0, 1, 2}), Tensor::Of<float>({1, 2, 2}, {1, 2, 3, -1}),
       Tensor::Of<float>({1, 2, 2}, {5, 7, -1, 2})},
      Tensor::Of<float>({1, 2, 2}, {5, 7, 24, 37}),
      Tensor::Of<float>({1, 1, 2, 2}, {2, 13, 11, 12}));
  cases.back().attributes.push_back({"scale", 1.0F});
  add("depth_4_halves_outputs", "linear", 1, 1,
      {Tensor::Of<float>({1, 1, 4}, {1, 1, 1, 1}), Tensor::Of<float>({1, 1, 4}, {1, 2, 3, 4}),
       one(3)},
      one(15), Tensor::Of<float>({1, 1, 4, 1}, {3, 6, 9, 12}));
  add("delta", "delta", 1, 1, {one(3), one(2), one(10), state(4), nothing, one(0.5F)}, one(18),
      state(6));
  add("gated", "gated", 1, 1, {one(2), one(1), one(2), state(4), one(-0.5F)},
      Tensor::Of<double>({1, 1, 1}, {8.852245277701067}),
      Tensor::Of<double>({1, 1, 1, 1}, {4.426122638850534}));
  add("rows_decay_on_their_own", "gated", 1, 1,
      {pair, Tensor::Of<float>({1, 1, 2}, {0, 1}), one(1), Tensor::Of<float>({1, 1, 2, 1}, {4, 6}),
       Tensor::Of<float>({1, 1, 2}, {0, static_cast<float>(-kInfinity)})},
      one(28), Tensor::Of<float>({1, 1, 2, 1}, {4, 1}));
  cases.back().attributes.push_back({"scale", 2.0F});
  const std::vector<std::optional<Tensor>> heads = {
      Tensor::Of<float>({1, 1, 4}, {1, 2, 3, 4}),
      Tensor::Of<float>({1, 1, 2}, {1, 2}),
      Tensor::Of<float>({1, 1, 2}, {2, 3}),
      Tensor::Of<float>({1, 2, 1, 1}, {4, 8}),
      Tensor::Of<float>({1, 1, 2}, {0, static_cast<float>(-kInfinity)}),
      Tensor::Of<float>({1, 1, 2}, {0.5F, 0.25F})};
  add("gated_delta_with_shared_heads", "gated_delta", 4, 2, heads,
      Tensor::Of<float>({1, 1, 4}, {3, 6, 4.5F, 6}), Tensor::Of<float>({1, 2, 1, 1}, {3, 1.5F}));
  std::vector<std::optional<Tensor>> one_beta = heads;
  one_beta[5] = one(0.5F);
  add("one_beta_for_all_heads", "gated_delta", 4, 2, one_beta,
      Tensor::Of<float>({1, 1, 4}, {3, 6, 9, 12}), Tensor::Of<float>({1, 2, 1, 1}, {3, 3}));
  add("samples_and_tokens", "linear", 1, 1,
      {Tensor::Of<float>({2, 2, 1}, {1, 1, 1, 1}), Tensor::Of<float>({2, 2, 1}, {1, 2, 3, 4}),
       Tensor::Of<float>({2, 2, 1}, {1, 1, 1, 1})},
      Tensor::Of<float>({2, 2, 1}, {1, 3, 3, 7}), Tensor::Of<float>({2, 1, 1, 1}, {3, 7}));
  add("no_tokens", "linear", 1, 1,
      {Tensor::Of<float>({1, 0, 1}, {}), Tensor::Of<float>({1, 0, 1}, {}),
       Tensor::Of<float>({1, 0, 1}, {}), state(5)},
      Tensor::Of<float>({1, 0, 1}, {}), state(5));
  const auto half = [](double value) { return TensorAs(DType::kFloat16, {1, 1, 1}, {value}); };
  cases.push_back({.name = "type_of_the_state",
                   .attributes = {{"update_rule", std::string("linear")},
                                  {"q_num_heads", int64_t{1}},
                                  {"kv_num_heads", int64_t{1}}},
                   .inputs = {half(2), half(3), half(4), state(1)},
                   .output_types = {DType::kFloat16, DType::kFloat32},
                   .expected = {half(26), state(13)}});
}

}  // namespace

extern const OpDef kLinearAttention;
const OpDef kLinearAttention = {.name = "LinearAttention",
                                .schemas = kSchemas,
                                .infer = Infer,
                                .reference = Reference,
                                .cases = Cases};

}  // namespace assay
