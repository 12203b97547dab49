#pragma once

#include <string>
#include <string_view>

namespace assay {

// Text of unknown origin (a name from a file) for a message: in double quotes, control characters
// and quotes escaped, and no longer than about `max_bytes` bytes.
std::string Quote(std::string_view text, size_t max_bytes = 200);

// The same, but without quotes for a word of letters, digits and any of _./:-
std::string QuoteUnlessPlain(std::string_view text);

// Such text as it is, but for its control characters, line breaks among them, which are escaped: it
// stays on its line and cannot command a terminal.
std::string Printable(std::string_view text);

}  // namespace assay
