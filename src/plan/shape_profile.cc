#include "plan/shape_profile.h"

#include <fmt/format.h>

#include <algorithm>

namespace assay {
namespace {

bool IsAtMost(const Shape& a, const Shape& b) {
  if (a.rank() != b.rank()) return false;
  for (int axis = 0; axis < a.rank(); ++axis) {
    if (a[axis] > b[axis]) return false;
  }
  return true;
}

std::string Describe(const ShapeRange& range) {
  if (range.is_fixed()) return range.min.ToString();
  return fmt::format("{} to {}", range.min.ToString(), range.max.ToString());
}

}  // namespace

bool ShapeRange::Contains(const Shape& shape) const {
  return IsAtMost(min, shape) && IsAtMost(shape, max);
}

std::string ShapeRange::ToString() const {
  return is_fixed() ? min.ToString()
                    : fmt::format("{}, tuned for {}", Describe(*this), opt.ToString());
}

bool FitsDeclared(const std::optional<SymbolicShape>& declared, const Shape& shape) {
  if (!declared) return true;
  if (declared->size() != static_cast<size_t>(shape.rank())) return false;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    const Dim& dim = (*declared)[static_cast<size_t>(axis)];
    if (dim.IsKnown() && dim.value() != shape[axis]) return false;
  }
  return true;
}

bool IsFixed(const ShapeProfile& profile) {
  return std::ranges::all_of(profile, [](const ShapeRange& range) { return range.is_fixed(); });
}

std::vector<Shape> TunedShapes(const ShapeProfile& profile) {
  std::vector<Shape> shapes;
  for (const ShapeRange& range : profile) shapes.push_back(range.opt);
  return shapes;
}

std::optional<ShapeRange> FixedRangeOf(const ValueType& input) {
  if (input.kind != ValueType::Kind::kTensor) return ShapeRange{};
  const std::optional<Shape> shape = input.shape ? ToConcrete(*input.shape) : std::nullopt;
  if (!shape) return std::nullopt;
  return ShapeRange{*shape, *shape, *shape};
}

ShapeProfile FixedProfileOf(const Graph& graph) {
  ShapeProfile profile;
  for (ValueId id : graph.inputs) {
    std::optional<ShapeRange> range = FixedRangeOf(graph.value(id).type);
    if (!range) return {};
    profile.push_back(*std::move(range));
  }
  return profile;
}

Status CheckProfile(const Graph& graph, const ShapeProfile& profile) {
  if (profile.size() != graph.inputs.size()) {
    return Status(StatusCode::kUsage, fmt::format("profile: expected shapes of {} inputs, got {}",
                                                  graph.inputs.size(), profile.size()));
  }
  for (size_t i = 0; i < profile.size(); ++i) {
    const Value& value = graph.value(graph.inputs[i]);
    const ShapeRange& range = profile[i];
    if (value.type.kind != ValueType::Kind::kTensor) {
      if (range == ShapeRange{}) continue;
      return Status(
          StatusCode::kUsage,
          fmt::format("profile of input \"{}\": expected no shape, since it is {}, got {}",
                      value.name, value.type.ToString(), range.ToString()));
    }
    if (!IsAtMost(range.min, range.opt) || !IsAtMost(range.opt, range.max)) {
      return Status(StatusCode::kUsage,
                    fmt::format("profile of input \"{}\": expected min <= opt <= max in every "
                                "extent, got {}, {}, {}",
                                value.name, range.min.ToString(), range.opt.ToString(),
                                range.max.ToString()));
    }
    for (const Shape* shape : {&range.min, &range.opt, &range.max}) {
      if (FitsDeclared(value.type.shape, *shape)) continue;
      return Status(StatusCode::kUsage,
                    fmt::format("profile of input \"{}\": expected shapes that fit {}, got {}",
                                value.name, ToString(*value.type.shape), shape->ToString()));
    }
  }
  return OkStatus();
}

Status CheckShapes(const Graph& graph, const ShapeProfile& profile,
                   const std::vector<Shape>& shapes) {
  for (size_t i = 0; i < profile.size() && i < shapes.size(); ++i) {
    if (profile[i].Contains(shapes[i])) continue;
    return Status(
        StatusCode::kUsage,
        fmt::format("shape of input \"{}\" is outside the engine's profile: expected {}, "
                    "got {}",
                    graph.value(graph.inputs[i]).name, Describe(profile[i]), shapes[i].ToString()),
        "build an engine whose minimum and maximum shapes take it in");
  }
  return OkStatus();
}

}  // namespace assay
