#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ops/axis_lines.h"
#include "ops/cases.h"
#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 9,
     .inputs = {{"X", kIndexTypes | kStrings}},
     .outputs = {{"Y", DTypeSet::Of(DType::kFloat32)}},
     .attributes = {RequiredAttribute("max_gram_length", AttributeKind::kInt),
                    RequiredAttribute("max_skip_count", AttributeKind::kInt),
                    RequiredAttribute("min_gram_length", AttributeKind::kInt),
                    RequiredAttribute("mode", AttributeKind::kString),
                    RequiredAttribute("ngram_counts", AttributeKind::kInts),
                    RequiredAttribute("ngram_indexes", AttributeKind::kInts),
                    OptionalAttribute("pool_int64s", AttributeKind::kInts),
                    OptionalAttribute("pool_strings", AttributeKind::kStrings),
                    OptionalAttribute("weights", AttributeKind::kFloats)}},
};

enum class Mode { kCount, kOccurrence, kWeightedCount };

Result<Mode> ModeOf(const OpContext& context) {
  const std::string name = context.String("mode");
  if (name == "TF") return Mode::kCount;
  if (name == "IDF") return Mode::kOccurrence;
  if (name == "TFIDF") return Mode::kWeightedCount;
  return OpContext::Invalid(
      fmt::format("attribute \"mode\": expected TF, IDF or TFIDF, got \"{}\"", name));
}

// The pool with its tokens numbered, and where in it the n-grams of each length lie.
struct Pool {
  struct Grams {
    int64_t length = 0;
    int64_t count = 0;
    size_t first_token = 0;
  };

  std::unordered_map<int64_t, int64_t> ids_of_integers;
  std::unordered_map<std::string, int64_t> ids_of_strings;
  std::vector<int64_t> tokens;
  std::vector<Grams> grams;          // by length, shortest first
  std::vector<int64_t> coordinates;  // of every n-gram
  std::vector<double> weights;       // of every n-gram
  int64_t columns = 0;
};

template <typename T>
std::vector<int64_t> NumberTokens(const std::vector<T>& pool, std::unordered_map<T, int64_t>& ids) {
  std::vector<int64_t> tokens;
  for (const T& token : pool) {
    tokens.push_back(ids.emplace(token, static_cast<int64_t>(ids.size())).first->second);
  }
  return tokens;
}

Status FindGrams(const OpContext& context, Pool& pool) {
  const std::vector<int64_t> starts = context.Ints("ngram_counts");
  const auto total = static_cast<int64_t>(pool.tokens.size());
  int64_t all = 0;
  for (size_t i = 0; i < starts.size(); ++i) {
    const int64_t end = i + 1 < starts.size() ? starts[i + 1] : total;
    const auto length = static_cast<int64_t>(i) + 1;
    if (starts[i] < 0 || end > total || end < starts[i] || (end - starts[i]) % length != 0) {
      return OpContext::Invalid(
          fmt::format("attribute \"ngram_counts\": expected {}-grams from {} to {} in a pool of {}",
                      length, starts[i], end, total));
    }
    const int64_t count = (end - starts[i]) / length;
    pool.grams.push_back({length, count, static_cast<size_t>(starts[i])});
    all += count;
  }
  if (all == static_cast<int64_t>(pool.coordinates.size())) return OkStatus();
  return OpContext::Invalid(
      fmt::format("attribute \"ngram_indexes\": expected one for each of {} n-grams, got {}", all,
                  pool.coordinates.size()));
}

Status ReadWeights(const OpContext& context, Pool& pool) {
  const std::vector<float> weights = context.Floats("weights");
  pool.weights.assign(weights.begin(), weights.end());
  if (pool.weights.empty()) pool.weights.assign(pool.coordinates.size(), 1.0);
  if (pool.weights.size() == pool.coordinates.size()) return OkStatus();
  return OpContext::Invalid(
      fmt::format("attribute \"weights\": expected as many as ngram_indexes ({}), got {}",
                  pool.coordinates.size(), pool.weights.size()));
}

Status CheckLengths(const OpContext& context, const Pool& pool) {
  const int64_t least = context.Int("min_gram_length");
  const int64_t most = context.Int("max_gram_length");
  if (least < 1 || most < least || most > static_cast<int64_t>(pool.grams.size())) {
    return OpContext::Invalid(
        fmt::format("attributes \"min_gram_length\" and \"max_gram_length\": expected 1 <= least "
                    "<= most <= {} (the size of ngram_counts), got {} and {}",
                    pool.grams.size(), least, most));
  }
  const int64_t skips = context.Int("max_skip_count");
  if (skips >= 0) return OkStatus();
  return OpContext::Invalid(
      fmt::format("attribute \"max_skip_count\": expected at least 0, got {}", skips));
}

Result<Pool> ReadPool(const OpContext& context, DType input) {
  ASSAY_RETURN_IF_ERROR(ModeOf(context).status());
  const bool has_strings = context.HasAttribute("pool_strings");
  if (has_strings == context.HasAttribute("pool_int64s")) {
    return OpContext::Invalid("attributes: expected either pool_strings or pool_int64s");
  }
  if (has_strings != (input == DType::kString)) {
    return OpContext::Invalid(fmt::format("input: expected {}, as the pool has, got {}",
                                          has_strings ? "strings" : "integers", DTypeName(input)));
  }
  Pool pool;
  pool.tokens = has_strings ? NumberTokens(context.Strings("pool_strings"), pool.ids_of_strings)
                            : NumberTokens(context.Ints("pool_int64s"), pool.ids_of_integers);
  pool.coordinates = context.Ints("ngram_indexes");
  for (int64_t coordinate : pool.coordinates) {
    if (coordinate < 0 || coordinate == INT64_MAX) {
      return OpContext::Invalid(fmt::format(
          "attribute \"ngram_indexes\": expected coordinates of the output, got {}", coordinate));
    }
    pool.columns = std::max(pool.columns, coordinate + 1);
  }
  ASSAY_RETURN_IF_ERROR(FindGrams(context, pool));
  ASSAY_RETURN_IF_ERROR(ReadWeights(context, pool));
  ASSAY_RETURN_IF_ERROR(CheckLengths(context, pool));
  return pool;
}

Status Infer(InferContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Pool pool, ReadPool(context, context.InputType(0)));
  std::optional<SymbolicShape> shape;
  if (const SymbolicShape* input = context.InputShape(0)) {
    if (input->empty() || input->size() > 2) {
      return OpContext::Invalid(
          fmt::format("shape: expected [C] or [N, C], got {}", ToString(*input)));
    }
    shape = *input;
    shape->back() = Dim(pool.columns);
  }
  context.SetOutput(0, DType::kFloat32, std::move(shape));
  return OkStatus();
}

// The n-grams of a pool by their first tokens.
class GramTree {
 public:
  static constexpr int64_t kRoot = 0;
  static constexpr int64_t kNone = -1;

  Status Add(const Pool& pool, int64_t least, int64_t most) {
    int64_t gram = 0;
    for (const Pool::Grams& grams : pool.grams) {
      const bool wanted = grams.length >= least && grams.length <= most;
      for (int64_t i = 0; i < grams.count; ++i, ++gram) {
        const size_t first = grams.first_token + static_cast<size_t>(i * grams.length);
        if (wanted) ASSAY_RETURN_IF_ERROR(AddGram(&pool.tokens[first], grams.length, gram));
      }
    }
    return OkStatus();
  }

  // The node behind a token, kNone if no n-gram goes on with it.
  int64_t Next(int64_t node, int64_t token) const {
    const auto found = children_.find({node, token});
    return found == children_.end() ? kNone : found->second;
  }
  // The n-gram that ends in a node, or kNone.
  int64_t GramAt(int64_t node) const { return grams_[static_cast<size_t>(node)]; }

 private:
  Status AddGram(const int64_t* tokens, int64_t length, int64_t gram) {
    int64_t node = kRoot;
    for (int64_t k = 0; k < length; ++k) {
      const auto [at, is_new] =
          children_.emplace(std::pair{node, tokens[k]}, static_cast<int64_t>(grams_.size()));
      if (is_new) grams_.push_back(kNone);
      node = at->second;
    }
    int64_t& there = grams_[static_cast<size_t>(node)];
    if (there != kNone) {
      return OpContext::Invalid(fmt::format(
          "pool: expected every n-gram once, got number {} again as number {}", there, gram));
    }
    there = gram;
    return OkStatus();
  }

  std::map<std::pair<int64_t, int64_t>, int64_t> children_;
  std::vector<int64_t> grams_ = {kNone};
};

struct GramLengths {
  int64_t least = 1;
  int64_t most = 1;
  int64_t skips = 0;
};

// Counts the n-grams of one row of tokens whose neighbours lie 1, 2, ... skips + 1 apart. Single
// tokens have no neighbours and are counted once.
void CountGrams(const GramTree& tree, std::span<const int64_t> row, const GramLengths& lengths,
                std::vector<int64_t>& counts) {
  const auto size = static_cast<int64_t>(row.size());
  for (int64_t distance = 1; distance - 1 <= lengths.skips; ++distance) {
    if (distance > 1 && (distance >= size || lengths.most == 1)) break;
    for (int64_t start = 0; start < size; ++start) {
      int64_t node = GramTree::kRoot;
      int64_t at = start;
      for (int64_t length = 1; length <= lengths.most && at < size; ++length, at += distance) {
        node = tree.Next(node, row[static_cast<size_t>(at)]);
        if (node == GramTree::kNone) break;
        const int64_t gram = tree.GramAt(node);
        const bool again = length == 1 && distance > 1;
        if (gram != GramTree::kNone && !again) ++counts[static_cast<size_t>(gram)];
      }
    }
  }
}

template <typename T, typename Key>
std::vector<int64_t> IdsOf(std::span<const T> values, const std::unordered_map<Key, int64_t>& ids) {
  std::vector<int64_t> result(values.size(), -1);
  for (size_t i = 0; i < values.size(); ++i) {
    const auto found = ids.find(values[i]);
    if (found != ids.end()) result[i] = found->second;
  }
  return result;
}

std::vector<int64_t> TokenIds(const Tensor& input, const Pool& pool) {
  if (input.dtype() == DType::kString) {
    return IdsOf(input.data<std::string>(), pool.ids_of_strings);
  }
  if (input.dtype() == DType::kInt64) return IdsOf(input.data<int64_t>(), pool.ids_of_integers);
  return IdsOf(input.data<int32_t>(), pool.ids_of_integers);
}

double Score(Mode mode, int64_t count, double weight) {
  switch (mode) {
    case Mode::kCount:
      return static_cast<double>(count);
    case Mode::kOccurrence:
      return count > 0 ? weight : 0;
    case Mode::kWeightedCount:
      return static_cast<double>(count) * weight;
  }
  return 0;
}

Status Reference(ReferenceContext& context) {
  const Tensor& input = context.Input(0);
  ASSAY_ASSIGN_OR_RETURN(const Pool pool, ReadPool(context, input.dtype()));
  ASSAY_ASSIGN_OR_RETURN(const Mode mode, ModeOf(context));
  const GramLengths lengths{context.Int("min_gram_length"), context.Int("max_gram_length"),
                            context.Int("max_skip_count")};
  GramTree tree;
  ASSAY_RETURN_IF_ERROR(tree.Add(pool, lengths.least, lengths.most));

  Shape shape = input.shape();
  if (shape.rank() < 1 || shape.rank() > 2) {
    return OpContext::Invalid(
        fmt::format("shape: expected [C] or [N, C], got {}", shape.ToString()));
  }
  const int64_t width = shape.dims().back();
  shape.dims().back() = pool.columns;
  if (!shape.CheckedElements()) {
    return OpContext::Invalid(fmt::format("the output {} is too large", shape.ToString()));
  }
  const int64_t rows = shape.rank() == 2 ? shape[0] : 1;
  const std::vector<int64_t> tokens = TokenIds(input, pool);
  const auto out = context.AllocateOutput(0, shape).mutable_data<double>();
  std::fill(out.begin(), out.end(), 0.0);
  ForEachSlice(context.threads(), rows, width + pool.columns, [&](int64_t row) {
    std::vector<int64_t> counts(pool.coordinates.size());
    CountGrams(tree, {tokens.data() + row * width, static_cast<size_t>(width)}, lengths, counts);
    for (size_t gram = 0; gram < counts.size(); ++gram) {
      out[static_cast<size_t>(row * pool.columns + pool.coordinates[gram])] +=
          Score(mode, counts[gram], pool.weights[gram]);
    }
  });
  return OkStatus();
}

using Ints = std::vector<int64_t>;

std::vector<Attribute> Attributes(const std::string& mode, int64_t least, int64_t most,
                                  int64_t skips, const Ints& indexes = {2, 0, 1, 4}) {
  return {{"mode", mode},
          {"min_gram_length", least},
          {"max_gram_length", most},
          {"max_skip_count", skips},
          {"ngram_counts", Ints{0, 2}},
          {"ngram_indexes", indexes},
          {"pool_int64s", Ints{5, 6, 5, 6, 5, 5}}};
}

// The pool has the n-grams [5], [6], [5, 6] and [5, 5].
void Cases(std::vector<OpCase>& cases) {
  const Tensor words = Tensor::Vector<int64_t>({5, 5, 6, 7, 5, 6});
  const Attribute weights{"weights", std::vector<float>{1, 10, 100, 0.5F}};
  const auto add = [&](const std::string& name, std::vector<Attribute> attributes, Tensor in,
                       Tensor out) {
    cases.push_back({.name = name,
                     .attributes = std::move(attributes),
                     .inputs = {std::move(in)},
                     .expected = {std::move(out)}});
  };
  add("counts", Attributes("TF", 1, 2, 0), words, Tensor::Vector<float>({2, 2, 3, 0, 1}));
  add("single_tokens", Attributes("TF", 1, 1, 9), words, Tensor::Vector<float>({2, 0, 3, 0, 0}));
  add("pairs_only", Attributes("TF", 2, 2, 0), words, Tensor::Vector<float>({0, 2, 0, 0, 1}));
  add("one_skip", Attributes("TF", 1, 2, 1), words, Tensor::Vector<float>({2, 3, 3, 0, 1}));
  add("more_skips_than_tokens", Attributes("TF", 2, 2, INT64_MAX), words,
      Tensor::Vector<float>({0, 5, 0, 0, 3}));
  add("shared_coordinate", Attributes("TF", 1, 2, 0, {1, 1, 1, 0}), words,
      Tensor::Vector<float>({1, 7}));
  std::vector<Attribute> weighted = Attributes("TFIDF", 1, 2, 0);
  weighted.push_back(weights);
  add("weights_are_those_of_the_pool", weighted, words,
      Tensor::Vector<float>({20, 200, 3, 0, 0.5F}));
  weighted[0].value = std::string("IDF");
  add("occurrences", weighted, words, Tensor::Vector<float>({10, 100, 1, 0, 0.5F}));
  weighted[0].value = std::string("TF");
  add("counts_ignore_weights", weighted, words, Tensor::Vector<float>({2, 2, 3, 0, 1}));
  add("occurrences_without_weights", Attributes("IDF", 1, 2, 0), words,
      Tensor::Vector<float>({1, 1, 1, 0, 1}));
  add("rows_of_int32", Attributes("TF", 1, 2, 0), Tensor::Of<int32_t>({2, 3}, {5, 5, 6, 7, 5, 6}),
      Tensor::Of<float>({2, 5}, {1, 1, 2, 0, 1, 1, 1, 1, 0, 0}));
  add("no_tokens", Attributes("TF", 1, 2, 0), Tensor::Of<int64_t>({2, 0}, {}),
      Tensor::Of<float>({2, 5}, std::vector<float>(10)));
  add("no_rows", Attributes("TF", 1, 2, 0), Tensor::Of<int64_t>({0, 2}, {}),
      Tensor::Of<float>({0, 5}, {}));
  std::vector<Attribute> strings = Attributes("TF", 1, 2, 0);
  strings.back() = {"pool_strings", std::vector<std::string>{"a", "b", "a", "b", "a", "a"}};
  add("strings", strings, Tensor::Vector<std::string>({"a", "a", "b", "", "a", "b"}),
      Tensor::Vector<float>({2, 2, 3, 0, 1}));
}

}  // namespace

extern const OpDef kTfIdfVectorizer;
const OpDef kTfIdfVectorizer = {.name = "TfIdfVectorizer",
                                .schemas = kSchemas,
                                .infer = Infer,
                                .reference = Reference,
                                .cases = Cases};

}  // namespace assay
