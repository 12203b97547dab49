#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ops/infer_context.h"
#include "ops/op_def.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"

namespace assay {
namespace {

constexpr DTypeSet kFloat32Only = DTypeSet::Of(DType::kFloat32);

constexpr OpSchema kSchemas[] = {
    {.since = 10,
     .also_since = {11},
     .inputs = {{"boxes", kFloat32Only},
                {"scores", kFloat32Only},
                {"max_output_boxes_per_class", kInt64Only, Arity::kOptional},
                {"iou_threshold", kFloat32Only, Arity::kOptional},
                {"score_threshold", kFloat32Only, Arity::kOptional}},
     .outputs = {{"selected_indices", kInt64Only}},
     .attributes = {IntAttribute("center_point_box", 0)}},
};

Status Infer(InferContext& context) {
  // How many boxes are left depends on the data.
  context.SetOutput(0, DType::kInt64, SymbolicShape{Dim::Unknown(), Dim(3)});
  return OkStatus();
}

struct Box {
  double left = 0;
  double right = 0;
  double top = 0;
  double bottom = 0;

  double area() const { return (right - left) * (bottom - top); }
};

Box ReadBox(const double* data, bool center_point) {
  if (center_point) {
    return {data[0] - data[2] / 2, data[0] + data[2] / 2, data[1] - data[3] / 2,
            data[1] + data[3] / 2};
  }
  return {std::min(data[1], data[3]), std::max(data[1], data[3]), std::min(data[0], data[2]),
          std::max(data[0], data[2])};
}

// Intersection over union; 0 for boxes that are empty or do not overlap.
double Overlap(const Box& a, const Box& b) {
  const double width = std::min(a.right, b.right) - std::max(a.left, b.left);
  const double height = std::min(a.bottom, b.bottom) - std::max(a.top, b.top);
  if (!(width > 0 && height > 0 && a.area() > 0 && b.area() > 0)) return 0;
  const double both = width * height;
  return both / (a.area() + b.area() - both);
}

struct Limits {
  int64_t count = 0;
  double overlap = 0;
  std::optional<double> score;
};

// The boxes of one class that stay, best first; ties go by index. A score that is no number comes
// last.
std::vector<int64_t> Select(const std::vector<Box>& boxes, std::span<const double> scores,
                            const Limits& limits) {
  std::vector<int64_t> order;
  for (size_t i = 0; i < scores.size(); ++i) {
    if (!limits.score || scores[i] > *limits.score) order.push_back(static_cast<int64_t>(i));
  }
  const auto key = [&](int64_t i) {
    const double score = scores[static_cast<size_t>(i)];
    return std::isnan(score) ? -std::numeric_limits<double>::infinity() : score;
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t i, int64_t j) { return key(i) > key(j); });
  std::vector<int64_t> selected;
  for (int64_t candidate : order) {
    if (static_cast<int64_t>(selected.size()) >= limits.count) break;
    const bool free = std::all_of(selected.begin(), selected.end(), [&](int64_t other) {
      return Overlap(boxes[static_cast<size_t>(candidate)], boxes[static_cast<size_t>(other)]) <=
             limits.overlap;
    });
    if (free) selected.push_back(candidate);
  }
  return selected;
}

Result<double> ReadScalar(const ReferenceContext& context, int index, std::string_view name) {
  if (context.Input(index).elements() == 1) return context.Doubles(index)[0];
  return OpContext::Invalid(fmt::format("{}: expected one value, got shape {}", name,
                                        context.Input(index).shape().ToString()));
}

Result<Limits> ReadLimits(const ReferenceContext& context) {
  Limits limits;
  if (context.HasInput(2)) {
    if (context.Input(2).elements() != 1) {
      return OpContext::Invalid("max_output_boxes_per_class: expected one value, got shape " +
                                context.Input(2).shape().ToString());
    }
    limits.count = context.IntValues(2)[0];
  }
  if (context.HasInput(3)) {
    ASSAY_ASSIGN_OR_RETURN(limits.overlap, ReadScalar(context, 3, "iou_threshold"));
  }
  if (context.HasInput(4)) {
    ASSAY_ASSIGN_OR_RETURN(limits.score, ReadScalar(context, 4, "score_threshold"));
  }
  return limits;
}

Status Reference(ReferenceContext& context) {
  const Shape& boxes = context.Input(0).shape();
  const Shape& scores = context.Input(1).shape();
  if (boxes.rank() != 3 || scores.rank() != 3 || boxes[2] != 4 || scores[0] != boxes[0] ||
      scores[2] != boxes[1]) {
    return OpContext::Invalid(
        fmt::format("expected boxes (n, m, 4) and scores (n, classes, m), got {} and {}",
                    boxes.ToString(), scores.ToString()));
  }
  ASSAY_ASSIGN_OR_RETURN(const Limits limits, ReadLimits(context));
  const bool center_point = context.Int("center_point_box") != 0;
  std::vector<int64_t> result;
  for (int64_t image = 0; image < boxes[0]; ++image) {
    std::vector<Box> list;
    for (int64_t i = 0; i < boxes[1]; ++i) {
      const double* data = context.Doubles(0).data() + (image * boxes[1] + i) * 4;
      list.push_back(ReadBox(data, center_point));
    }
    for (int64_t c = 0; c < scores[1]; ++c) {
      const auto begin = static_cast<size_t>((image * scores[1] + c) * scores[2]);
      const auto own = context.Doubles(1).subspan(begin, static_cast<size_t>(scores[2]));
      for (int64_t box : Select(list, own, limits)) {
        result.insert(result.end(), {image, c, box});
      }
    }
  }
  const Shape output = {static_cast<int64_t>(result.size()) / 3, 3};
  const auto out = context.AllocateOutput(0, output).mutable_data<int64_t>();
  std::copy(result.begin(), result.end(), out.begin());
  return OkStatus();
}

void Cases(std::vector<OpCase>& cases) {
  const Tensor boxes =
      Tensor::Of<float>({1, 4, 4}, {0, 0, 1, 1, 0, 0.1F, 1, 1.1F, 0, 5, 1, 6, 1, 6, 0, 5});
  const Tensor scores = Tensor::Of<float>({1, 1, 4}, {0.75F, 0.9F, 0.5F, 0.5F});
  const auto ten = Tensor::Vector<int64_t>({10});
  const auto half = Tensor::Vector<float>({0.5F});
  cases.push_back({.name = "overlapping_boxes_go_ties_by_index",
                   .inputs = {boxes, scores, ten, half},
                   .expected = {Tensor::Of<int64_t>({2, 3}, {0, 0, 1, 0, 0, 2})}});
  cases.push_back({.name = "limit",
                   .inputs = {boxes, scores, Tensor::Scalar<int64_t>(1), half},
                   .expected = {Tensor::Of<int64_t>({1, 3}, {0, 0, 1})}});
  cases.push_back({.name = "limit_defaults_to_nothing_opset10",
                   .opset = 10,
                   .inputs = {boxes, scores},
                   .expected = {Tensor::Of<int64_t>({0, 3}, {})}});
  cases.push_back({.name = "score_threshold_is_strict",
                   .inputs = {boxes, scores, ten, Tensor::Vector<float>({1}), half},
                   .expected = {Tensor::Of<int64_t>({2, 3}, {0, 0, 1, 0, 0, 0})}});
  cases.push_back({.name = "overlap_equal_to_the_threshold_stays",
                   .inputs = {Tensor::Of<float>({1, 2, 4}, {0, 0, 1, 1, 0, 0, 1, 0.5F}),
                              Tensor::Of<float>({1, 1, 2}, {2, 1}), ten, half},
                   .expected = {Tensor::Of<int64_t>({2, 3}, {0, 0, 0, 0, 0, 1})}});
  cases.push_back(
      {.name = "center_point_box",
       .attributes = {{"center_point_box", int64_t{1}}},
       .inputs = {Tensor::Of<float>({1, 3, 4}, {0.5F, 0.5F, 1, 1, 0.5F, 0.6F, 1, 1, 9, 9, 1, 1}),
                  Tensor::Of<float>({1, 1, 3}, {1, 3, 2}), ten, half},
       .expected = {Tensor::Of<int64_t>({2, 3}, {0, 0, 1, 0, 0, 2})}});
  cases.push_back(
      {.name = "images_and_classes",
       .inputs = {Tensor::Of<float>({2, 1, 4}, {0, 0, 1, 1, 0, 0, 1, 1}),
                  Tensor::Of<float>({2, 2, 1}, {1, 2, 3, 4}), ten, half},
       .expected = {Tensor::Of<int64_t>({4, 3}, {0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 1, 0})}});
}

}  // namespace

extern const OpDef kNonMaxSuppression;
const OpDef kNonMaxSuppression = {.name = "NonMaxSuppression",
                                  .schemas = kSchemas,
                                  .infer = Infer,
                                  .reference = Reference,
                                  .cases = Cases};

}  // namespace assay
