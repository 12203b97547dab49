#include <fmt/format.h>

#include <bit>

#include "ops/apply_operator.h"
#include "ops/microsoft.h"
#include "ops/op_def.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr DTypeSet kTypes = DTypeSet::Of(DType::kFloat32, DType::kFloat16, DType::kBFloat16);
constexpr DTypeSet kBytes = DTypeSet::Of(DType::kUInt8);

constexpr OpSchema kSchemas[] = {
    {.since = 1,
     .inputs = {{"A", kTypes},
                {"B", kBytes},
                {"scales", kTypes},
                {"zero_points", kTypes | kBytes, Arity::kOptional},
                {"g_idx", DTypeSet::Of(DType::kInt32), Arity::kOptional},
                {"bias", kTypes, Arity::kOptional}},
     .outputs = {{"Y", kTypes}},
     .attributes = {RequiredAttribute("K", AttributeKind::kInt),
                    RequiredAttribute("N", AttributeKind::kInt), IntAttribute("accuracy_level", 0),
                    IntAttribute("bits", 4), RequiredAttribute("block_size", AttributeKind::kInt),
                    IntAttribute("weight_prepacked", 0)}},
};

// How the weights lie: column j of the matrix is made of blocks of `block` rows, each a run of
// bytes with the first row in the lowest bits.
struct Layout {
  int64_t rows = 0;     // K
  int64_t columns = 0;  // N
  int64_t block = 0;
  int64_t bits = 0;
  int64_t blocks() const { return (rows - 1) / block + 1; }
  int64_t block_bytes() const { return block * bits / 8; }
  int64_t zero_point_bytes() const { return (blocks() * bits + 7) / 8; }
};

// What fits into the bytes and indices of a tensor.
constexpr int64_t kMostExtent = int64_t{1} << 31;

Result<Layout> LayoutOf(const OpContext& context) {
  const Layout layout = {context.Int("K"), context.Int("N"), context.Int("block_size"),
                         context.Int("bits")};
  if (layout.rows < 1 || layout.columns < 1 || layout.rows > kMostExtent ||
      layout.columns > kMostExtent) {
    return OpContext::Invalid(
        fmt::format("attributes \"K\" and \"N\": expected positive extents, got {} and {}",
                    layout.rows, layout.columns));
  }
  if (layout.block < 16 || layout.block > kMostExtent ||
      !std::has_single_bit(static_cast<uint64_t>(layout.block))) {
    return OpContext::Invalid(fmt::format(
        "attribute \"block_size\": expected a power of two from 16 on, got {}", layout.block));
  }
  if (layout.bits != 2 && layout.bits != 4 && layout.bits != 8) {
    return OpContext::Unsupported(
        fmt::format("attribute \"bits\": expected 2, 4 or 8, got {}", layout.bits));
  }
  if (context.Int("weight_prepacked") != 0) {
    return OpContext::Unsupported("weights that are packed for a device (weight_prepacked)");
  }
  return layout;
}

Status WrongDepth(int64_t rows, const std::string& shape) {
  return OpContext::Invalid(fmt::format("A: expected last extent {} (K), got {}", rows, shape));
}

Status Infer(InferContext& context) {
  ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({0, 2, 5}));
  if (context.HasInput(3) && context.InputType(3) != DType::kUInt8) {
    ASSAY_RETURN_IF_ERROR(context.RequireSameTypes({0, 3}));
  }
  ASSAY_ASSIGN_OR_RETURN(const Layout layout, LayoutOf(context));
  std::optional<SymbolicShape> shape;
  if (const SymbolicShape* a = context.InputShape(0)) {
    if (a->empty() || (a->back().IsKnown() && a->back().value() != layout.rows)) {
      return WrongDepth(layout.rows, ToString(*a));
    }
    shape = *a;
    shape->back() = layout.columns;
  }
  context.SetOutput(0, context.InputType(0), std::move(shape));
  return OkStatus();
}

Status CheckCount(const ReferenceContext& context, int index, int64_t expected) {
  if (!context.HasInput(index) || context.Input(index).elements() == expected) return OkStatus();
  return OpContext::Invalid(fmt::format("input {}: expected {} elements, got shape {}", index,
                                        expected, context.Input(index).shape().ToString()));
}

// Field `i` of a row of bytes.
int64_t Field(const uint8_t* bytes, int64_t i, int64_t bits) {
  const int64_t at = i * bits;
  return bytes[at / 8] >> (at % 8) & ((1 << bits) - 1);
}

// Zero points of all blocks of all columns.
std::vector<double> ZeroPoints(const ReferenceContext& context, const Layout& layout) {
  const int64_t blocks = layout.blocks();
  std::vector<double> zero_points(static_cast<size_t>(layout.columns * blocks),
                                  static_cast<double>(int64_t{1} << (layout.bits - 1)));
  if (!context.HasInput(3)) return zero_points;
  for (int64_t i = 0; i < layout.columns * blocks; ++i) {
    double& zero_point = zero_points[static_cast<size_t>(i)];
    if (context.Input(3).dtype() == DType::kUInt8) {
      const uint8_t* bytes = context.Input(3).data<uint8_t>().data();
      zero_point = static_cast<double>(
          Field(bytes + i / blocks * layout.zero_point_bytes(), i % blocks, layout.bits));
    } else {
      zero_point = context.Doubles(3)[static_cast<size_t>(i)];
    }
  }
  return zero_points;
}

// The block whose scale and zero point hold for each row.
Result<std::vector<int64_t>> BlocksOfRows(const ReferenceContext& context, const Layout& layout) {
  std::vector<int64_t> blocks(static_cast<size_t>(layout.rows));
  const bool given = context.HasInput(4) && context.Input(4).elements() > 0;
  const std::vector<int64_t> groups = given ? context.IntValues(4) : std::vector<int64_t>();
  if (given && groups.size() != blocks.size() &&
      static_cast<int64_t>(groups.size()) != layout.blocks() * layout.block) {
    return OpContext::Invalid(
        fmt::format("g_idx: expected {} elements, got {}", blocks.size(), groups.size()));
  }
  for (size_t i = 0; i < blocks.size(); ++i) {
    blocks[i] = given ? groups[i] : static_cast<int64_t>(i) / layout.block;
    if (blocks[i] < 0 || blocks[i] >= layout.blocks()) {
      return OpContext::Invalid(fmt::format("g_idx: expected a block from 0 to {}, got {}",
                                            layout.blocks() - 1, blocks[i]));
    }
  }
  return blocks;
}

// The weights as a matrix (N, K).
Result<Tensor> Weights(const ReferenceContext& context, const Layout& layout) {
  const int64_t blocks = layout.blocks();
  const int64_t column_bytes = blocks * layout.block_bytes();
  ASSAY_RETURN_IF_ERROR(CheckCount(context, 1, layout.columns * column_bytes));
  ASSAY_RETURN_IF_ERROR(CheckCount(context, 2, layout.columns * blocks));
  const bool packed = context.HasInput(3) && context.Input(3).dtype() == DType::kUInt8;
  ASSAY_RETURN_IF_ERROR(
      CheckCount(context, 3, layout.columns * (packed ? layout.zero_point_bytes() : blocks)));
  ASSAY_ASSIGN_OR_RETURN(const std::vector<int64_t> block_of, BlocksOfRows(context, layout));
  const std::vector<double> zero_points = ZeroPoints(context, layout);
  const double* scales = context.Doubles(2).data();
  const uint8_t* bytes = context.Input(1).data<uint8_t>().data();
  ASSAY_ASSIGN_OR_RETURN(Tensor weights,
                         Tensor::TryAllocate(DType::kFloat64, {layout.columns, layout.rows}));
  double* out = weights.mutable_data<double>().data();
  context.threads().ParallelFor(layout.columns, 16, [&](int64_t begin, int64_t end) {
    for (int64_t column = begin; column < end; ++column) {
      for (int64_t row = 0; row < layout.rows; ++row) {
        const int64_t block = column * blocks + block_of[static_cast<size_t>(row)];
        const auto value =
            static_cast<double>(Field(bytes + column * column_bytes, row, layout.bits));
        out[column * layout.rows + row] =
            (value - zero_points[static_cast<size_t>(block)]) * scales[block];
      }
    }
  });
  return weights;
}

// Weights with no bytes at all stand for zeros.
Status Reference(ReferenceContext& context) {
  ASSAY_ASSIGN_OR_RETURN(const Layout layout, LayoutOf(context));
  const Tensor& a = context.Input(0);
  Shape shape = a.shape();
  if (shape.rank() < 1 || shape[shape.rank() - 1] != layout.rows) {
    return WrongDepth(layout.rows, shape.ToString());
  }
  ASSAY_RETURN_IF_ERROR(CheckCount(context, 5, layout.columns));
  const int64_t count = shape.elements(0, shape.rank() - 1);
  Tensor product = Tensor::Zeros(DType::kFloat64, {count, layout.columns});
  if (!context.Input(1).empty()) {
    ASSAY_ASSIGN_OR_RETURN(const Tensor weights, Weights(context, layout));
    const Tensor rows = a.Reshaped({count, layout.rows});
    ASSAY_ASSIGN_OR_RETURN(
        product, ApplyOperator(context, "Gemm", {&rows, &weights}, {{"transB", int64_t{1}}}));
  }
  shape[shape.rank() - 1] = layout.columns;
  context.SetOutput(
      0, AddAlongLastAxis(context, product, context.HasInput(5) ? &context.Input(5) : nullptr)
             .Reshaped(shape));
  return OkStatus();
}

std::vector<Attribute> Attributes(int64_t k, int64_t n, int64_t bits) {
  return {{"K", k}, {"N", n}, {"bits", bits}, {"block_size", int64_t{16}}};
}

void Cases(std::vector<OpCase>& cases) {
  // Rows 0 and 1 of 16 share the first byte, rows 16 and 17 are in the second block.
  std::vector<float> ones(18, 0);
  ones[0] = ones[1] = ones[16] = ones[17] = 1;
  ones[1] = 10;
  std::vector<uint8_t> nibbles(16, 0);
  nibbles[0] = 0x9B;  // 11 - 8 and 9 - 8
  nibbles[8] = 0x70;  // 0 - 8 and 7 - 8
  const Tensor a = Tensor::Of<float>({1, 18}, ones);
  cases.push_back(
      {.name = "four_bits",
       .attributes = Attributes(18, 1, 4),
       .inputs = {a, Tensor::Of<uint8_t>({1, 2, 8}, nibbles), Tensor::Of<float>({1, 2}, {1, 100})},
       .expected = {Tensor::Of<float>({1, 1}, {13 - 900})}});
  cases.push_back(
      {.name = "packed_zero_points_and_bias",
       .attributes = Attributes(18, 1, 4),
       .inputs = {a, Tensor::Of<uint8_t>({1, 2, 8}, nibbles), Tensor::Of<float>({1, 2}, {1, 100}),
                  Tensor::Of<uint8_t>({1, 1}, {0x71}), std::nullopt, Tensor::Vector<float>({0.5F})},
       .expected = {Tensor::Of<float>({1, 1}, {10 + 80 - 700 + 0.5F})}});
  cases.push_back(
      {.name = "groups_and_floating_zero_points",
       .attributes = Attributes(18, 1, 4),
       .inputs = {a, Tensor::Of<uint8_t>({1, 2, 8}, nibbles), Tensor::Of<float>({1, 2}, {1, 100}),
                  Tensor::Of<float>({1, 2}, {1, 0.5F}),
                  Tensor::Vector<int32_t>({1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0})},
       .expected = {Tensor::Of<float>({1, 1}, {1050 + 80 - 50 + 6})}});
  std::vector<uint8_t> quarters(4, 0);
  quarters[0] = 0b11100100;  // 0, 1, 2, 3 minus 2
  cases.push_back(
      {.name = "two_bits",
       .attributes = Attributes(4, 1, 2),
       .inputs = {Tensor::Of<float>({2, 1, 4}, {1, 10, 100, 1000, 1, 1, 1, 1}),
                  Tensor::Of<uint8_t>({1, 1, 4}, quarters), Tensor::Of<float>({1, 1}, {2})},
       .expected = {Tensor::Of<float>({2, 1, 1}, {1976, -4})}});
  std::vector<uint8_t> bytes(16, 0);
  bytes[0] = 255;
  cases.push_back({.name = "eight_bits",
                   .attributes = Attributes(2, 1, 8),
                   .inputs = {Tensor::Vector<float>({1, 1}), Tensor::Of<uint8_t>({1, 1, 16}, bytes),
                              Tensor::Of<float>({1, 1}, {1}), Tensor::Of<uint8_t>({1, 1}, {5})},
                   .expected = {Tensor::Of<float>({1}, {245})}});
  cases.push_back({.name = "weights_left_empty",
                   .attributes = Attributes(2, 2, 4),
                   .inputs = {Tensor::Of<float>({1, 2}, {1, 1}), Tensor::Of<uint8_t>({2, 1, 0}, {}),
                              Tensor::Of<float>({0}, {}), std::nullopt, std::nullopt,
                              Tensor::Vector<float>({3, 4})},
                   .expected = {Tensor::Of<float>({1, 2}, {3, 4})}});
}

}  // namespace

extern const OpDef kMicrosoftMatMulNBits;
const OpDef kMicrosoftMatMulNBits = {.name = "MatMulNBits",
                                     .domain = kMicrosoftDomain,
                                     .schemas = kSchemas,
                                     .infer = Infer,
                                     .reference = Reference,
                                     .cases = Cases};

}  // namespace assay
