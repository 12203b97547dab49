#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>

#include "ops/arithmetic.h"
#include "ops/data_movement.h"
#include "ops/einsum_equation.h"
#include "ops/infer_context.h"
#include "ops/matrix_product.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"
#include "tensor/dispatch.h"

namespace assay {
namespace {

constexpr OpSchema kSchemas[] = {
    {.since = 12,
     .also_since = {28},
     .inputs = {{"Inputs", kNumeric, Arity::kVariadic}},
     .outputs = {{"Output", kNumeric}},
     .attributes = {RequiredAttribute("equation", AttributeKind::kString)}},
};

Status Infer(InferContext& context) {
  std::vector<int> ranks;
  for (int i = 0; i < context.input_count(); ++i) {
    const std::optional<int> rank = context.InputRank(i);
    if (!rank) {
      context.SetOutput(0, context.InputType(0), std::nullopt);
      return OkStatus();
    }
    ranks.push_back(*rank);
  }
  ASSAY_ASSIGN_OR_RETURN(const EinsumEquation equation,
                         ParseEinsum(context.String("equation"), ranks));
  std::map<EinsumLabel, Dim> extents;
  for (size_t i = 0; i < equation.inputs.size(); ++i) {
    const SymbolicShape& shape = *context.InputShape(static_cast<int>(i));
    for (size_t axis = 0; axis < shape.size(); ++axis) {
      const auto [it, fresh] = extents.try_emplace(equation.inputs[i][axis], shape[axis]);
      const std::optional<Dim> both = fresh ? shape[axis] : BroadcastDims(it->second, shape[axis]);
      if (!both) {
        return OpContext::Invalid(
            fmt::format("extents of one label: expected equal ones, got {} and {}",
                        it->second.ToString(), shape[axis].ToString()));
      }
      it->second = *both;
    }
  }
  SymbolicShape output;
  for (EinsumLabel label : equation.output) output.push_back(extents.at(label));
  context.SetOutput(0, context.InputType(0), std::move(output));
  return OkStatus();
}

// One label with its extent and its stride in every operand: the sum of the strides of all axes
// that carry it (a repeated label walks the diagonal), 0 where it is missing or repeats.
struct Loop {
  EinsumLabel label = 0;
  int64_t extent = 1;
  std::vector<int64_t> strides;
};

Result<std::map<EinsumLabel, Loop>> MakeLoops(const ReferenceContext& context,
                                              const EinsumEquation& equation) {
  std::map<EinsumLabel, Loop> loops;
  for (size_t i = 0; i < equation.inputs.size(); ++i) {
    const Shape& shape = context.Input(static_cast<int>(i)).shape();
    const std::vector<int64_t> strides = shape.Strides();
    for (size_t axis = 0; axis < strides.size(); ++axis) {
      Loop& loop = loops[equation.inputs[i][axis]];
      loop.label = equation.inputs[i][axis];
      loop.strides.resize(equation.inputs.size(), 0);
      const int64_t extent = shape.dims()[axis];
      if (extent == 1) continue;
      if (loop.extent != 1 && loop.extent != extent) {
        return OpContext::Invalid(fmt::format(
            "extents of one label: expected equal ones, got {} and {}", loop.extent, extent));
      }
      loop.extent = extent;
      loop.strides[i] += strides[axis];
    }
  }
  return loops;
}

Shape ExtentsOf(const std::vector<Loop>& loops) {
  Shape shape;
  for (const Loop& loop : loops) shape.dims().push_back(loop.extent);
  return shape;
}

// Moves one offset per operand to the flat position `at` of a nest of loops.
void Seek(const std::vector<Loop>& loops, int64_t at, std::vector<int64_t>& offsets) {
  std::fill(offsets.begin(), offsets.end(), 0);
  for (size_t k = loops.size(); k-- > 0;) {
    const int64_t index = at % loops[k].extent;
    at /= loops[k].extent;
    for (size_t i = 0; i < offsets.size(); ++i) offsets[i] += index * loops[k].strides[i];
  }
}

// The definition: for every output element the sum over all other labels of the product of all
// operands.
template <typename T>
void SumOfProducts(ReferenceContext& context, const std::vector<Loop>& outer,
                   const std::vector<Loop>& summed) {
  std::vector<const T*> operands;
  operands.reserve(static_cast<size_t>(context.input_count()));
  for (int i = 0; i < context.input_count(); ++i) {
    operands.push_back(context.Input(i).data<T>().data());
  }
  const std::span<T> out = context.AllocateOutput(0, ExtentsOf(outer)).mutable_data<T>();
  const int64_t terms = ExtentsOf(summed).elements();
  const int64_t grain = std::max<int64_t>(1, 4096 / (terms + 1));
  context.threads().ParallelFor(
      static_cast<int64_t>(out.size()), grain, [&](int64_t begin, int64_t end) {
        std::vector<int64_t> base(operands.size());
        std::vector<int64_t> inner(operands.size());
        for (int64_t at = begin; at < end; ++at) {
          Seek(outer, at, base);
          T sum{};
          for (int64_t term = 0; term < terms; ++term) {
            Seek(summed, term, inner);
            T product = 1;
            for (size_t i = 0; i < operands.size(); ++i) {
              product = WrappingMultiply(product, operands[i][base[i] + inner[i]]);
            }
            sum = WrappingAdd(sum, product);
          }
          out[static_cast<size_t>(at)] = sum;
        }
      });
}

// The labels of a product of two operands by the part they play in a stack of matrix products.
struct ProductLabels {
  std::vector<Loop> batch;
  std::vector<Loop> rows;
  std::vector<Loop> columns;
  std::vector<Loop> depth;
};

bool Carries(const std::vector<EinsumLabel>& labels, EinsumLabel label) {
  return std::find(labels.begin(), labels.end(), label) != labels.end();
}

// Empty if a label is summed over that one operand has alone.
std::optional<ProductLabels> SplitLabels(const EinsumEquation& equation,
                                         const std::vector<Loop>& outer,
                                         const std::vector<Loop>& summed) {
  ProductLabels labels;
  for (const Loop& loop : outer) {
    const bool left = Carries(equation.inputs[0], loop.label);
    const bool right = Carries(equation.inputs[1], loop.label);
    (left && right ? labels.batch : left ? labels.rows : labels.columns).push_back(loop);
  }
  for (const Loop& loop : summed) {
    if (!Carries(equation.inputs[0], loop.label) || !Carries(equation.inputs[1], loop.label)) {
      return std::nullopt;
    }
    labels.depth.push_back(loop);
  }
  return labels;
}

// Operand `i` copied densely in the order of three nests of loops.
Tensor Arrange(const ReferenceContext& context, size_t i, const std::vector<Loop>& first,
               const std::vector<Loop>& second, const std::vector<Loop>& third) {
  Shape shape;
  std::vector<int64_t> strides;
  for (const auto* loops : {&first, &second, &third}) {
    for (const Loop& loop : *loops) {
      shape.dims().push_back(loop.extent);
      strides.push_back(loop.strides[i]);
    }
  }
  return CopyStridedView(context.Input(static_cast<int>(i)), shape, 0, strides, context.threads());
}

// Two float64 operands through Gemm.
void MultiplyPair(ReferenceContext& context, const EinsumEquation& equation,
                  const ProductLabels& labels) {
  const Tensor left = Arrange(context, 0, labels.batch, labels.rows, labels.depth);
  const Tensor right = Arrange(context, 1, labels.batch, labels.depth, labels.columns);
  const int64_t rows = ExtentsOf(labels.rows).elements();
  const int64_t columns = ExtentsOf(labels.columns).elements();
  const int64_t depth = ExtentsOf(labels.depth).elements();
  // The product has its axes in the order batch, rows, columns.
  std::vector<Loop> order = labels.batch;
  order.insert(order.end(), labels.rows.begin(), labels.rows.end());
  order.insert(order.end(), labels.columns.begin(), labels.columns.end());
  Tensor product = Tensor::Allocate(DType::kFloat64, ExtentsOf(order));
  double* result = product.mutable_data<double>().data();
  const double* a = left.data<double>().data();
  const double* b = right.data<double>().data();
  Gemm({.products = ExtentsOf(labels.batch).elements(),
        .rows = rows,
        .columns = columns,
        .depth = depth,
        .left =
            [&](int64_t p) {
              return MatrixView{a + p * rows * depth, depth};
            },
        .right = RowsOf([&](int64_t p) {
          return MatrixView{b + p * depth * columns, columns};
        }),
        .result = [&](int64_t p) { return result + p * rows * columns; },
        .result_row_stride = columns},
       context.threads());
  const std::vector<int64_t> strides = product.shape().Strides();
  Shape output;
  std::vector<int64_t> output_strides;
  for (EinsumLabel label : equation.output) {
    const auto it = std::find_if(order.begin(), order.end(),
                                 [&](const Loop& loop) { return loop.label == label; });
    output.dims().push_back(it->extent);
    output_strides.push_back(strides[static_cast<size_t>(it - order.begin())]);
  }
  context.SetOutput(0, CopyStridedView(product, output, 0, output_strides, context.threads()));
}

Status Reference(ReferenceContext& context) {
  std::vector<int> ranks;
  ranks.reserve(static_cast<size_t>(context.input_count()));
  for (int i = 0; i < context.input_count(); ++i) ranks.push_back(context.Input(i).shape().rank());
  ASSAY_ASSIGN_OR_RETURN(const EinsumEquation equation,
                         ParseEinsum(context.String("equation"), ranks));
  ASSAY_ASSIGN_OR_RETURN(const auto loops, MakeLoops(context, equation));
  std::vector<Loop> outer;
  std::vector<Loop> summed;
  for (EinsumLabel label : equation.output) outer.push_back(loops.at(label));
  for (const auto& [label, loop] : loops) {
    if (!Carries(equation.output, label)) summed.push_back(loop);
  }
  std::vector<Loop> all = outer;
  all.insert(all.end(), summed.begin(), summed.end());
  if (!ExtentsOf(all).CheckedElements()) {
    return OpContext::Invalid("the product of the extents of all labels is out of range");
  }
  if (context.input_count() == 2 && context.Input(0).dtype() == DType::kFloat64) {
    if (const auto labels = SplitLabels(equation, outer, summed)) {
      MultiplyPair(context, equation, *labels);
      return OkStatus();
    }
  }
  const bool known = DispatchReferenceNumeric(
      context.Input(0).dtype(), [&]<typename T>() { SumOfProducts<T>(context, outer, summed); });
  if (!known) return OpContext::Unsupported("element type has no arithmetic");
  return OkStatus();
}

void AddCase(std::vector<OpCase>& cases, std::string name, std::string equation,
             std::vector<std::optional<Tensor>> inputs, Tensor expected) {
  cases.push_back({.name = std::move(name),
                   .attributes = {{"equation", std::move(equation)}},
                   .inputs = std::move(inputs),
                   .expected = {std::move(expected)}});
}

void Cases(std::vector<OpCase>& cases) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Tensor square = Tensor::Of<float>({2, 2}, {1, 2, 3, 4});
  const Tensor wide = Tensor::Of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor pair = Tensor::Of<float>({2}, {1, 10});
  AddCase(cases, "transpose", "ij->ji", {wide}, Tensor::Of<float>({3, 2}, {1, 4, 2, 5, 3, 6}));
  AddCase(cases, "implicit_output_is_sorted", "ba", {wide},
          Tensor::Of<float>({3, 2}, {1, 4, 2, 5, 3, 6}));
  AddCase(cases, "trace", "ii->", {square}, Tensor::Scalar<float>(5));
  AddCase(cases, "diagonal", "ii->i", {square}, Tensor::Of<float>({2}, {1, 4}));
  AddCase(cases, "row_sums", " ij -> i ", {wide}, Tensor::Of<float>({2}, {6, 15}));
  AddCase(cases, "matrix_product", "ij,jk", {square, wide},
          Tensor::Of<float>({2, 3}, {9, 12, 15, 19, 26, 33}));
  AddCase(cases, "outer_product_transposed", "i,j->ji", {pair, Tensor::Of<float>({3}, {1, 2, 3})},
          Tensor::Of<float>({3, 2}, {1, 10, 2, 20, 3, 30}));
  AddCase(
      cases, "batch", "bij,bjk->bik",
      {Tensor::Of<float>({2, 1, 2}, {1, 2, 3, 4}), Tensor::Of<float>({2, 2, 1}, {1, 10, 100, 1})},
      Tensor::Of<float>({2, 1, 1}, {21, 304}));
  AddCase(cases, "ellipsis_broadcasts", "...ij,...j->...i",
          {Tensor::Of<float>({2, 1, 2}, {1, 2, 3, 4}), pair}, Tensor::Of<float>({2, 1}, {21, 43}));
  AddCase(cases, "ellipsis_comes_first", "a...", {wide},
          Tensor::Of<float>({3, 2}, {1, 4, 2, 5, 3, 6}));
  AddCase(cases, "summed_label_of_one_operand", "ij,k->i", {wide, pair},
          Tensor::Of<float>({2}, {66, 165}));
  AddCase(cases, "three_operands", "i,ij,j->", {pair, square, pair}, Tensor::Scalar<float>(451));
  AddCase(cases, "upper_and_lower_case_differ", "aA->Aa", {wide},
          Tensor::Of<float>({3, 2}, {1, 4, 2, 5, 3, 6}));
  AddCase(cases, "empty_sum", "ij,jk->ik",
          {Tensor::Of<float>({1, 0}, {}), Tensor::Of<float>({0, 2}, {})},
          Tensor::Of<float>({1, 2}, {0, 0}));
  AddCase(cases, "integers_wrap", "i,i->",
          {Tensor::Of<int8_t>({2}, {100, 1}), Tensor::Of<int8_t>({2}, {2, 1})},
          Tensor::Scalar<int8_t>(-55));
  AddCase(cases, "nan", "i,i->i",
          {Tensor::Of<double>({2}, {nan, 1}), Tensor::Of<double>({2}, {0, 3})},
          Tensor::Of<double>({2}, {nan, 3}));
}

}  // namespace

extern const OpDef kEinsum;
const OpDef kEinsum = {
    .name = "Einsum", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
