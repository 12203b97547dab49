#pragma once

#include <string>

#include "ops/ml_features.h"
#include "ops/ml_forest.h"

namespace assay {

// What TreeEnsembleClassifier and TreeEnsembleRegressor share: trees whose nodes, leaves too, are
// named by a tree's number and their own, and whose votes refer to those names.

// The attributes of nodes; version 3 added the tensors.
inline constexpr AttributeDef kBaseValues =
    OptionalAttribute("base_values", AttributeKind::kFloats);
inline constexpr AttributeDef kBaseValuesTensor =
    OptionalAttribute("base_values_as_tensor", AttributeKind::kTensor);
inline constexpr AttributeDef kNodesFalse =
    OptionalAttribute("nodes_falsenodeids", AttributeKind::kInts);
inline constexpr AttributeDef kNodesFeatures =
    OptionalAttribute("nodes_featureids", AttributeKind::kInts);
inline constexpr AttributeDef kNodesHitrates =
    OptionalAttribute("nodes_hitrates", AttributeKind::kFloats);
inline constexpr AttributeDef kNodesHitratesTensor =
    OptionalAttribute("nodes_hitrates_as_tensor", AttributeKind::kTensor);
inline constexpr AttributeDef kNodesMissing =
    OptionalAttribute("nodes_missing_value_tracks_true", AttributeKind::kInts);
inline constexpr AttributeDef kNodesModes =
    OptionalAttribute("nodes_modes", AttributeKind::kStrings);
inline constexpr AttributeDef kNodesIds = OptionalAttribute("nodes_nodeids", AttributeKind::kInts);
inline constexpr AttributeDef kNodesTrees =
    OptionalAttribute("nodes_treeids", AttributeKind::kInts);
inline constexpr AttributeDef kNodesTrue =
    OptionalAttribute("nodes_truenodeids", AttributeKind::kInts);
inline constexpr AttributeDef kNodesValues =
    OptionalAttribute("nodes_values", AttributeKind::kFloats);
inline constexpr AttributeDef kNodesValuesTensor =
    OptionalAttribute("nodes_values_as_tensor", AttributeKind::kTensor);
inline constexpr AttributeDef kPostTransform = StringAttribute("post_transform", "NONE");

// Reads nodes, and votes from the attributes PREFIX_treeids, PREFIX_nodeids, PREFIX_ids and
// PREFIX_weights. The first node of a tree is its root.
Result<Forest> ListedForestOf(const OpContext& context, const std::string& prefix, int64_t targets);

}  // namespace assay
