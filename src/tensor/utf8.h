#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace assay {

// Appends a code point as UTF-8; false (and nothing appended) for surrogates and values above
// U+10FFFF.
bool AppendUtf8(uint32_t code_point, std::string& out);

// Takes the first code point off `text`, which must not be empty. nullopt if it is not valid UTF-8
// (overlong forms and surrogates included); `text` is then unchanged.
std::optional<uint32_t> TakeUtf8(std::string_view& text);

// Number of code points, or nullopt if the text is not valid UTF-8.
std::optional<size_t> CountUtf8(std::string_view text);

}  // namespace assay
