#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "tensor/json_cursor.h"
#include "tensor/tensor.h"

namespace assay {

// The classes that Polygraphy marks its JSON objects with.
inline constexpr std::string_view kPolygraphyClassKey = "polygraphy_class";

// Takes the value of a class marker: `key` is "polygraphy_class", or "__polygraphy_encoded_NAME" of
// older releases. Gives the class name, or nullopt, with nothing taken, if `key` is no marker.
Result<std::optional<std::string>> TakeClassMarker(JsonCursor& cursor, std::string_view key);

// Reads an array object, lazy or not, at the cursor. Errors: kInvalidInput, kUnsupported.
Result<Tensor> ParsePolygraphyArray(JsonCursor& cursor);

}  // namespace assay
