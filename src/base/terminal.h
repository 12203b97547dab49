#pragma once

namespace assay {

enum class StandardStream { kOutput, kError };

// True if the stream is a terminal that a person looks at.
bool IsTerminal(StandardStream stream);

// Columns of the terminal behind a stream; 80 if it is none.
int TerminalColumns(StandardStream stream);

}  // namespace assay
