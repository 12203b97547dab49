#include "runtime/packed_weights.h"

#include <algorithm>
#include <vector>

#include "base/file.h"

namespace assay {

namespace {

// Weights lie at any byte of a model file. Packing reads them once, so a copy for that is thrown
// away again, where Tensor::data() would keep one, and so are the pages of the file.
Status Pack(const Instance& instance, const Step& step, std::span<std::byte> packed) {
  std::vector<Operand> operands = instance.inputs();
  std::vector<std::unique_ptr<Tensor>> copies;
  for (const int input : step.preparation.packed_inputs) {
    const Tensor& constant = *instance.input(input).constant;
    ASSAY_ASSIGN_OR_RETURN(Tensor copy, constant.Copy());
    MappedFile::ReleasePages(constant.bytes());
    copies.push_back(std::make_unique<Tensor>(std::move(copy)));
    operands[static_cast<size_t>(input)].constant = copies.back().get();
  }
  return step.tactic->pack(instance.WithInputs(std::move(operands)), step.preparation.state.get(),
                           packed);
}

}  // namespace

Status PackedWeights::PackFor(const Plan& plan) {
  std::lock_guard lock(mutex_);
  for (const Step& step : plan.steps) {
    if (step.packed_key.empty() || blocks_.contains(step.packed_key)) continue;
    ASSAY_ASSIGN_OR_RETURN(const Instance instance, Instance::Of(*plan.graph, step.node));
    Block block;
    ASSAY_ASSIGN_OR_RETURN(block.own, AlignedBytes::Allocate(step.preparation.packed_bytes));
    const std::span<std::byte> bytes(block.own.data(), block.own.size());
    std::ranges::fill(bytes, std::byte{0});  // gaps between panels are written to files too
    ASSAY_RETURN_IF_ERROR(
        Pack(instance, step, bytes).WithContext(plan.graph->NodeLabel(step.node)));
    block.bytes = bytes;
    blocks_.emplace(step.packed_key, std::move(block));
  }
  return OkStatus();
}

void PackedWeights::Adopt(std::string key, std::span<const std::byte> bytes,
                          std::shared_ptr<const void> owner) {
  std::lock_guard lock(mutex_);
  Block block;
  block.bytes = bytes;
  block.owner = std::move(owner);
  blocks_.emplace(std::move(key), std::move(block));
}

std::span<const std::byte> PackedWeights::Find(std::string_view key) const {
  std::lock_guard lock(mutex_);
  const auto found = blocks_.find(key);
  return found == blocks_.end() ? std::span<const std::byte>() : found->second.bytes;
}

size_t PackedWeights::total_bytes() const {
  std::lock_guard lock(mutex_);
  size_t total = 0;
  for (const auto& [key, block] : blocks_) total += block.bytes.size();
  return total;
}

}  // namespace assay
