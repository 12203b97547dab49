#!/usr/bin/env python3
"""Prints one line for each comparison in reports of `assay run --report`.

    tools/summarize_reports.py LABEL=REPORT.json...
"""

import json
import sys


def lines_of(label, report):
    for pair in report["pairs"]:
        for iteration in pair["iterations"]:
            for output in iteration["outputs"]:
                tolerance, metrics = output["tolerance"], output["metrics"]
                yield (
                    label,
                    output["verdict"].upper(),
                    f"abs {tolerance['absolute']:g}, rel {tolerance['relative']:g}",
                    f"{metrics['max_abs']:.3g}",
                    f"{metrics['relative_l2']:.3g}",
                )


def main():
    rows = [("input", "verdict", "tolerance", "max abs error", "relative L2 error")]
    for argument in sys.argv[1:]:
        label, _, path = argument.partition("=")
        with open(path, encoding="utf-8") as file:
            rows.extend(lines_of(label, json.load(file)))
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


if __name__ == "__main__":
    main()
