#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cpu_features.h"
#include "base/status.h"
#include "base/thread_pool.h"
#include "ops/op_def.h"
#include "tactics/format.h"
#include "tactics/instance.h"

namespace assay {

enum class Device : uint8_t { kCpu };

// How the result relates to the exact one.
enum class NumericClass : uint8_t {
  kExact,  // no rounding that the operator itself does not ask for (moves, integers, comparisons)
  kReassociated,  // roundings of the storage type, in an order of its own
  kApproximate,   // less than the storage type could give
};

// What a plan is made for.
struct Machine {
  CpuFeatures cpu;
  int threads = 1;
};

// Yes, or the reason why not.
class Support {
 public:
  static Support Yes() { return Support({}); }
  static Support No(std::string reason) { return Support(std::move(reason)); }
  bool ok() const { return reason_.empty(); }
  const std::string& reason() const { return reason_; }

 private:
  explicit Support(std::string reason) : reason_(std::move(reason)) {}
  std::string reason_;
};

struct Formats {
  std::vector<Format> inputs;  // entries of inputs that are left out are ignored
  std::vector<Format> outputs;
};

// What a tactic works out once for an instance. Everything here follows from the instance alone, so
// that an engine file need not carry it and cannot lie about it.
struct Preparation {
  std::shared_ptr<const void> state;  // the tactic's own, read by pack and run
  size_t packed_bytes = 0;            // of weights in the tactic's layout, 64-byte aligned
  // Constant inputs whose data went into the packed weights; their tensors are not needed to run.
  std::vector<int> packed_inputs;
  size_t workspace_bytes = 0;  // scratch while running, 64-byte aligned
  // Pairs (input, output) that may share memory: the output may be written over the input.
  std::vector<std::pair<int, int>> in_place;
};

template <typename T>
std::shared_ptr<const void> MakeState(T state) {
  return std::make_shared<const T>(std::move(state));
}

// One execution of a step. Pointers are 64-byte aligned (inputs and outputs of the whole model:
// aligned for their element type) and were checked when the plan was made; left-out ones are null.
struct Call {
  const void* state = nullptr;
  std::span<const void* const> inputs;
  std::span<void* const> outputs;
  const std::byte* packed = nullptr;
  std::byte* workspace = nullptr;
  ThreadPool* threads = nullptr;

  template <typename T>
  const T& State() const {
    return *static_cast<const T*>(state);
  }
  template <typename T>
  const T* Input(int i) const {
    return static_cast<const T*>(inputs[static_cast<size_t>(i)]);
  }
  template <typename T>
  T* Output(int i) const {
    return static_cast<T*>(outputs[static_cast<size_t>(i)]);
  }
};

// One way to compute one operator on one device. Stateless; everything about an instance is in its
// Preparation.
struct Tactic {
  // "cpu.conv.gemm.f32.avx512": device, operator, variant, type, instruction set. Stored in plans
  // and reports; never reused for another computation.
  std::string_view name;
  std::string_view domain;
  std::string_view op;  // "*": any operator
  // Also computes the operator of this name in the domain "assay", which adds a bias, a residual
  // and an activation.
  bool fused = false;
  Device device = Device::kCpu;
  NumericClass numerics = NumericClass::kReassociated;
  Support (*supports)(const Instance& instance, const Machine& machine) = nullptr;
  // nullptr: every operand row-major in its declared type.
  Formats (*formats)(const Instance& instance) = nullptr;
  Result<Preparation> (*prepare)(const Instance& instance, const Machine& machine) = nullptr;
  // Writes the packed weights from the instance's constant inputs; nullptr if packed_bytes is
  // always 0.
  Status (*pack)(const Instance& instance, const void* state,
                 std::span<std::byte> packed) = nullptr;
  // Results depend on the inputs alone, not on the number of threads. Allocates nothing.
  // Errors: only what depends on data, for example an index out of range.
  Status (*run)(const Call& call) = nullptr;
  // Appends examples for the tests, beyond those of the operator: shapes that end inside vectors
  // and tiles, and that are large enough to be cut into pieces. May be nullptr.
  void (*cases)(std::vector<OpCase>& cases) = nullptr;
};

// All tactics; for one operator the ones before are preferred by the strict plan.
std::span<const Tactic* const> AllTactics();
// nullptr if there is none.
const Tactic* FindTactic(std::string_view name);

// True if the tactic is for this kind of operator; whether it supports an instance is another
// question.
bool IsFor(const Tactic& tactic, std::string_view domain, std::string_view op);

// Formats of a tactic for an instance, with the default filled in.
Formats FormatsOf(const Tactic& tactic, const Instance& instance);

// The first tactic that supports the instance; an error lists every candidate with its reason.
Result<const Tactic*> ChooseStrictTactic(const Instance& instance, const Machine& machine);

}  // namespace assay
