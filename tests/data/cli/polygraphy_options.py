#!/usr/bin/env python3
"""Lists the options of Polygraphy's run, one line each: names, number of values, choices.

Needs polygraphy 0.53.6:
    python3 tests/data/cli/polygraphy_options.py > tests/data/cli/polygraphy_options.txt
"""
import argparse

from polygraphy.tools.run.run import Run

NO_VALUES = {
    argparse._StoreTrueAction: "flag",
    argparse._StoreFalseAction: "flag",
    argparse._HelpAction: "flag",
    argparse._CountAction: "count",
}
BY_NARGS = {None: "one", "?": "optional", "+": "one_or_more", "*": "any", 0: "count"}

for action in Run().setup_parser()._actions:
    names = "/".join(action.option_strings) or action.dest
    arity = NO_VALUES.get(type(action)) or BY_NARGS[action.nargs]
    print(names, arity, ",".join(action.choices or []))
