// Conversions between row-major values and values with blocked channels.

#include <fmt/format.h>

#include <algorithm>

#include "tactics/cpu/element_cases.h"
#include "tactics/cpu/strided_copy.h"

namespace assay {
namespace {

struct State {
  std::vector<CopyLoops> copies;  // of the whole blocks, and of the channels of the last one
  // Zeros behind the channels of the last block.
  int64_t block = 1;
  int64_t blocks = 0;
  int64_t batch = 0;
  int64_t places = 0;
  int64_t absent = 0;  // channels of the last block
  bool to_blocked = false;
};

Formats FormatsOfConversion(const Instance& instance) {
  return {.inputs = {*ParseFormat(instance.String("from"))},
          .outputs = {*ParseFormat(instance.String("to"))}};
}

Support Supports(const Instance& instance, const Machine&) {
  const std::optional<Format> from = ParseFormat(instance.String("from"));
  const std::optional<Format> to = ParseFormat(instance.String("to"));
  if (!from || !to) return Support::No("a format is unknown");
  if (!instance.AllAre(DType::kFloat32) || from->storage != DType::kFloat32 ||
      to->storage != DType::kFloat32 || from->planes != 1 || to->planes != 1) {
    return Support::No("only float32");
  }
  if (from->layout == to->layout) return Support::No("the layouts do not differ");
  if (instance.input(0).shape.rank() < 2) return Support::No("there are no channels");
  return Support::Yes();
}

// Channels [first, first + count * width) as `count` blocks of `width`.
CopyLoops Blocks(const State& state, int64_t channels, int64_t first, int64_t count,
                 int64_t width) {
  StridedCopy copy;
  copy.dims = {state.batch, count, state.places, width};
  const std::vector<int64_t> rows = {channels * state.places, width * state.places, 1,
                                     state.places};
  const std::vector<int64_t> blocked = {state.blocks * state.block * state.places,
                                        state.block * state.places, state.block, 1};
  const int64_t start = first * state.places;
  copy.from_strides = state.to_blocked ? rows : blocked;
  copy.to_strides = state.to_blocked ? blocked : rows;
  copy.from = copy.to = start;
  return {copy, sizeof(float)};
}

Result<Preparation> Prepare(const Instance& instance, const Machine&) {
  const Formats formats = FormatsOfConversion(instance);
  const Shape& shape = instance.input(0).shape;
  State state;
  state.to_blocked = formats.outputs[0].layout == Layout::kBlockedChannels;
  state.block = state.to_blocked ? formats.outputs[0].block : formats.inputs[0].block;
  state.batch = shape[0];
  state.places = shape.elements(2, shape.rank());
  const int64_t channels = shape[1];
  const int64_t whole = channels / state.block;
  state.blocks = (channels + state.block - 1) / state.block;
  state.absent = state.blocks * state.block - channels;
  if (whole > 0) state.copies.push_back(Blocks(state, channels, 0, whole, state.block));
  if (state.absent > 0) {
    state.copies.push_back(
        Blocks(state, channels, whole * state.block, 1, state.block - state.absent));
  }
  Preparation preparation;
  preparation.state = MakeState(std::move(state));
  return preparation;
}

Status Run(const Call& call) {
  const State& state = call.State<State>();
  for (const CopyLoops& copy : state.copies) copy.Run(call);
  if (!state.to_blocked || state.absent == 0) return OkStatus();
  auto* out = call.Output<float>(0);
  call.threads->ParallelFor(state.batch * state.places, 1024, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t last_block = (i / state.places + 1) * state.blocks - 1;
      float* place = out + (last_block * state.places + i % state.places) * state.block;
      std::fill_n(place + state.block - state.absent, state.absent, 0.0F);
    }
  });
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  struct Form {
    const char* name;
    Shape shape;
    const char* block;
  };
  const std::vector<Form> forms = {{"whole_blocks", {2, 32, 5, 7}, "float32/c16"},
                                   {"a_part_of_a_block", {3, 21, 6, 9}, "float32/c8"},
                                   {"fewer_than_a_block", {1, 3, 40, 33}, "float32/c16"},
                                   {"no_places", {2, 5}, "float32/c4"},
                                   {"large", {1, 70, 60, 61}, "float32/c16"}};
  for (const Form& form : forms) {
    for (const bool back : {false, true}) {
      cases.push_back({.name = fmt::format("{}_{}", form.name, back ? "back" : "to"),
                       .attributes = {{"from", std::string(back ? form.block : "float32")},
                                      {"to", std::string(back ? "float32" : form.block)}},
                       .inputs = {Noise(form.shape, static_cast<uint32_t>(cases.size() + 1))}});
    }
  }
}

}  // namespace

extern const Tactic kConvertLayout;
const Tactic kConvertLayout = {.name = "cpu.convert.layout",
                               .domain = kFusedDomain,
                               .op = "Convert",
                               .numerics = NumericClass::kExact,
                               .supports = Supports,
                               .formats = FormatsOfConversion,
                               .prepare = Prepare,
                               .run = Run,
                               .cases = Cases};

}  // namespace assay
