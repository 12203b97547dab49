#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace assay {

// The shortest decimal text that reads back as the same double, laid out as Python's repr: "0.001",
// "1e-05", "1.0", "inf", "-inf", "nan".
std::string PythonRepr(double value);

// A whole text as a double: decimal or scientific, "inf", "infinity", "nan" in any case, with an
// optional sign; spaces around it are ignored. Independent of the locale. nullopt for anything
// else.
std::optional<double> ParseDouble(std::string_view text);

}  // namespace assay
