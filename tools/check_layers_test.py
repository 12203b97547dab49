#!/usr/bin/env python3
"""Tests of check_layers.py: every rule finds its violation, and nothing else is reported."""

import tempfile
import unittest
from pathlib import Path

from check_layers import Checker

ARCHITECTURE = """
| folder | layer | job |
|---|---|---|
| `src/base` | 1 | a |
| `src/tensor` | 2 | b |
| `src/ir` | 3 | c |
| `src/compare` | 3 | d |
| `src/cli` | 11 | e |
"""
DEPENDENCIES = """
| Library | Version | Licence | Headers | May be used in | Why |
|---|---|---|---|---|---|
| {fmt} | 9 | MIT | `fmt/` | all | w |
| zlib | 1 | Zlib | `zlib.h` | `tensor` | w |
| GoogleTest | 1 | BSD | `gtest/` | `tests` | w |

| What | Version | Licence | Why |
|---|---|---|---|
| CMake | 3 | BSD | w |
"""


class CheckLayersTest(unittest.TestCase):
    def findings(self, files):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder).resolve()
            everything = {
                "ARCHITECTURE.md": ARCHITECTURE,
                "docs/dependencies.md": DEPENDENCIES,
                "src/base/status.h": "#pragma once\n",
                "src/tensor/tensor.h": '#pragma once\n#include "base/status.h"\n',
                "src/ir/graph.h": '#pragma once\n#include "tensor/tensor.h"\n',
                **files,
            }
            for name, text in everything.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            return Checker(root).run()

    def assert_found(self, files, *expected):
        self.assertEqual(self.findings(files), list(expected))

    def test_accepts_lower_layers_and_allowed_libraries(self):
        self.assert_found(
            {
                "src/ir/graph.cc": '#include "ir/graph.h"\n\n#include <fmt/format.h>\n\n#include <vector>\n',
                "src/tensor/npz.cc": "#include <zlib.h>\n",
                "src/tensor/npz_test.cc": "#include <gtest/gtest.h>\n",
                "src/base/file.cc": "#include <unistd.h>\n",
                "src/cli/main.cc": '#include "ir/graph.h"\nint x = printf("%s", std::getenv("A"));\n',
            }
        )

    def test_finds_an_include_of_a_higher_or_equal_layer(self):
        self.assert_found(
            {
                "src/tensor/a.cc": '// first\n#include "ir/graph.h"\n',
                "src/compare/b.cc": '#include "ir/graph.h"\n',
            },
            'src/compare/b.cc:1: compare (layer 3) includes "ir/graph.h" (layer 3) (layer)',
            'src/tensor/a.cc:2: tensor (layer 2) includes "ir/graph.h" (layer 3) (layer)',
        )

    def test_finds_a_link_to_a_higher_layer(self):
        self.assert_found(
            {"src/tensor/CMakeLists.txt": "\nassay_folder(tensor DEPENDS assay_base assay_ir fmt::fmt)\n"},
            "src/tensor/CMakeLists.txt:2: tensor links to ir (layer)",
        )

    def test_finds_a_folder_without_a_layer(self):
        self.assert_found(
            {"src/misc/a.cc": ""},
            'src/misc/a.cc:1: the folder "misc" has no layer in ARCHITECTURE.md (layer)',
        )

    def test_finds_an_include_that_is_no_full_path(self):
        self.assert_found(
            {"src/ir/a.cc": '#include "graph.h"\n'},
            'src/ir/a.cc:1: no file "graph.h" in src/ or include/ (path)',
        )

    def test_finds_a_library_outside_its_folders(self):
        self.assert_found(
            {"src/ir/a.cc": "#include <zlib.h>\n", "src/ir/b.cc": "#include <gtest/gtest.h>\n"},
            "src/ir/a.cc:1: zlib may be used in: tensor (library)",
            "src/ir/b.cc:1: GoogleTest may be used in: tests (library)",
        )

    def test_finds_headers_of_the_system_outside_base(self):
        self.assert_found(
            {"src/cli/a.cc": "#include <sys/stat.h>\n"},
            "src/cli/a.cc:1: <sys/stat.h> is neither standard nor in docs/dependencies.md (system)",
        )

    def test_finds_reads_of_the_environment_outside_cli(self):
        self.assert_found(
            {"src/base/a.cc": 'const char* home = std::getenv("HOME");\n'},
            "src/base/a.cc:1: the environment is read (environment)",
        )

    def test_finds_printing_in_code_but_not_in_comments_and_strings(self):
        self.assert_found(
            {
                "src/ir/a.cc": "// std::cout is not used\n"
                'const char* text = "printf(1)";\n'
                "char quote = '\"'; /* puts(1) */\n"
                "int n = snprintf(buffer, 3, text);\n"
                "void F() { std::cerr << text; }\n"
                'void G() { fmt::print("x"); }\n',
            },
            "src/ir/a.cc:5: writes to the terminal (printing)",
            "src/ir/a.cc:6: writes to the terminal (printing)",
        )

    def test_finds_a_header_without_guard(self):
        self.assert_found(
            {"src/ir/a.h": "// text\n#pragma once\n", "src/ir/b_inl.h": "// text\n"},
            'src/ir/a.h:1: the first line is not "#pragma once" (guard)',
        )

    def test_does_not_pass_without_its_tables(self):
        self.assertEqual(len(self.findings({"ARCHITECTURE.md": "no table\n"})), 1)


if __name__ == "__main__":
    unittest.main()
