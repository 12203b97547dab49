#!/usr/bin/env python3
"""Runs clang-tidy on the sources of src/, several at a time, and remembers which are clean.

    tools/check_tidy.py [--build FOLDER] [--seconds N] [PATH...]

A file is looked at again only if it, a header of ours that it reaches, its compile command,
.clang-tidy or clang-tidy itself has changed. PATHs limit the check to files that contain one of them.
With --seconds, files that were not begun by then are left for the next run, the most recently changed
ones first; the last line says how many.
"""

import argparse
import functools
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INCLUDE = re.compile(rb'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


@functools.cache
def digest_of(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@functools.cache
def includes_of(path):
    names = INCLUDE.findall(path.read_bytes())
    candidates = (ROOT / base / os.fsdecode(name) for name in names for base in ("src", "include"))
    return [candidate for candidate in candidates if candidate.is_file()]


def reached_from(path):
    seen, todo = set(), [path]
    while todo:
        current = todo.pop()
        if current not in seen:
            seen.add(current)
            todo.extend(includes_of(current))
    return sorted(seen)


def cache_folder():
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(base) / "assay" / "clang-tidy"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def key_of(path, command, settings):
    parts = [settings, command.replace(str(ROOT), "")]
    parts += [f"{file.relative_to(ROOT)} {digest_of(file)}" for file in reached_from(path)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def tidy(path, build, deadline):
    """Whether the file is clean, and the findings; (None, "") if the time is over."""
    if time.monotonic() > deadline:
        return None, ""
    result = subprocess.run(
        ["clang-tidy", "--quiet", "-p", str(build), str(path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return result.returncode == 0, result.stdout or result.stderr


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=Path, default=ROOT / "build/release")
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("paths", nargs="*")
    arguments = parser.parse_args()

    database = arguments.build / "compile_commands.json"
    if not database.is_file():
        sys.exit(f"check_tidy: no {database}: configure first (cmake --preset release)")
    version = subprocess.run(["clang-tidy", "--version"], capture_output=True, text=True, check=True)
    settings = version.stdout + (ROOT / ".clang-tidy").read_text()
    commands = {}
    for entry in json.loads(database.read_text()):
        path = Path(entry["directory"], entry["file"]).resolve()
        wanted = not arguments.paths or any(part in str(path) for part in arguments.paths)
        if path.is_relative_to(ROOT / "src") and not path.stem.endswith("_test") and wanted:
            commands[path] = entry["command"]

    cache = cache_folder()
    stamps = {path: cache / key_of(path, command, settings) for path, command in commands.items()}
    todo = [path for path, stamp in stamps.items() if not stamp.exists()]
    todo.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    start = time.monotonic()
    deadline = start + arguments.seconds
    failed = left = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda path: tidy(path, arguments.build, deadline), todo)
        for path, (clean, output) in zip(todo, results):
            if clean:
                stamps[path].touch()
            elif clean is None:
                left += 1
            else:
                failed += 1
                print(output.replace(f"{ROOT}/", ""), flush=True)
    print(
        f"check_tidy: {len(commands)} files, {len(todo) - left} looked at in "
        f"{time.monotonic() - start:.0f} s, {failed} with findings, {left} left for the next run"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
