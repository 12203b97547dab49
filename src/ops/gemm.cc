#include <fmt/format.h>

#include "ops/elementwise.h"
#include "ops/integer_product.h"
#include "ops/matrix_product.h"
#include "ops/op_def.h"
#include "ops/saturate.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr DTypeSet kTypes =
    kFloats | DTypeSet::Of(DType::kInt32, DType::kInt64, DType::kUInt32, DType::kUInt64);

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .also_since = {6},
     .inputs = {{"A", kTypes}, {"B", kTypes}, {"C", kTypes}},
     .outputs = {{"Y", kTypes}},
     .attributes = {FloatAttribute("alpha", 1), FloatAttribute("beta", 1),
                    IntAttribute("broadcast", 0), IntAttribute("transA", 0),
                    IntAttribute("transB", 0)}},
    {.since = 7,
     .also_since = {9},
     .inputs = {{"A", kTypes}, {"B", kTypes}, {"C", kTypes}},
     .outputs = {{"Y", kTypes}},
     .attributes = {FloatAttribute("alpha", 1), FloatAttribute("beta", 1),
                    IntAttribute("transA", 0), IntAttribute("transB", 0)}},
    {.since = 11,
     .also_since = {13},
     .inputs = {{"A", kTypes}, {"B", kTypes}, {"C", kTypes, Arity::kOptional}},
     .outputs = {{"Y", kTypes}},
     .attributes = {FloatAttribute("alpha", 1), FloatAttribute("beta", 1),
                    IntAttribute("transA", 0), IntAttribute("transB", 0)}},
};

Status NotMatrix(std::string_view which, std::string_view shape) {
  return OpContext::Invalid(fmt::format("{}: expected rank 2, got shape {}", which, shape));
}

Status Infer(InferContext& context) {
  SymbolicShape output(2);
  Dim depths[2];
  for (int i = 0; i < 2; ++i) {
    const SymbolicShape* shape = context.InputShape(i);
    if (shape == nullptr) continue;
    if (shape->size() != 2) return NotMatrix(i == 0 ? "A" : "B", ToString(*shape));
    const bool transposed = context.Int(i == 0 ? "transA" : "transB") != 0;
    const auto own = static_cast<size_t>(transposed ? 1 - i : i);
    output[static_cast<size_t>(i)] = (*shape)[own];
    depths[i] = (*shape)[1 - own];
  }
  if (depths[0].IsKnown() && depths[1].IsKnown() && depths[0].value() != depths[1].value()) {
    return OpContext::Invalid(
        fmt::format("inner extents of A and B: expected equal ones, got {} "
                    "and {}",
                    depths[0].value(), depths[1].value()));
  }
  context.SetOutput(0, context.InputType(0), std::move(output));
  return OkStatus();
}

struct Operands {
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t depth = 0;
  int64_t left_row = 0;
  int64_t left_column = 0;
  int64_t right_row = 0;
  int64_t right_column = 0;
};

Result<Operands> Resolve(ReferenceContext& context) {
  const Shape& a = context.Input(0).shape();
  const Shape& b = context.Input(1).shape();
  if (a.rank() != 2) return NotMatrix("A", a.ToString());
  if (b.rank() != 2) return NotMatrix("B", b.ToString());
  const bool left = context.Int("transA") != 0;
  const bool right = context.Int("transB") != 0;
  const Operands operands = {.rows = a[left ? 1 : 0],
                             .columns = b[right ? 0 : 1],
                             .depth = a[left ? 0 : 1],
                             .left_row = left ? 1 : a[1],
                             .left_column = left ? a[1] : 1,
                             .right_row = right ? 1 : b[1],
                             .right_column = right ? b[1] : 1};
  if (b[right ? 1 : 0] != operands.depth) {
    return OpContext::Invalid(
        fmt::format("inner extents of A and B: expected equal ones, got {} and {}", operands.depth,
                    b[right ? 1 : 0]));
  }
  if (context.HasInput(2)) {
    const Shape output = {operands.rows, operands.columns};
    if (BroadcastShapes(output, context.Input(2).shape()) != output) {
      return OpContext::Invalid("C: expected a shape that broadcasts to " + output.ToString() +
                                ", got " + context.Input(2).shape().ToString());
    }
  }
  return operands;
}

// out = finish(out, C broadcast).
template <typename T, typename Finish>
void AddBias(ReferenceContext& context, std::span<T> out, const Shape& shape, Finish finish) {
  const Shape bias_shape[] = {context.Input(2).shape()};
  const std::span<const T> bias = context.Input(2).data<T>();
  const BroadcastCursor cursor(shape, bias_shape);
  cursor.ForEachRun(0, shape.elements(), [&](int64_t at, int64_t count, auto offsets, auto steps) {
    for (int64_t k = 0; k < count; ++k) {
      T& value = out[static_cast<size_t>(at + k)];
      value = finish(value, bias[static_cast<size_t>(offsets[0] + k * steps[0])]);
    }
  });
}

void MultiplyDoubles(ReferenceContext& context, const Operands& operands, double* result) {
  const double* left = context.Doubles(0).data();
  const double* right = context.Doubles(1).data();
  const GemmProblem problem = {
      .rows = operands.rows,
      .columns = operands.columns,
      .depth = operands.depth,
      .left =
          [&](int64_t) {
            return MatrixView{left, operands.left_row, operands.left_column};
          },
      .right = RowsOf([&](int64_t) {
        return MatrixView{right, operands.right_row, operands.right_column};
      }),
      .result = [&](int64_t) { return result; },
      .result_row_stride = operands.columns};
  Gemm(problem, context.threads());
}

template <typename T>
void MultiplyIntegers(ReferenceContext& context, const Operands& operands, T* result) {
  IntegerProduct<T>{.rows = operands.rows,
                    .columns = operands.columns,
                    .depth = operands.depth,
                    .left = context.Input(0).data<T>().data(),
                    .left_row = operands.left_row,
                    .left_column = operands.left_column,
                    .right = context.Input(1).data<T>().data(),
                    .right_row = operands.right_row,
                    .right_column = operands.right_column,
                    .result = result}
      .Run(context.threads());
}

template <typename T>
void Compute(ReferenceContext& context, const Operands& operands) {
  const Shape shape = {operands.rows, operands.columns};
  const std::span<T> out = context.AllocateOutput(0, shape).mutable_data<T>();
  if constexpr (std::is_same_v<T, double>) {
    MultiplyDoubles(context, operands, out.data());
  } else {
    MultiplyIntegers<T>(context, operands, out.data());
  }
  const double alpha = context.Float("alpha");
  const double beta = context.Float("beta");
  // Integers stay exact unless a factor makes them real.
  if (alpha != 1) {
    for (T& value : out) value = SaturateTo<T>(alpha * static_cast<double>(value));
  }
  if (!context.HasInput(2)) return;
  AddBias<T>(context, out, shape, [beta](T value, T bias) {
    if (beta == 1) return WrappingAdd(value, bias);
    return WrappingAdd(value, SaturateTo<T>(beta * static_cast<double>(bias)));
  });
}

Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Operands operands, Resolve(context));
  const bool known = DispatchReferenceNumeric(context.Input(0).dtype(),
                                              [&]<typename T>() { Compute<T>(context, operands); });
  if (!known) return OpContext::Unsupported("element type has no arithmetic");
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor a = Tensor::Of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor a_transposed = Tensor::Of<float>({3, 2}, {1, 4, 2, 5, 3, 6});
  const Tensor b = Tensor::Of<float>({3, 2}, {7, 8, 9, 10, 11, 12});
  const Tensor b_transposed = Tensor::Of<float>({2, 3}, {7, 9, 11, 8, 10, 12});
  cases.push_back({.name = "without_c",
                   .inputs = {a, b},
                   .expected = {Tensor::Of<float>({2, 2}, {58, 64, 139, 154})}});
  cases.push_back({.name = "everything",
                   .attributes = {{"alpha", 0.5F},
                                  {"beta", 2.0F},
                                  {"transA", int64_t{1}},
                                  {"transB", int64_t{1}}},
                   .inputs = {a_transposed, b_transposed, Tensor::Of<float>({2, 1}, {1, 10})},
                   .expected = {Tensor::Of<float>({2, 2}, {31, 34, 89.5F, 97})}});
  cases.push_back({.name = "scalar_c",
                   .opset = 9,
                   .inputs = {a, b, Tensor::Scalar<float>(1)},
                   .expected = {Tensor::Of<float>({2, 2}, {59, 65, 140, 155})}});
  cases.push_back({.name = "row_c_opset7",
                   .opset = 7,
                   .attributes = {{"transB", int64_t{1}}},
                   .inputs = {a, b_transposed, Tensor::Of<float>({2}, {1, -1})},
                   .expected = {Tensor::Of<float>({2, 2}, {59, 63, 140, 153})}});
  cases.push_back({.name = "broadcast_attribute_opset6",
                   .opset = 6,
                   .attributes = {{"broadcast", int64_t{1}}},
                   .inputs = {a, b, Tensor::Of<float>({2}, {1, -1})},
                   .expected = {Tensor::Of<float>({2, 2}, {59, 63, 140, 153})}});
  cases.push_back({.name = "empty_depth_leaves_c",
                   .inputs = {Tensor::Of<float>({1, 0}, {}), Tensor::Of<float>({0, 2}, {}),
                              Tensor::Of<float>({2}, {3, 4})},
                   .expected = {Tensor::Of<float>({1, 2}, {3, 4})}});
  cases.push_back(
      {.name = "integers",
       .inputs = {Tensor::Of<int32_t>({1, 2}, {65536, 3}), Tensor::Of<int32_t>({2, 1}, {65536, -2}),
                  Tensor::Of<int32_t>({1}, {5})},
       .expected = {Tensor::Of<int32_t>({1, 1}, {-1})}});
}

}  // namespace

extern const OpDef kGemm;
const OpDef kGemm = {
    .name = "Gemm", .schemas = kSchemas, .infer = Infer, .reference = Reference, .cases = Cases};

}  // namespace assay
