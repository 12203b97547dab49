#include "cli/command_line.h"

int main(int argc, char** argv) { return assay::RunCommandLine({argv + 1, argv + argc}); }
