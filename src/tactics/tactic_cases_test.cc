// Runs every tactic on the examples of its operator and on its own, and holds the results against
// the float64 reference.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "ir/captures.h"
#include "ops/evaluate_node.h"
#include "ops/infer_graph.h"
#include "ops/op_cases.h"
#include "tactics/tactic.h"

namespace assay {
namespace {

constexpr size_t kGuardBytes = 64;
constexpr auto kGuard = std::byte{0x5A};

// Aligned memory with a guard zone behind it.
class GuardedBytes {
 public:
  explicit GuardedBytes(size_t bytes)
      : size_(bytes), storage_(bytes + kGuardBytes + 64, kGuard), data_(storage_.data()) {
    const auto misaligned = reinterpret_cast<uintptr_t>(data_) % 64;
    if (misaligned != 0) data_ += 64 - misaligned;
  }
  std::byte* data() { return data_; }
  size_t size() const { return size_; }
  bool intact() const {
    return std::all_of(data_ + size_, data_ + size_ + kGuardBytes,
                       [](std::byte b) { return b == kGuard; });
  }

 private:
  size_t size_;
  std::vector<std::byte> storage_;
  std::byte* data_;
};

// One example, ready for any tactic: operands, and what the reference says.
struct Problem {
  Graph graph;
  std::vector<Tensor> inputs;    // as declared; invalid: left out
  std::vector<Tensor> expected;  // floating ones in float64; invalid: left out
  std::vector<Operand> input_operands;
  std::vector<Operand> output_operands;
};

// Values in float32 where the example has float64, which few tactics compute.
Tensor Narrow(const Tensor& tensor) {
  return tensor.dtype() == DType::kFloat64 ? *ConvertTensor(tensor, DType::kFloat32) : tensor;
}

// nullopt: not a problem for a tactic (no single precision form, results of no fixed type, bodies).
std::optional<Problem> MakeProblem(const OpCaseOf& ref, bool weights_are_constant, bool narrow) {
  OpCase op_case = ref.op_case;
  std::vector<bool> is_constant;
  for (size_t i = 0; i < op_case.inputs.size(); ++i) {
    std::optional<Tensor>& input = op_case.inputs[i];
    if (input && narrow) input = Narrow(*input);
    is_constant.push_back(
        input && ((weights_are_constant && i > 0) || (i > 0 && !IsFloating(input->dtype()))));
  }
  Problem problem;
  problem.graph = SingleNodeGraph(*ref.op, op_case, is_constant);
  if (!InferGraph(problem.graph).ok()) return std::nullopt;
  const Node& node = problem.graph.node(0);
  if (!BodiesOf(node).empty()) return std::nullopt;
  std::vector<Tensor> wide(op_case.inputs.size());
  std::vector<const Tensor*> pointers(op_case.inputs.size(), nullptr);
  for (size_t i = 0; i < op_case.inputs.size(); ++i) {
    Operand operand;
    Tensor tensor;
    if (op_case.inputs[i]) {
      tensor = *op_case.inputs[i];
      wide[i] = IsFloating(tensor.dtype()) ? *ConvertTensor(tensor, DType::kFloat64) : tensor;
      pointers[i] = &wide[i];
      operand = {true, tensor.dtype(), tensor.shape(), nullptr};
      const Value& value = problem.graph.value(node.inputs[i]);
      if (value.constant) operand.constant = &*value.constant;
    }
    problem.inputs.push_back(tensor);
    problem.input_operands.push_back(operand);
  }
  ThreadPool threads(1);
  Result<std::vector<Tensor>> expected = EvaluateNode(problem.graph, node, pointers, threads);
  if (!expected.ok()) return std::nullopt;
  problem.expected = std::move(*expected);
  problem.expected.resize(node.outputs.size());
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    const ValueType& type = problem.graph.value(node.outputs[i]).type;
    if (type.kind != ValueType::Kind::kTensor || !problem.expected[i].valid()) return std::nullopt;
    problem.output_operands.push_back({true, type.dtype, problem.expected[i].shape(), nullptr});
  }
  return problem;
}

// Where element `i` of a tensor lies in a format, in elements.
int64_t PlaceOf(const Format& format, const Shape& shape, int64_t i) {
  if (format.layout == Layout::kRowMajor) return i;
  const int64_t places = shape.elements(2, shape.rank());
  const int64_t blocks = (shape[1] + format.block - 1) / format.block;
  const int64_t channel = i / places % shape[1];
  const int64_t block = i / (places * shape[1]) * blocks + channel / format.block;
  return (block * places + i % places) * format.block + channel % format.block;
}

// Elements behind the last channel are zeros on the way in, and must be on the way out.
void Store(const Tensor& tensor, const Format& format, std::byte* to) {
  const size_t size = Tensor::ByteSize(tensor.dtype(), 1);
  if (format.layout == Layout::kRowMajor) {
    if (tensor.byte_size() > 0) std::memcpy(to, tensor.raw(), tensor.byte_size());
    return;
  }
  std::fill_n(to, StorageBytes(format, tensor.shape()), std::byte{0});
  for (int64_t i = 0; i < tensor.elements(); ++i) {
    std::memcpy(to + static_cast<size_t>(PlaceOf(format, tensor.shape(), i)) * size,
                tensor.bytes().data() + static_cast<size_t>(i) * size, size);
  }
}

Tensor Fetch(const Operand& operand, const Format& format, const std::byte* from) {
  Tensor tensor = Tensor::Allocate(operand.dtype, operand.shape);
  if (format.layout == Layout::kRowMajor) {
    if (tensor.byte_size() > 0) std::memcpy(tensor.mutable_raw(), from, tensor.byte_size());
    return tensor;
  }
  const size_t size = Tensor::ByteSize(operand.dtype, 1);
  for (int64_t i = 0; i < tensor.elements(); ++i) {
    std::memcpy(static_cast<std::byte*>(tensor.mutable_raw()) + static_cast<size_t>(i) * size,
                from + static_cast<size_t>(PlaceOf(format, operand.shape, i)) * size, size);
  }
  std::vector<std::byte> whole(StorageBytes(format, operand.shape));
  Store(tensor, format, whole.data());
  EXPECT_TRUE(std::equal(whole.begin(), whole.end(), from)) << "no zeros behind the channels";
  return tensor;
}

struct Ran {
  std::vector<Tensor> outputs;
  bool intact = true;
};

Result<Ran> RunTactic(const Tactic& tactic, const Instance& instance, const Problem& problem,
                      int thread_count, std::optional<std::pair<int, int>> in_place) {
  const Machine machine = {GetCpuFeatures(), thread_count};
  ThreadPool threads(thread_count);
  ASSAY_ASSIGN_OR_RETURN(const Preparation preparation, tactic.prepare(instance, machine));
  const Formats formats = FormatsOf(tactic, instance);
  GuardedBytes packed(preparation.packed_bytes);
  if (preparation.packed_bytes > 0) {
    std::fill_n(packed.data(), packed.size(), std::byte{0});
    ASSAY_RETURN_IF_ERROR(
        tactic.pack(instance, preparation.state.get(), std::span(packed.data(), packed.size())));
  }
  GuardedBytes workspace(preparation.workspace_bytes);
  std::vector<GuardedBytes> in;
  std::vector<GuardedBytes> out;
  in.reserve(problem.inputs.size());
  out.reserve(problem.output_operands.size());
  std::vector<const void*> in_addresses;
  std::vector<void*> out_addresses;
  for (size_t i = 0; i < problem.inputs.size(); ++i) {
    const Tensor& tensor = problem.inputs[i];
    in.emplace_back(tensor.valid() ? StorageBytes(formats.inputs[i], tensor.shape()) : 0);
    const bool is_packed = std::ranges::find(preparation.packed_inputs, static_cast<int>(i)) !=
                           preparation.packed_inputs.end();
    if (tensor.valid() && !is_packed) Store(tensor, formats.inputs[i], in[i].data());
    in_addresses.push_back(tensor.valid() && !is_packed ? in[i].data() : nullptr);
  }
  for (size_t i = 0; i < problem.output_operands.size(); ++i) {
    const Operand& operand = problem.output_operands[i];
    out.emplace_back(StorageBytes(formats.outputs[i], operand.shape));
    out_addresses.push_back(out[i].data());
    if (in_place && in_place->second == static_cast<int>(i)) {
      out_addresses[i] = in[static_cast<size_t>(in_place->first)].data();
    }
  }
  Call call;
  call.state = preparation.state.get();
  call.inputs = in_addresses;
  call.outputs = out_addresses;
  call.packed = packed.data();
  call.workspace = workspace.data();
  call.threads = &threads;
  ASSAY_RETURN_IF_ERROR(tactic.run(call));
  Ran ran;
  for (size_t i = 0; i < problem.output_operands.size(); ++i) {
    const Operand& operand = problem.output_operands[i];
    ran.outputs.push_back(
        Fetch(operand, formats.outputs[i], static_cast<const std::byte*>(out_addresses[i])));
    ran.intact = ran.intact && out[i].intact();
  }
  for (const GuardedBytes& bytes : in) ran.intact = ran.intact && bytes.intact();
  ran.intact = ran.intact && workspace.intact() && packed.intact();
  return ran;
}

// Largest error of a floating result over the largest reference, in units of the spacing of its
// type: what blocked sums of any depth and elementary functions within 2 ULP stay below.
constexpr double kMostSpacings = 16;

double Spacing(DType dtype) {
  switch (dtype) {
    case DType::kFloat16:
      return 0x1p-10;
    case DType::kBFloat16:
      return 0x1p-7;
    case DType::kFloat64:
      return 0x1p-52;
    default:
      return 0x1p-23;
  }
}

void ExpectMatches(const Tensor& got, const Tensor& expected, NumericClass numerics) {
  if (!IsFloating(got.dtype())) {
    for (int64_t i = 0; i < got.elements(); ++i) {
      ASSERT_EQ(got.ValueAsInt(i), expected.ValueAsInt(i)) << "element " << i;
    }
    return;
  }
  const Result<Tensor> rounded = ConvertTensor(expected, got.dtype());
  ASSERT_TRUE(rounded.ok());
  double largest = 0;
  for (int64_t i = 0; i < expected.elements(); ++i) {
    const double value = std::fabs(rounded->ValueAsDouble(i));
    if (std::isfinite(value)) largest = std::max(largest, value);
  }
  const double bound =
      numerics == NumericClass::kExact ? 0 : kMostSpacings * Spacing(got.dtype()) * largest;
  for (int64_t i = 0; i < got.elements(); ++i) {
    const double a = got.ValueAsDouble(i);
    const double b = rounded->ValueAsDouble(i);
    if (std::isnan(b) || std::isinf(b)) {
      ASSERT_TRUE(std::isnan(b) ? std::isnan(a) : a == b)
          << "element " << i << ": " << a << " for " << b;
    } else {
      ASSERT_LE(std::fabs(a - b), bound) << "element " << i << ": " << a << " for " << b;
    }
  }
}

void ExpectSameBits(const Tensor& a, const Tensor& b) {
  ASSERT_EQ(a.byte_size(), b.byte_size());
  if (a.byte_size() == 0) return;
  EXPECT_EQ(std::memcmp(a.raw(), b.raw(), a.byte_size()), 0);
}

std::vector<OpCaseOf> CasesOf(const Tactic& tactic, const std::vector<OpCaseOf>& all) {
  std::vector<OpCaseOf> cases;
  for (const OpCaseOf& ref : all) {
    if (IsFor(tactic, ref.op->domain, ref.op->name)) cases.push_back(ref);
  }
  if (tactic.cases != nullptr) {
    std::vector<OpCase> own;
    tactic.cases(own);
    for (OpCase& op_case : own) cases.push_back({FindOp(tactic.domain, tactic.op), op_case});
  }
  return cases;
}

void Check(const Tactic& tactic, const Problem& problem, int* runs) {
  const Node& node = problem.graph.node(0);
  const OpSchema& schema = *FindOp(node.domain, node.op)->SchemaFor(node.opset);
  const Instance instance(node, schema, problem.input_operands, problem.output_operands);
  if (!tactic.supports(instance, {GetCpuFeatures(), 1}).ok()) return;
  const Result<Ran> alone = RunTactic(tactic, instance, problem, 1, std::nullopt);
  ASSERT_TRUE(alone.ok()) << alone.status().ToString();
  EXPECT_TRUE(alone->intact) << "wrote beyond an operand";
  ++*runs;
  for (size_t i = 0; i < alone->outputs.size(); ++i) {
    SCOPED_TRACE("output " + std::to_string(i));
    ExpectMatches(alone->outputs[i], problem.expected[i], tactic.numerics);
  }
  const Result<Ran> together = RunTactic(tactic, instance, problem, 3, std::nullopt);
  ASSERT_TRUE(together.ok()) << together.status().ToString();
  for (size_t i = 0; i < alone->outputs.size(); ++i) {
    SCOPED_TRACE("with three threads, output " + std::to_string(i));
    ExpectSameBits(alone->outputs[i], together->outputs[i]);
  }
  const Result<Preparation> preparation = tactic.prepare(instance, {GetCpuFeatures(), 1});
  for (const std::pair<int, int>& pair : preparation->in_place) {
    const Tensor& input = problem.inputs[static_cast<size_t>(pair.first)];
    if (!input.valid() ||
        input.byte_size() != alone->outputs[static_cast<size_t>(pair.second)].byte_size()) {
      continue;
    }
    const Result<Ran> over = RunTactic(tactic, instance, problem, 3, pair);
    ASSERT_TRUE(over.ok()) << over.status().ToString();
    EXPECT_TRUE(over->intact);
    for (size_t i = 0; i < alone->outputs.size(); ++i) {
      SCOPED_TRACE("in place, output " + std::to_string(i));
      ExpectSameBits(alone->outputs[i], over->outputs[i]);
    }
  }
}

class TacticCases : public testing::TestWithParam<const Tactic*> {};

TEST_P(TacticCases, MatchTheReference) {
  static const std::vector<OpCaseOf> all = AllOpCases();
  const Tactic& tactic = *GetParam();
  int runs = 0;
  for (const OpCaseOf& ref : CasesOf(tactic, all)) {
    for (const bool weights_are_constant : {true, false}) {
      for (const bool narrow : {true, false}) {
        SCOPED_TRACE(ref.ToString());
        const std::optional<Problem> problem = MakeProblem(ref, weights_are_constant, narrow);
        if (problem) Check(tactic, *problem, &runs);
        if (HasFatalFailure()) return;
      }
    }
  }
  if (runs == 0) GTEST_SKIP() << "no example that this processor can run";
}

INSTANTIATE_TEST_SUITE_P(Table, TacticCases,
                         testing::ValuesIn(AllTactics().begin(), AllTactics().end()),
                         [](const auto& info) {
                           std::string name(info.param->name);
                           std::ranges::replace_if(
                               name, [](char c) { return c == '.' || c == '-'; }, '_');
                           return name;
                         });

}  // namespace
}  // namespace assay
