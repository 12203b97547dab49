#!/usr/bin/env python3
"""Checks that the source obeys ARCHITECTURE.md (layers) and docs/dependencies.md (libraries).

    tools/check_layers.py [ROOT]

Prints one line per finding, "file:line: what (rule)", and exits 1 if there is any. The rules:

  layer       a folder of src/ includes only folders of lower layers, and links only to them
  path        a quoted include is a full path from src/ or include/ (outside src/: or from the root) of a
              file that exists
  library     a library's header is included only where docs/dependencies.md allows it
  system      headers of the operating system are included only in base/
  environment the environment is read only in cli/
  printing    nothing below report/ and cli/ writes to the terminal
  guard       a header begins with #pragma once, unless it is named *_inl.h (included several times)
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

# The public headers are C as well.
C_HEADERS = frozenset(("stddef.h", "stdint.h"))
STANDARD_HEADERS = frozenset(
    """
    algorithm any array atomic barrier bit bitset cassert ccomplex cctype cerrno cfenv cfloat charconv
    chrono cinttypes climits clocale cmath codecvt compare complex concepts condition_variable coroutine
    csetjmp csignal cstdarg cstddef cstdint cstdio cstdlib cstring ctime cuchar cwchar cwctype deque
    exception execution filesystem format forward_list fstream functional future initializer_list iomanip
    ios iosfwd iostream istream iterator latch limits list locale map memory memory_resource mutex new
    numbers numeric optional ostream queue random ranges ratio regex scoped_allocator semaphore set
    shared_mutex source_location span sstream stack stdexcept stop_token streambuf string string_view
    syncstream system_error thread tuple type_traits typeindex typeinfo unordered_map unordered_set
    utility valarray variant vector version
    """.split()
)

INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)')
ENVIRONMENT = re.compile(r"\b(?:secure_)?(?:getenv|setenv|putenv|unsetenv)\s*\(|\benviron\b")
PRINTING = re.compile(
    r"\bstd::(?:cout|cerr|clog)\b|(?<![\w:])(?:std::)?(?:v?printf|puts|putchar|perror)\s*\("
    r"|\bfmt::print\s*\(|\b(?:stdout|stderr)\b"
)
TEXT = re.compile(
    r"""'(?:[^'\\\n]|\\.)'|"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*.*?\*/|R"\(.*?\)\"""", re.DOTALL
)


@dataclass(frozen=True)
class Library:
    name: str
    headers: tuple
    places: frozenset

    def has(self, header):
        return any(header.startswith(prefix) for prefix in self.headers)


def table_rows(text, first_column):
    """Rows of the Markdown table whose head begins with the given column, as lists of cells."""
    rows = None
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            if rows:
                return rows
            rows = None
        elif cells[0].lower() == first_column:
            rows = []
        elif rows is not None and not set(cells[0]) <= set("-: "):
            rows.append(cells)
    return rows or []


def ticked(cell):
    return re.findall(r"`([^`]+)`", cell)


def read_layers(root):
    rows = table_rows((root / "ARCHITECTURE.md").read_text(), "folder")
    return {ticked(folder)[0].removeprefix("src/"): int(layer) for folder, layer, *_ in rows}


def read_libraries(root):
    rows = table_rows((root / "docs/dependencies.md").read_text(), "library")
    return [
        Library(row[0], tuple(ticked(row[3])), frozenset(ticked(row[4]) or [row[4]])) for row in rows
    ]


class Checker:
    def __init__(self, root):
        self.root = root
        self.layers = read_layers(root)
        self.libraries = read_libraries(root)
        self.findings = []

    def report(self, path, line, message, rule):
        self.findings.append(f"{path.relative_to(self.root)}:{line}: {message} ({rule})")

    def run(self):
        if not self.layers or not self.libraries:
            self.findings.append("ARCHITECTURE.md or docs/dependencies.md: no table found (table)")
            return self.findings
        for top in ("src", "include", "tests", "bench"):
            for path in sorted((self.root / top).rglob("*")):
                if path.suffix in (".h", ".cc", ".cu"):
                    self.check_file(path)
                elif path.name == "CMakeLists.txt" and top == "src":
                    self.check_links(path)
        return self.findings

    def place_of(self, path):
        """The folder of src/ that a file belongs to (None outside), and the names it goes by."""
        parts = path.relative_to(self.root).parts
        folder = parts[1] if parts[0] == "src" and len(parts) > 2 else None
        names = {folder} if folder else {parts[0]}
        if parts[:2] == ("tests", "fuzz"):
            names.add("fuzz")
        if path.stem.endswith("_test"):
            names.add("tests")
        return folder, names

    def check_file(self, path):
        folder, names = self.place_of(path)
        if folder is not None and folder not in self.layers:
            self.report(path, 1, f'the folder "{folder}" has no layer in ARCHITECTURE.md', "layer")
            return
        text = path.read_text()
        for number, line in enumerate(text.splitlines(), 1):
            match = INCLUDE.match(line)
            if match and match.group(1):
                self.check_own_include(path, number, folder, match.group(1))
            elif match:
                self.check_library_include(path, number, names, match.group(2))
        if path.suffix == ".h" and not path.stem.endswith("_inl") and "#pragma once" not in text.splitlines()[:1]:
            self.report(path, 1, 'the first line is not "#pragma once"', "guard")
        if folder is not None and "tests" not in names:
            self.check_code(path, folder, text)

    def check_own_include(self, path, number, folder, header):
        # Files outside src/ may also include each other, by their path from the root.
        bases = ("src", "include") if folder is not None else ("src", "include", ".")
        if not any((self.root / base / header).is_file() for base in bases):
            self.report(path, number, f'no file "{header}" in src/ or include/', "path")
            return
        if folder is None or not (self.root / "src" / header).is_file():
            return
        other = header.split("/")[0]
        if other == folder:
            return
        if self.layers.get(other, 0) >= self.layers[folder]:
            self.report(
                path,
                number,
                f'{folder} (layer {self.layers[folder]}) includes "{header}" (layer {self.layers.get(other)})',
                "layer",
            )

    def check_library_include(self, path, number, names, header):
        if header in STANDARD_HEADERS or (header in C_HEADERS and "include" in path.parts):
            return
        for library in self.libraries:
            if library.has(header):
                if "all" not in library.places and not names & library.places:
                    allowed = ", ".join(sorted(library.places))
                    self.report(path, number, f"{library.name} may be used in: {allowed}", "library")
                return
        if "base" not in names:
            self.report(
                path, number, f"<{header}> is neither standard nor in docs/dependencies.md", "system"
            )

    def check_code(self, path, folder, text):
        # Blanks out comments and strings, keeping the line numbers.
        code = TEXT.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)
        for number, line in enumerate(code.splitlines(), 1):
            if folder != "cli" and ENVIRONMENT.search(line):
                self.report(path, number, "the environment is read", "environment")
            if folder not in ("cli", "report") and PRINTING.search(line):
                self.report(path, number, "writes to the terminal", "printing")

    def check_links(self, path):
        text = re.sub(r"#[^\n]*", "", path.read_text())
        for match in re.finditer(r"assay_folder\(\s*(\w+)\s+DEPENDS\s+([^)]*)\)", text):
            folder = match.group(1)
            number = text.count("\n", 0, match.start()) + 1
            for target in match.group(2).split():
                other = target.removeprefix("assay_")
                if target.startswith("assay_") and self.layers.get(other, 0) >= self.layers[folder]:
                    self.report(path, number, f"{folder} links to {other}", "layer")


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent).resolve()
    findings = Checker(root).run()
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
