#!/usr/bin/env python3
"""Command-line transcripts: what Polygraphy 0.53.6 printed, and what Assay prints instead.

    transcripts.py check --assay build/release/assay [FILE...]   compare Assay with the transcripts
    transcripts.py accept --assay build/release/assay [FILE...]  rewrite Assay's side of them
    transcripts.py record --polygraphy .../polygraphy [FILE...]  rewrite Polygraphy's side of them
    transcripts.py docs [--write]                                check (write) the list in docs/polygraphy.md

A transcript is a text file:

    # What is shown, in one or more lines.
    $ run scale_shift.onnx --onnxrt         a command, without the name of the program
    = 0                                     its exit code
     |[I] RUNNING | Command: ...            a line of stdout that both programs print
     !...                                   a line of stderr that both programs print
    ~ own-report                            the difference (see differences.json) that explains the next lines
    -|...                                   a line (or exit code: -= 1) of Polygraphy alone
    +|...                                   a line (or exit code: +=1) of Assay alone
    ? arrays in.json                        name, type, shape and digest of every array in a file that was written
    ? json results.json                     a JSON file that was written
    ? tree folder                           names of the files in a folder

Every step runs in the same fresh folder, which holds links to the files of tests/data/cli. Times, dates,
paths and versions are replaced by placeholders. No third-party packages are needed to check.
"""
import argparse
import base64
import difflib
import hashlib
import json
import os
import pathlib
import re
import shlex
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
DATA = ROOT / "tests" / "data" / "cli"
DOCS = ROOT / "docs" / "polygraphy.md"
SKIPPED = 77

NORMALIZATIONS = [
    (re.compile(r"(-N\d+)-\d\d/\d\d/\d\d-\d\d:\d\d:\d\d"), r"\1-<time>"),
    (re.compile(r"Runtime: [\d.]+s"), "Runtime: <seconds>s"),
    (re.compile(r"Command: \S*(polygraphy|assay) "), "Command: <program> "),
    (re.compile(r"(Completed \d+ iteration\(s\) in )\S+( ms \| Average inference time: )\S+( ms)"), r"\1<number>\2<number>\3"),
    (re.compile(r"Inference Time: [\d.]+ ms"), "Inference Time: <number> ms"),
    (re.compile(r"(ONNX Runtime |Assay |assay )\d+\.\d+\.\d+"), r"\1<version>"),
    (re.compile(r"\(\d\d:\d\d:\d\d\)"), "(<clock>)"),
    (re.compile(r"( peak memory )[\d.]+( [KMG]iB)"), r"\1<number>\2"),
    (re.compile(r"( in )[\d.e+-]+( m?s\b)"), r"\1<number>\2"),
]
SET_LINE = re.compile(r"Extra items in|items requested were")
# Lines that depend on the machine that Polygraphy runs on, not on Polygraphy.
DROPPED = re.compile(r"'colored' module is not installed|GPU device discovery|pthread_setaffinity_np")


def normalize(line, folder):
    line = line.replace(str(folder), "<folder>")
    for pattern, replacement in NORMALIZATIONS:
        line = pattern.sub(replacement, line)
    if SET_LINE.search(line):
        line = re.sub(r"\{([^}]*)\}", lambda m: "{" + ", ".join(sorted(m[1].split(", "))) + "}", line)
    return line.rstrip("\n")


class Step:
    """One command with the lines of both programs: (who, stream, text), who in ' -+', stream in '=|!'."""

    def __init__(self, kind, command):
        self.kind = kind
        self.command = command
        self.lines = []
        self.reasons = {}  # index in lines of the first line of a hunk -> id of the difference

    def of(self, who):
        return [(stream, text) for mark, stream, text in self.lines if mark in (" ", who)]


def read_transcript(path):
    title, steps = [], []
    pending = None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip():
            continue
        if line.startswith("#"):
            title.append(line)
        elif line[0] in "$?" and line[1:2] == " ":
            steps.append(Step(line[0], line[2:]))
        elif line.startswith("~ "):
            pending = line[2:].strip()
        elif line[0] in " -+" and line[1:2] in ("=", "|", "!"):
            if pending:
                steps[-1].reasons[len(steps[-1].lines)] = pending
                pending = None
            steps[-1].lines.append((line[0], line[1], line[2:]))
        else:
            sys.exit(f"{path}:{number}: not a line of a transcript: {line}")
    return title, steps


def write_transcript(path, title, steps):
    out = list(title)
    for step in steps:
        out += ["", f"{step.kind} {step.command}"]
        for index, (who, stream, text) in enumerate(step.lines):
            if index in step.reasons:
                out.append(f"~ {step.reasons[index]}")
            out.append(f"{who}{stream}{text}")
    path.write_text("\n".join(out) + "\n")


def describe_npy(data):
    if data[:6] != b"\x93NUMPY":
        return "not npy"
    width, start = (2, 10) if data[6] == 1 else (4, 12)
    length = struct.unpack("<H" if width == 2 else "<I", data[8:start])[0]
    header = data[start : start + length].decode("latin1")
    descr = re.search(r"'descr': '([^']*)'", header)[1]
    shape = re.search(r"'shape': (\([^)]*\))", header)[1]
    return f"{descr} {shape} {hashlib.sha256(data[start + length:]).hexdigest()[:16]}"


def describe_arrays(value, label):
    """Lines for all arrays below a JSON value, in order."""
    lines = []
    if isinstance(value, dict):
        if value.get("polygraphy_class") == "ndarray":
            return [f"{label}: {describe_npy(base64.b64decode(value['array']))}"]
        for key, item in value.items():
            lines += describe_arrays(item, f"{label}/{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            lines += describe_arrays(item, f"{label}/{index}")
    return lines


def round_numbers(value):
    if isinstance(value, float):
        return float(f"{value:.6g}") if value == value and abs(value) != float("inf") else value
    if isinstance(value, dict):
        return {key: round_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [round_numbers(item) for item in value]
    return value


def run_helper(command, folder):
    kind, name = command.split()
    path = folder / name
    if kind == "tree":
        found = sorted(p for p in path.rglob("*") if p.is_file() and not p.is_symlink())
        return [f"{p.relative_to(folder)} {p.stat().st_size if p.suffix == '.bin' else ''}".rstrip() for p in found]
    if kind == "text":
        return [normalize(line, folder) for line in path.read_text().splitlines()]
    if not path.exists():
        return [f"{name}: no such file"]
    value = json.loads(path.read_text())
    if kind == "arrays":
        return [normalize(line, folder) for line in describe_arrays(value, name)]
    if kind == "json":
        return [normalize(line, folder) for line in json.dumps(round_numbers(value), indent=1).splitlines()]
    sys.exit(f"unknown helper: {kind}")


def run_steps(steps, program, folder):
    """Runs all steps of a transcript; returns one list of (stream, text) per step."""
    for path in DATA.iterdir():
        if path.suffix in (".onnx", ".json"):
            os.symlink(path, folder / path.name)
    model = os.environ.get("ASSAY_TEST_DET_MODEL")
    if model:
        os.symlink(model, folder / "PP-OCRv6_det_small.onnx")
    environment = dict(os.environ, PYTHONHASHSEED="0", LC_ALL="C.UTF-8", TZ="UTC", COLUMNS="80")
    results = []
    for step in steps:
        if step.kind == "?":
            results.append([("|", line) for line in run_helper(step.command, folder)])
            continue
        done = subprocess.run([program, *shlex.split(step.command)], cwd=folder, env=environment,
                              capture_output=True, text=True, errors="replace", timeout=300)
        lines = [("=", str(done.returncode))]
        for stream, text in (("|", done.stdout), ("!", done.stderr)):
            for line in text.splitlines():
                line = normalize(line, folder)
                if not DROPPED.search(line):
                    lines.append((stream, line))
        results.append(lines)
    return results


def polygraphy_lines(lines):
    """Tracebacks and usage texts are cut to their last line, Python's warnings dropped: they show Python."""
    kept, inside, skip = [], False, False
    last_error = None
    for stream, text in lines:
        if stream == "!" and skip:
            skip = False
            continue
        if stream == "!" and re.search(r"\.py:\d+: \w*Warning: ", text):
            skip = True
            continue
        if stream == "!" and text.startswith(("Traceback", "usage:")):
            inside = True
        if not inside:
            kept.append((stream, text))
        elif re.match(r"[\w.]*(Error|Exception)\b|polygraphy[\w ]*: error|[\w.]+\.[A-Z]\w+: ", text):
            last_error = (stream, text)
    return kept + ([last_error] if last_error else [])


def load_differences():
    return json.loads((HERE / "differences.json").read_text())


def explain(hunk, differences):
    """The id of the first difference whose patterns match all lines of a hunk."""
    for difference in differences:
        patterns = [re.compile(p) for p in difference.get("lines", [])]
        if patterns and all(any(p.search(f"{who}{stream}{text}") for p in patterns) for who, stream, text in hunk):
            return difference["id"]
    return "UNEXPLAINED"


def merge(step, theirs, ours, differences):
    """Fills a step with both sides, keeping the explanations of hunks that did not change."""
    known = {}
    for index, reason in step.reasons.items():
        hunk = []
        for position in range(index, len(step.lines)):
            if step.lines[position][0] == " " or (position != index and position in step.reasons):
                break
            hunk.append(step.lines[position])
        known[tuple(hunk)] = reason
    old_reasons = [step.reasons[i] for i in sorted(step.reasons)]
    step.lines, step.reasons = [], {}
    matcher = difflib.SequenceMatcher(None, theirs, ours, autojunk=False)
    for kind, a0, a1, b0, b1 in matcher.get_opcodes():
        if kind == "equal":
            step.lines += [(" ", *line) for line in theirs[a0:a1]]
            continue
        hunk = [("-", *line) for line in theirs[a0:a1]] + [("+", *line) for line in ours[b0:b1]]
        reason = known.get(tuple(hunk)) or explain(hunk, differences)
        if reason == "UNEXPLAINED" and len(set(old_reasons)) == 1:
            reason = old_reasons[0]
        step.reasons[len(step.lines)] = reason
        step.lines += hunk


def command_record(arguments):
    differences = load_differences()
    for path in arguments.files:
        title, steps = read_transcript(path)
        with tempfile.TemporaryDirectory() as folder:
            results = run_steps(steps, arguments.polygraphy, pathlib.Path(folder).resolve())
        for step, lines in zip(steps, results):
            ours = step.of("+") if step.lines else polygraphy_lines(lines)
            merge(step, polygraphy_lines(lines), ours, differences)
        write_transcript(path, title, steps)


def command_accept(arguments):
    differences = load_differences()
    for path in arguments.files:
        title, steps = read_transcript(path)
        with tempfile.TemporaryDirectory() as folder:
            results = run_steps(steps, arguments.assay, pathlib.Path(folder).resolve())
        for step, lines in zip(steps, results):
            merge(step, step.of("-"), lines, differences)
        write_transcript(path, title, steps)
        unexplained = sum(reason == "UNEXPLAINED" for step in steps for reason in step.reasons.values())
        if unexplained:
            print(f"{path.name}: {unexplained} unexplained difference(s)")


def command_check(arguments):
    known = {difference["id"] for difference in load_differences()}
    failed = []
    for path in arguments.files:
        _, steps = read_transcript(path)
        if "PP-OCRv6" in path.read_text() and not os.environ.get("ASSAY_TEST_DET_MODEL"):
            print(f"{path.name}: skipped, ASSAY_TEST_DET_MODEL names no model")
            return SKIPPED
        problems = []
        for step in steps:
            for reason in step.reasons.values():
                if reason not in known:
                    problems.append(f"$ {step.command}\n  difference not in differences.json: {reason}")
            explained = False
            for index, (who, stream, text) in enumerate(step.lines):
                explained = who != " " and (index in step.reasons or explained)
                if who != " " and not explained:
                    problems.append(f"$ {step.command}\n  no reason given for: {who}{stream}{text}")
        with tempfile.TemporaryDirectory() as folder:
            results = run_steps(steps, arguments.assay, pathlib.Path(folder).resolve())
        for step, lines in zip(steps, results):
            expected = [stream + text for stream, text in step.of("+")]
            actual = [stream + text for stream, text in lines]
            if expected != actual:
                diff = difflib.unified_diff(expected, actual, "expected", "printed", lineterm="")
                problems.append("\n".join([f"{step.kind} {step.command}", *diff]))
        if problems:
            failed.append(path.name)
            print(f"==== {path.name}")
            print("\n".join(problems))
    if failed:
        print(f"{len(failed)} of {len(arguments.files)} transcript(s) differ: {', '.join(failed)}")
    return 1 if failed else 0


def command_docs(arguments):
    """The list of differences in docs/polygraphy.md is made from the transcripts, so it cannot drift."""
    shown = {}
    for path in sorted((HERE / "transcripts").glob("*.transcript")):
        _, steps = read_transcript(path)
        for step in steps:
            for reason in step.reasons.values():
                shown.setdefault(reason, {})[path.stem] = True
    differences = load_differences()
    problems = [f"explains nothing in any transcript: {d['id']}" for d in differences if d["id"] not in shown]
    known = {d["id"] for d in differences}
    problems += [f"not in differences.json: {reason}" for reason in shown if reason not in known]
    lines = []
    for difference in differences:
        names = ", ".join(f"`{name}`" for name in shown.get(difference["id"], {}))
        lines += [f"### {difference['title']}", "", difference["reason"], "", f"Shown in: {names}.", ""]
    begin, end = "<!-- differences: begin -->", "<!-- differences: end -->"
    text = DOCS.read_text()
    head, _, rest = text.partition(begin)
    _, _, tail = rest.partition(end)
    wanted = head + begin + "\n\n" + "\n".join(lines) + "\n" + end + tail
    if arguments.write:
        DOCS.write_text(wanted)
    elif wanted != text:
        problems.append(f"{DOCS.name} does not list what the transcripts show: run tests/cli/transcripts.py docs --write")
    print("\n".join(problems))
    return 1 if problems else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=["check", "accept", "record", "docs"])
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    parser.add_argument("--assay", type=lambda p: str(pathlib.Path(p).resolve()))
    parser.add_argument("--polygraphy", type=lambda p: str(pathlib.Path(p).absolute()))
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_intermixed_args()
    arguments.files = arguments.files or sorted((HERE / "transcripts").glob("*.transcript"))
    actions = {"check": command_check, "accept": command_accept, "record": command_record, "docs": command_docs}
    sys.exit(actions[arguments.action](arguments))


if __name__ == "__main__":
    main()
