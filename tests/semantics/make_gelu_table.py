#!/usr/bin/env python3
"""Writes gelu_table.h: both forms of Gelu at float32 numbers, in 60 digits and rounded once.

    tests/semantics/make_gelu_table.py > tests/semantics/gelu_table.h
"""

import struct
from decimal import Decimal, getcontext

getcontext().prec = 100
PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798")


def float32(x):
    return struct.unpack("f", struct.pack("f", x))[0]


def erf(z):
    """By its Taylor series."""
    term, total, n = z, z, 0
    while abs(term) > Decimal(10) ** -90:
        n += 1
        term *= -z * z / n
        total += term / (2 * n + 1)
    return 2 * total / PI.sqrt()


def gelu_erf(x):
    x = Decimal(x)
    return x * (1 + erf(x / Decimal(2).sqrt())) / 2


def gelu_tanh(x):
    x = Decimal(x)
    z = (2 / PI).sqrt() * (x + Decimal("0.044715") * x**3)
    return x / (1 + (-2 * z).exp())


def main():
    xs = [0.01, 0.1, 0.5, 1.0, 1.5, 2.0, 2.5, 2.7, 3.0, 4.0, 5.0, 6.0]
    print("#pragma once\n\n// Written by make_gelu_table.py.\n\nnamespace assay::test {\n")
    print("// x is a float32 number; the others are the two forms of Gelu, each rounded once.")
    print("struct GeluRow {\n  double x, erf, tanh;\n};\n")
    print("inline constexpr GeluRow kGeluTable[] = {")
    for x in [-x for x in reversed(xs)] + xs:
        x = float32(x)
        print(f"    {{{x!r}, {float(gelu_erf(x))!r}, {float(gelu_tanh(x))!r}}},")
    print("};\n\n}  // namespace assay::test")


main()
