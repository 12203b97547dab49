#include "runners/native/requested_profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/near_names.h"
#include "base/quote.h"

namespace assay {
namespace {

Status CheckNames(const Graph& graph, std::string_view option, const NamedShapes& shapes) {
  std::vector<std::string_view> names;
  for (const ValueId id : graph.inputs) names.push_back(graph.value(id).name);
  for (const auto& item : shapes) {
    const std::string& pattern = item.first;
    if (std::ranges::any_of(names, [&](auto name) { return FitsName(pattern, name); })) {
      continue;
    }
    std::string hint = DidYouMean(pattern, names);
    if (hint.empty()) {
      std::vector<std::string> quoted;
      for (const std::string_view name : names) quoted.push_back(Quote(name));
      hint = fmt::format("its inputs are: {}", fmt::join(quoted, ", "));
    }
    return Status(StatusCode::kUsage,
                  fmt::format("{}: the model has no input {}", option, Quote(pattern)), hint);
  }
  return OkStatus();
}

Result<ShapeRange> RangeOfUnnamed(const Value& input, const NamedShapes& input_shapes) {
  if (const Shape* shape = FindShape(input_shapes, input.name)) {
    return ShapeRange{*shape, *shape, *shape};
  }
  if (std::optional<ShapeRange> fixed = FixedRangeOf(input.type)) return *std::move(fixed);
  return Status(StatusCode::kUsage,
                fmt::format("profile: nothing says which shapes input {} has, {}",
                            Quote(input.name), input.type.ToString()),
                "every input with open extents needs --min-shapes and --max-shapes, or one shape "
                "by --input-shapes");
}

Result<ShapeRange> RangeOf(const Value& input, const ProfileRequest& request,
                           const NamedShapes& input_shapes) {
  const Shape* min = FindShape(request.min_shapes, input.name);
  const Shape* opt = FindShape(request.opt_shapes, input.name);
  const Shape* max = FindShape(request.max_shapes, input.name);
  if (min == nullptr && opt == nullptr && max == nullptr) {
    return RangeOfUnnamed(input, input_shapes);
  }
  if (min == nullptr || max == nullptr) {
    std::vector<std::string_view> given;
    std::vector<std::string_view> missing;
    (min == nullptr ? missing : given).push_back("--min-shapes");
    if (opt != nullptr) given.push_back("--opt-shapes");
    (max == nullptr ? missing : given).push_back("--max-shapes");
    return Status(StatusCode::kUsage,
                  fmt::format("profile: input {} has {}, but not {}", Quote(input.name),
                              fmt::join(given, " and "), fmt::join(missing, " and ")),
                  "a profile has a smallest and a largest shape; without --opt-shapes it is tuned "
                  "for the largest");
  }
  return ShapeRange{*min, opt == nullptr ? *max : *opt, *max};
}

}  // namespace

Result<ShapeProfile> RequestedProfile(const Graph& graph, const ProfileRequest& request,
                                      const NamedShapes& input_shapes) {
  if (request.empty()) return ShapeProfile();
  ASSAY_RETURN_IF_ERROR(CheckNames(graph, "--min-shapes", request.min_shapes));
  ASSAY_RETURN_IF_ERROR(CheckNames(graph, "--opt-shapes", request.opt_shapes));
  ASSAY_RETURN_IF_ERROR(CheckNames(graph, "--max-shapes", request.max_shapes));
  ShapeProfile profile;
  for (const ValueId id : graph.inputs) {
    ASSAY_ASSIGN_OR_RETURN(ShapeRange range, RangeOf(graph.value(id), request, input_shapes));
    profile.push_back(std::move(range));
  }
  return profile;
}

}  // namespace assay
