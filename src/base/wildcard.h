#pragma once

#include <string_view>

namespace assay {

// Shell-style patterns as Python's fnmatch reads them: * any text, ? any byte, [abc] [a-z] [!abc]
// one of a set; a [ without its ] stands for itself. Case matters; no character is special in
// `text`.
bool MatchesWildcard(std::string_view pattern, std::string_view text);

// Whether a pattern has any of * ? [ ].
bool HasWildcard(std::string_view pattern);

}  // namespace assay
