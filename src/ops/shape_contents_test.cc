// Shapes that a model computes from shapes stay known during inference.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ir/model_builder.h"
#include "ops/infer_graph.h"

namespace assay {
namespace {

// A model whose input "x" of shape (N, 12) has gone through Shape.
struct ShapeModel {
  ModelBuilder builder{17};
  ValueId shape = kNoValue;

  ShapeModel() {
    const ValueId x = builder.Input("x", DType::kFloat32, {Dim::Symbol("N"), 12});
    shape = builder.Add("Shape", {x}, "shape");
  }
  ValueId Ints(const std::string& name, std::vector<int64_t> values) {
    return builder.Constant(name, Tensor::Vector<int64_t>(values));
  }
  // The shape of a tensor that is made with `contents` as its shape, as text.
  std::string Expanded(ValueId contents) {
    const ValueId filled = builder.Add("ConstantOfShape", {contents}, "filled");
    builder.Output(filled);
    const Status status = InferGraph(builder.graph());
    if (!status.ok()) return status.ToString();
    const ValueType& type = builder.graph().value(filled).type;
    return type.shape ? ToString(*type.shape) : "rank unknown";
  }
};

TEST(ShapeContents, PassIdentityAndCastsBetweenIntegers) {
  ShapeModel model;
  const ValueId narrow = model.builder.Add("Cast", {model.shape}, "narrow", {{"to", int64_t{6}}});
  const ValueId same = model.builder.Add("Identity", {narrow}, "same");
  const ValueId wide = model.builder.Add("Cast", {same}, "wide", {{"to", int64_t{7}}});
  EXPECT_EQ(model.Expanded(wide), "(N, 12)");
}

TEST(ShapeContents, GoThroughArithmetic) {
  ShapeModel model;
  const ValueId twos = model.Ints("twos", {2});
  const ValueId product = model.builder.Add("Mul", {model.shape, twos}, "product");
  const ValueId sum = model.builder.Add("Add", {product, model.Ints("ones", {1, 1})}, "sum");
  const ValueId half = model.builder.Add("Div", {sum, twos}, "half");
  EXPECT_EQ(model.Expanded(half), "(floor((2*N + 1)/2), 12)");
}

TEST(ShapeContents, DivisionOfKnownNumbersRoundsTowardZero) {
  ShapeModel model;
  const ValueId quotient =
      model.builder.Add("Div", {model.Ints("a", {-7}), model.Ints("b", {2})}, "quotient");
  const ValueId positive = model.builder.Add("Neg", {quotient}, "positive");
  EXPECT_EQ(model.Expanded(positive), "(3,)");
}

TEST(ShapeContents, RemaindersHaveTheSignThatTheModelAsksFor) {
  for (const int64_t fmod : {0, 1}) {
    ShapeModel model;
    const ValueId remainder = model.builder.Add(
        "Mod", {model.Ints("a", {7, 8}), model.Ints("b", {-4, -8})}, "remainder", {{"fmod", fmod}});
    const ValueId shape =
        model.builder.Add("Add", {remainder, model.Ints("ones", {1, 1})}, "shape");
    EXPECT_EQ(model.Expanded(shape), fmod == 0 ? "(0, 1)" : "(4, 1)");
  }
}

TEST(ShapeContents, AreUnknownWhereTheTypeWraps) {
  for (const uint8_t subtrahend : {uint8_t{2}, uint8_t{250}}) {
    ModelBuilder builder(17);
    const ValueId a = builder.Constant("a", Tensor::Vector<uint8_t>({5}));
    const ValueId b = builder.Constant("b", Tensor::Vector<uint8_t>({subtrahend}));
    const ValueId difference = builder.Add("Sub", {a, b}, "difference");
    builder.Output(difference);
    std::vector<InferredContents> contents;
    ASSERT_TRUE(InferGraph(builder.graph(), {}, nullptr, &contents).ok());
    const InferredContents& found = contents[static_cast<size_t>(difference)];
    EXPECT_EQ(found.has_value(), subtrahend == 2);
  }
}

TEST(ShapeContents, DivisionByZeroIsDefined) {
  ShapeModel model;
  const ValueId quotient = model.builder.Add(
      "Div", {model.Ints("a", {7, INT64_MIN}), model.Ints("b", {0, -1})}, "quotient");
  const ValueId kept = model.builder.Add("Max", {quotient, model.Ints("zero", {0})}, "kept");
  EXPECT_EQ(model.Expanded(kept), "(0, 0)");
}

TEST(ShapeContents, WhereKeepsExtentsThatAreNotMinusOne) {
  ShapeModel model;
  const ValueId minus_one = model.Ints("minus_one", {-1});
  const ValueId ones = model.Ints("ones", {1, 1});
  const ValueId wanted = model.builder.Add(
      "Where",
      {model.builder.Add("Equal", {model.Ints("given", {-1, 5}), minus_one}, "unset"), model.shape,
       model.Ints("given_again", {-1, 5})},
      "wanted");
  const ValueId negative = model.builder.Add("Equal", {wanted, minus_one}, "negative");
  EXPECT_EQ(model.Expanded(model.builder.Add("Where", {negative, ones, wanted}, "chosen")),
            "(N, 5)");
}

TEST(ShapeContents, WhereOfAnUnknownConditionIsUnknownUnlessBothAgree) {
  ShapeModel model;
  const ValueId condition = model.builder.Input("condition", DType::kBool, {2});
  const ValueId other = model.Ints("other", {7, 12});
  EXPECT_EQ(model.Expanded(model.builder.Add("Where", {condition, model.shape, other}, "chosen")),
            "(?, 12)");
}

TEST(ShapeContents, MaxAndMinOfKnownNumbers) {
  ShapeModel model;
  const ValueId most =
      model.builder.Add("Max", {model.Ints("a", {1, 9}), model.Ints("b", {4})}, "most");
  EXPECT_EQ(model.Expanded(model.builder.Add("Min", {most, model.Ints("c", {8, 8})}, "least")),
            "(4, 8)");
}

TEST(ShapeContents, RangeCountsKnownNumbers) {
  ShapeModel model;
  const auto scalar = [&](const char* name, int64_t value) {
    return model.builder.Constant(name, Tensor::Scalar<int64_t>(value));
  };
  EXPECT_EQ(model.Expanded(model.builder.Add(
                "Range", {scalar("start", 5), scalar("limit", -1), scalar("delta", -2)}, "range")),
            "(5, 3, 1)");
}

TEST(ShapeContents, RangeUpToASymbolHasItsExtent) {
  ShapeModel model;
  ModelBuilder& builder = model.builder;
  const ValueId n = builder.Add(
      "Gather", {model.shape, builder.Constant("zero", Tensor::Scalar<int64_t>(0))}, "n");
  const ValueId range = builder.Add("Range",
                                    {builder.Constant("start", Tensor::Scalar<int64_t>(1)), n,
                                     builder.Constant("one", Tensor::Scalar<int64_t>(1))},
                                    "range");
  builder.Output(range);
  ASSERT_TRUE(InferGraph(builder.graph()).ok());
  EXPECT_EQ(ToString(*builder.graph().value(range).type.shape), "(N - 1,)");
}

TEST(ShapeContents, ConstantOfShapeFillsShapes) {
  ShapeModel model;
  const ValueId fours = model.builder.Add("ConstantOfShape", {model.Ints("two", {2})}, "fours",
                                          {{"value", Tensor::Vector<int64_t>({4})}});
  EXPECT_EQ(model.Expanded(fours), "(4, 4)");
}

TEST(LegacyBroadcast, GivesTheShapeOfTheFirstOperand) {
  ModelBuilder builder(6);
  const ValueId a = builder.Input("a", DType::kFloat32, {2, Dim::Symbol("C"), 4});
  const ValueId b = builder.Input("b", DType::kFloat32, {Dim::Symbol("C")});
  const ValueId sum =
      builder.Add("Add", {a, b}, "sum", {{"axis", int64_t{1}}, {"broadcast", int64_t{1}}});
  builder.Output(sum);
  ASSERT_TRUE(InferGraph(builder.graph()).ok());
  EXPECT_EQ(ToString(*builder.graph().value(sum).type.shape), "(2, C, 4)");
}

}  // namespace
}  // namespace assay
