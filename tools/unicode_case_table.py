#!/usr/bin/env python3
"""Writes src/ops/unicode_case_table.h: simple case mapping by ranges of code points.

    tools/unicode_case_table.py > src/ops/unicode_case_table.h

The mapping is that of the Unicode version that Python knows, of one code point to one. Python itself
maps some code points to several; for those the simple mapping is taken: the title-case form where it is
one code point, else the code point itself.
"""

import unicodedata

DOTTED_CAPITAL_I = 0x130
SURROGATES = range(0xD800, 0xE000)


def lower(code):
    return ord("i") if code == DOTTED_CAPITAL_I else ord(chr(code).lower())


def upper(code):
    for form in (chr(code).upper(), chr(code).title()):
        if len(form) == 1:
            return ord(form)
    return code


def run_length(pairs, begin, step):
    first, offset = pairs[begin]
    length = 1
    while begin + length < len(pairs) and pairs[begin + length] == (first + length * step, offset):
        length += 1
    return length


def ranges(mapping):
    """Yields (first, last, step, offset) of every run of code points that share an offset."""
    codes = (code for code in range(0x110000) if code not in SURROGATES)
    pairs = [(code, mapping(code) - code) for code in codes if mapping(code) != code]
    begin = 0
    while begin < len(pairs):
        step = max((1, 2), key=lambda candidate: run_length(pairs, begin, candidate))
        length = run_length(pairs, begin, step)
        first, offset = pairs[begin]
        yield first, first + (length - 1) * step, step, offset
        begin += length


def print_table(name, mapping):
    print(f"inline constexpr CaseRange {name}[] = {{")
    for first, last, step, offset in ranges(mapping):
        print(f"    {{0x{first:04X}, 0x{last:04X}, {step}, {offset}}},")
    print("};\n")


def main():
    print("#pragma once\n\n#include <cstdint>\n")
    print("namespace assay {\n")
    print("// Written by tools/unicode_case_table.py.\n")
    print(f"// Simple case mapping of Unicode {unicodedata.unidata_version}, ascending.")
    print("// Every `step`th code point of [first, last] maps to the one `offset` after it.")
    print("struct CaseRange {\n  int32_t first;\n  int32_t last;\n  int32_t step;\n  int32_t offset;\n};\n")
    print_table("kToLower", lower)
    print_table("kToUpper", upper)
    print("}  // namespace assay")


if __name__ == "__main__":
    main()
