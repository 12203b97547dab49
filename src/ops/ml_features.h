#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ops/infer_context.h"
#include "ops/reference_context.h"
#include "ops/type_sets.h"

namespace assay {

// What the operators of ai.onnx.ml share: batches of feature vectors in, scores and labels out.
inline constexpr std::string_view kMlDomain = "ai.onnx.ml";
inline constexpr DTypeSet kFeatureTypes =
    DTypeSet::Of(DType::kFloat32, DType::kFloat64, DType::kInt32, DType::kInt64);
inline constexpr DTypeSet kFloat32Only = DTypeSet::Of(DType::kFloat32);
inline constexpr DTypeSet kLabelTypes = DTypeSet::Of(DType::kInt64, DType::kString);

// Input 0, of shape [N, F] or [F] for a batch of one, in float64.
struct FeatureRows {
  Tensor values;
  int64_t count = 0;
  int64_t features = 0;

  std::span<const double> operator[](int64_t row) const {
    return {values.data<double>().data() + row * features, static_cast<size_t>(features)};
  }
};
Result<FeatureRows> FeatureRowsOf(const ReferenceContext& context);

// N and F as far as inference knows them.
struct SymbolicRows {
  Dim count;
  Dim features;
};
Result<SymbolicRows> InferFeatureRows(const InferContext& context);

// A numeric input in float64.
Result<Tensor> AsDoubles(const ReferenceContext& context, int input);

// The floats of an attribute in float64.
std::vector<double> Doubles(const OpContext& context, std::string_view name);
// The same of a list of floats or, if there is one, of the tensor named NAME_as_tensor.
Result<std::vector<double>> DoublesOrTensor(const OpContext& context, const std::string& name);

// How many sets of `width` coefficients a list holds; an error unless it divides.
Result<int64_t> CountSets(std::string_view name, size_t size, int64_t width);

double Dot(std::span<const double> a, std::span<const double> b);

// The labels of a classifier, integers or strings.
struct ClassLabels {
  std::vector<int64_t> integers;
  std::vector<std::string> strings;

  DType dtype() const { return strings.empty() ? DType::kInt64 : DType::kString; }
  int64_t size() const { return static_cast<int64_t>(integers.size() + strings.size()); }
};
// An error if both attributes are given.
Result<ClassLabels> ClassLabelsOf(const OpContext& context, std::string_view integers,
                                  std::string_view strings);

// Outputs of a classifier: labels of shape [N], scores of shape [N, E].
void InferClasses(InferContext& context, const ClassLabels& labels, const SymbolicRows& rows,
                  Dim scores);
// Writes output 0: the label of every row, given by its position.
void WriteLabels(ReferenceContext& context, const ClassLabels& labels,
                 std::span<const int64_t> positions);

// Position of the first largest score.
int64_t TopScore(std::span<const double> scores);

}  // namespace assay
