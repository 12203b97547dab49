#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "plan/memory.h"
#include "plan/planner.h"

namespace assay {
namespace {

Status Fail(const Plan& plan, size_t step, std::string message) {
  return Status(StatusCode::kInternal, fmt::format("plan: {} (step {}, {})", message, step,
                                                   plan.graph->NodeLabel(plan.steps[step].node)));
}

// Replays a plan on who owns each byte of the arena instead of on lifetimes: every write takes its
// bytes, every read must still own all of them.
class Replay {
 public:
  explicit Replay(const Plan& plan) : plan_(plan) {}

  Status Run() {
    for (size_t step = 0; step < plan_.steps.size(); ++step) {
      const Node& node = plan_.graph->node(plan_.steps[step].node);
      ASSAY_RETURN_IF_ERROR(CheckLocations(step, node));
      ASSAY_RETURN_IF_ERROR(CheckSeparate(step, node));
      for (size_t i = 0; i < node.inputs.size(); ++i) {
        ASSAY_RETURN_IF_ERROR(Read(step, node.inputs[i], plan_.steps[step].inputs[i]));
      }
      if (plan_.steps[step].workspace.kind == Location::Kind::kArena) {
        Take(plan_.steps[step].workspace, kNoValue);
      }
      for (size_t i = 0; i < node.outputs.size(); ++i) {
        ASSAY_RETURN_IF_ERROR(Write(step, node.outputs[i], plan_.steps[step].outputs[i]));
      }
    }
    for (const auto& [id, format] : formats_) {
      if (std::ranges::find(plan_.graph->outputs, id) == plan_.graph->outputs.end()) continue;
      const Value& value = plan_.graph->value(id);
      if (format == RowMajor(value.type.dtype)) continue;
      return Status(StatusCode::kInternal, fmt::format("plan: output \"{}\" is stored as {}",
                                                       value.name, format.ToString()));
    }
    return OkStatus();
  }

 private:
  struct Range {
    size_t begin;
    size_t end;
    ValueId owner;
  };

  Status CheckLocations(size_t step, const Node& node) {
    const Step& planned = plan_.steps[step];
    if (planned.inputs.size() != node.inputs.size() ||
        planned.outputs.size() != node.outputs.size()) {
      return Fail(plan_, step, "operands and locations differ in number");
    }
    const Result<Instance> instance = Instance::Of(*plan_.graph, planned.node);
    if (!instance.ok()) return instance.status();
    const Formats formats = FormatsOf(*planned.tactic, *instance);
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      ASSAY_RETURN_IF_ERROR(CheckFormat(step, node.inputs[i], formats.inputs[i]));
      ASSAY_RETURN_IF_ERROR(
          CheckOperand(step, node.inputs[i], planned.inputs[i], formats.inputs[i]));
    }
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      formats_[node.outputs[i]] = formats.outputs[i];
      ASSAY_RETURN_IF_ERROR(
          CheckOperand(step, node.outputs[i], planned.outputs[i], formats.outputs[i]));
    }
    const size_t scratch =
        planned.workspace.kind == Location::Kind::kArena ? planned.workspace.bytes : 0;
    if (scratch < planned.preparation.workspace_bytes) {
      return Fail(plan_, step,
                  fmt::format("expected {} bytes of workspace, got {}",
                              planned.preparation.workspace_bytes, scratch));
    }
    return CheckRange(step, planned.workspace);
  }

  Status CheckOperand(size_t step, ValueId id, const Location& at, const Format& format) const {
    if (id == kNoValue) return OkStatus();
    const Value& value = plan_.graph->value(id);
    const size_t bytes = StorageBytes(format, *ToConcrete(*value.type.shape));
    if (at.bytes < bytes && at.kind != Location::Kind::kConstant) {
      return Fail(plan_, step,
                  fmt::format("expected {} bytes for \"{}\", got {}", bytes, value.name, at.bytes));
    }
    return CheckRange(step, at);
  }

  Status CheckFormat(size_t step, ValueId id, const Format& wanted) const {
    if (id == kNoValue) return OkStatus();
    const Value& value = plan_.graph->value(id);
    const auto found = formats_.find(id);
    const Format format = found == formats_.end() ? RowMajor(value.type.dtype) : found->second;
    if (format == wanted) return OkStatus();
    return Fail(plan_, step,
                fmt::format("format of \"{}\": expected {}, got {}", value.name, wanted.ToString(),
                            format.ToString()));
  }

  Status CheckRange(size_t step, const Location& at) const {
    if (at.kind != Location::Kind::kArena) return OkStatus();
    if (at.offset % kArenaAlignment != 0) return Fail(plan_, step, "a location is not aligned");
    if (at.offset + at.bytes < at.offset || at.offset + at.bytes > plan_.arena_bytes) {
      return Fail(plan_, step, "a location leaves the arena");
    }
    return OkStatus();
  }

  // What a step writes must not lie in what it reads, but for the pairs that its tactic allows.
  Status CheckSeparate(size_t step, const Node& node) const {
    const Step& planned = plan_.steps[step];
    for (size_t out = 0; out < planned.outputs.size(); ++out) {
      for (size_t other = 0; other < out; ++other) {
        if (!Overlap(planned.outputs[out], planned.outputs[other])) continue;
        return Fail(plan_, step, fmt::format("outputs {} and {} overlap", other, out));
      }
      for (size_t in = 0; in < planned.inputs.size(); ++in) {
        if (!Overlap(planned.outputs[out], planned.inputs[in])) continue;
        if (MayShare(planned, in, out)) continue;
        return Fail(plan_, step,
                    fmt::format("output \"{}\" overlaps input \"{}\"",
                                plan_.graph->value(node.outputs[out]).name,
                                plan_.graph->value(node.inputs[in]).name));
      }
      if (Overlap(planned.outputs[out], planned.workspace)) {
        return Fail(plan_, step, fmt::format("output {} overlaps the workspace", out));
      }
    }
    for (size_t in = 0; in < planned.inputs.size(); ++in) {
      if (!Overlap(planned.inputs[in], planned.workspace)) continue;
      return Fail(plan_, step, fmt::format("input {} overlaps the workspace", in));
    }
    return OkStatus();
  }

  static bool Overlap(const Location& a, const Location& b) {
    return a.kind == Location::Kind::kArena && b.kind == Location::Kind::kArena && a.bytes > 0 &&
           b.bytes > 0 && a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
  }

  bool MayShare(const Step& step, size_t in, size_t out) const {
    const Node& node = plan_.graph->node(step.node);
    if (node.op == "Concat" && node.domain.empty()) return IsPieceInPlace(step, in);
    const std::pair pair(static_cast<int>(in), static_cast<int>(out));
    const auto& allowed = step.preparation.in_place;
    return std::find(allowed.begin(), allowed.end(), pair) != allowed.end() &&
           step.inputs[in].offset == step.outputs[out].offset &&
           step.inputs[in].bytes == step.outputs[out].bytes;
  }

  // True if an input of a concatenation lies where the output will have it.
  static bool IsPieceInPlace(const Step& step, size_t in) {
    size_t offset = step.outputs[0].offset;
    for (size_t i = 0; i < in; ++i) offset += step.inputs[i].bytes;
    return step.inputs[in].offset == offset;
  }

  Status Read(size_t step, ValueId id, const Location& at) const {
    if (id == kNoValue) return OkStatus();
    const Value& value = plan_.graph->value(id);
    switch (at.kind) {
      case Location::Kind::kNone:
        return Fail(plan_, step, "an input has no location");
      case Location::Kind::kInput:
      case Location::Kind::kOutput: {
        const auto& bound =
            at.kind == Location::Kind::kInput ? plan_.graph->inputs : plan_.graph->outputs;
        if (at.index >= bound.size() || bound[at.index] != id) {
          return Fail(plan_, step,
                      fmt::format("\"{}\" is read from another value's place", value.name));
        }
        return OkStatus();
      }
      case Location::Kind::kConstant:
        if (!value.constant)
          return Fail(plan_, step, fmt::format("\"{}\" is no constant", value.name));
        return OkStatus();
      case Location::Kind::kArena:
        break;
    }
    size_t covered = at.offset;
    for (const Range& range : ranges_) {
      if (range.owner == id && range.begin <= covered && covered < range.end) covered = range.end;
    }
    if (covered < at.offset + at.bytes) {
      return Fail(plan_, step,
                  fmt::format("\"{}\" was overwritten or never written at [{}, {})", value.name,
                              at.offset, at.offset + at.bytes));
    }
    return OkStatus();
  }

  Status Write(size_t step, ValueId id, const Location& at) {
    if (id == kNoValue) return OkStatus();
    if (at.kind == Location::Kind::kArena) {
      Take(at, id);
      return OkStatus();
    }
    if (at.kind == Location::Kind::kOutput) return OkStatus();
    return Fail(plan_, step, "an output is written to an input, a constant or nowhere");
  }

  void Take(const Location& at, ValueId owner) {
    const size_t begin = at.offset;
    const size_t end = at.offset + at.bytes;
    std::vector<Range> kept;
    for (const Range& range : ranges_) {
      if (range.begin < begin)
        kept.push_back({range.begin, std::min(range.end, begin), range.owner});
      if (range.end > end) kept.push_back({std::max(range.begin, end), range.end, range.owner});
    }
    std::erase_if(kept, [](const Range& range) { return range.begin >= range.end; });
    if (begin < end) kept.push_back({begin, end, owner});
    std::sort(kept.begin(), kept.end(),
              [](const Range& a, const Range& b) { return a.begin < b.begin; });
    ranges_ = std::move(kept);
  }

  const Plan& plan_;
  std::vector<Range> ranges_;
  std::map<ValueId, Format> formats_;  // of what steps have written
};

}  // namespace

Status VerifyPlan(const Plan& plan) {
  if (plan.steps.size() != plan.graph->nodes.size()) {
    return Status(StatusCode::kInternal, fmt::format("plan: expected {} steps, got {}",
                                                     plan.graph->nodes.size(), plan.steps.size()));
  }
  return Replay(plan).Run();
}

}  // namespace assay
