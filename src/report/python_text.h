#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "ir/graph.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace assay {

// Texts laid out as Python prints the same things, since people and scripts know the logs of
// Polygraphy that way.

// A number with `digits` significant digits, as Python's "{:.5g}": "0.001", "1e-05", "nan", "inf".
std::string GeneralNumber(double value, int digits = 5);
// The same rounded upward, so that the text never says less than the value; more digits where the
// rounding would leave the range of numbers.
std::string GeneralNumberUp(double value, int digits = 5);
// The same with as many digits beyond five as it takes to give the value itself.
std::string ExactNumber(double value);
// A string as repr() quotes it: 'y', "it's".
std::string PythonString(std::string_view text);
// ['a', 'b'].
std::string PythonStringList(std::span<const std::string> items);
// {'a', 'b'}, sorted.
std::string PythonSet(const std::set<std::string>& items);
// Extents of a shape: (1, 3), (4,), (); symbols as strings, unknown extents as None: ('N', 3,
// None).
std::string PythonTuple(const SymbolicShape& shape);
// The index of a flat element in a shape, as a tuple; "0" where there is no element.
std::string IndexTuple(int64_t flat_index, const Shape& shape);

// One tensor of a list of inputs or outputs; an unknown type or shape is left out.
struct TensorLine {
  std::string name;
  DType dtype = DType::kUndefined;
  std::optional<SymbolicShape> shape;
};
// "{x [dtype=float32, shape=(1, 3)],\n y [...]}".
std::string TensorList(std::span<const TensorLine> tensors);

// Every line of a text behind four spaces per level, as blocks stand below a heading. Blank lines
// too.
std::string IndentBlock(std::string_view text, int levels = 1);

}  // namespace assay
