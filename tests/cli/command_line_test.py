#!/usr/bin/env python3
"""Tests of the program as a process: exit codes, signals, full disks, files, generated pages.

    command_line_test.py build/release/assay [unittest options]
"""
import array
import json
import math
import os
import pathlib
import pty
import re
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import unittest
import zipfile

ASSAY = pathlib.Path(sys.argv[1]).resolve()
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DATA = ROOT / "tests" / "data" / "cli"


def ramp(*shape, code="f"):
    """The bytes of a .npy file of 0, 1, 2, ... as float32 or float64."""
    header = str({"descr": "<" + {"f": "f4", "d": "f8"}[code], "fortran_order": False, "shape": shape}) + "\n"
    data = array.array(code, range(math.prod(shape)))
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + data.tobytes()


def onnx_model(extents, nodes, *outputs):
    """The bytes of an ONNX model: from x, float32 of the given extents, through (op, inputs, output) nodes."""
    def field(number, value):
        if isinstance(value, int):
            return bytes([number << 3, value])
        data = value.encode() if isinstance(value, str) else value
        size = len(data)
        return bytes([number << 3 | 2]) + (bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])) + data

    shape = b"".join(field(1, field(1, e) if isinstance(e, int) else field(2, e)) for e in extents)
    x = field(1, "x") + field(2, field(1, field(1, 1) + field(2, shape)))
    y = b"".join(field(12, field(1, output) + field(2, field(1, field(1, 1)))) for output in outputs)
    graph = b"".join(field(1, b"".join(field(1, i) for i in inputs) + field(2, out) + field(3, "make_" + out) +
                           field(4, op)) for op, inputs, out in nodes)
    graph += field(2, "graph") + field(11, x) + y
    return field(1, 8) + field(8, field(1, "") + field(2, 17)) + field(7, graph)


class CommandLineTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def run_assay(self, *words, **options):
        return subprocess.run([ASSAY, *map(str, words)], cwd=self.folder, capture_output=True, text=True,
                              timeout=120, **options)

    def files(self):
        return sorted(str(p.relative_to(self.folder)) for p in self.folder.rglob("*") if p.is_file())


class Interrupts(CommandLineTest):
    """Ctrl-C keeps what is finished."""

    def interrupt(self, *words, until):
        process = subprocess.Popen([ASSAY, *map(str, words)], cwd=self.folder, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        deadline = time.time() + 60
        while not until() and time.time() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def test_a_folder_of_outputs_holds_the_finished_iterations(self):
        code, out, err = self.interrupt(
            "run", DATA / "scale_shift.onnx", "--onnxrt", "--onnxrt", "--iterations", "1000000", "-q",
            "--save-outputs", "out", until=lambda: (self.folder / "out" / "0000000003.json").exists())
        self.assertEqual(code, 130, err)
        self.assertRegex(out, r"\[W\] Interrupted: \d+ iteration\(s\) were finished of 1000000 and compared, "
                              r"the rest was not\. What was to be saved is saved for those\.")
        self.assertRegex(out, r"Accuracy Summary \| .* \| Passed: (\d+)/\1 iterations \| Pass Rate: 100.00%")
        for name in self.files():
            self.assertRegex(name, r"^out/\d{10}\.json$")
            self.assertEqual(len(json.loads((self.folder / name).read_text())["lst"]), 2)

    def test_a_single_file_holds_the_finished_iterations(self):
        code, out, err = self.interrupt(
            "run", DATA / "scale_shift.onnx", "--onnxrt", "--iterations", "1000000", "-q", "--save-outputs",
            "out.json", "--save-inputs", "in", "--report", "report.json",
            until=lambda: (self.folder / "in" / "0000000005.json").exists())
        self.assertEqual(code, 130, err)
        runs = json.loads((self.folder / "out.json").read_text())["lst"]
        self.assertGreaterEqual(len(runs[0][1]), 5)
        report = json.loads((self.folder / "report.json").read_text())
        self.assertTrue(report["interrupted"])
        self.assertEqual(report["verdict"], "interrupted")
        self.assertEqual(report["reasons"], ["the run was interrupted: %d of 1000000 iteration(s) were finished"
                                             % report["iterations"]])
        self.assertGreaterEqual(len(report["inputs"]["hashes"]), 5)

    def test_runners_one_after_the_other_keep_what_each_finished(self):
        log = self.folder / "log.txt"
        log.write_text("")
        code, out, err = self.interrupt(
            "run", DATA / "wide.onnx", "--onnxrt", "--onnxrt", "--onnxrt", "--iterations", "5000", "-q",
            "--log-file", log, "--sequential-runners", "--save-outputs", "out.json", "--report", "report.json",
            "-v", until=lambda: log.read_text().count("Activating") == 2)
        self.assertEqual(code, 130, out[-2000:] + err)
        runs = json.loads((self.folder / "out.json").read_text())["lst"]
        # The second runner was at work or about to begin.
        self.assertIn(len(runs), (1, 2))
        self.assertEqual(len(runs[0][1]), 5000)
        second = len(runs[1][1]) if len(runs) == 2 else 0
        self.assertRegex(out, r"Interrupted: 0 iteration\(s\) of 5000 were compared\.\n"
                              r" +onnxrt-runner-N0-\S+ finished 5000 of 5000\.\n"
                              r" +onnxrt-runner-N1-\S+ finished %d of 5000\.\n"
                              r" +onnxrt-runner-N2-\S+ finished 0 of 5000\." % second)
        self.assertRegex(out, r"Runner onnxrt-runner-N2-\S+: not started")
        self.assertEqual(json.loads((self.folder / "report.json").read_text())["verdict"], "interrupted")
        done = self.run_assay("compare", "out.json", "out.json", "--report", "again.json")
        if second:
            self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
            self.assertIn("Verdict: UNMATCHED", done.stdout)


class Options(CommandLineTest):
    def test_every_runner_may_have_its_optimization_level(self):
        words = ["run", "--onnxrt", "--onnxrt", "--graph-optimization-level"]
        done = self.run_assay(*words, "all", "ORT_DISABLE_ALL", DATA / "scale_shift.onnx")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"Runner onnxrt-runner-N0-.*graph optimization: all ")
        self.assertRegex(done.stdout, r"Runner onnxrt-runner-N1-.*graph optimization: disable ")
        done = self.run_assay(*words, "disable", DATA / "scale_shift.onnx")
        self.assertEqual(done.stdout.count("graph optimization: disable "), 2)
        done = self.run_assay(*words, "all", "all", "basic", DATA / "scale_shift.onnx")
        self.assertEqual(done.returncode, 2)
        self.assertIn("expected one level, or one for each of the 2 --onnxrt, got 3", done.stderr)

    def test_options_of_runners_that_do_not_run_are_named(self):
        done = self.run_assay("run", DATA / "scale_shift.onnx", "--reference", "--providers", "cpu", "--tf32",
                              "--graph-optimization-level", "all")
        for option in ("--providers/--execution-providers", "--tf32", "--graph-optimization-level"):
            self.assertIn(f"[W] Option: {option} has no effect: it belongs to the runner --onnxrt, which is not "
                          "among the selected ones.", done.stdout)
        done = self.run_assay("run", DATA / "scale_shift.onnx", "--onnxrt", "--reference-kind", "typed")
        self.assertIn("[W] Option: --reference-kind has no effect: it belongs to the runner --reference", done.stdout)


    def test_names_of_outputs_that_there_are_not_are_wrong(self):
        model = DATA / "scale_shift.onnx"
        for words, option in ((["--atol", "yy:1"], "--atol"), (["--rtol", "yy:1", "1e-3"], "--rtol"),
                              (["--postprocess", "yy:top-1"], "--postprocess"),
                              (["--check-error-stat", "yy:max"], "--check-error-stat"),
                              (["--compare", "l2", "--l2-threshold", "yy:1"], "--l2-threshold"),
                              (["--compare", "indices", "--index-tolerance", "yy:1"], "--index-tolerance")):
            done = self.run_assay("run", model, "--onnxrt", "--onnxrt", *words)
            self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
            self.assertIn(f'argument {option}: no output is called "yy"; the outputs are: [\'y\']\n'
                          "    hint: did you mean y?", done.stderr)

    def test_more_than_there_is_to_take_is_a_warning(self):
        done = self.run_assay("run", DATA / "logits.onnx", "--onnxrt", "--onnxrt", "--postprocess", "top-99",
                              "--compare", "indices")
        self.assertEqual(done.stdout.count("[W] --postprocess top-99: output scores has "), 1, done.stdout)


    def test_a_range_the_wrong_way_round_is_wrong(self):
        done = self.run_assay("run", DATA / "scale_shift.onnx", "--onnxrt", "--val-range", "x:[5,1]")
        self.assertEqual(done.returncode, 2)
        self.assertIn("expected a minimum that is not above the maximum, got 'x:[5,1]'", done.stderr)

    def test_commands_of_two_words_help(self):
        for words in (["inspect", "--help"], ["inspect", "-h"], ["inspect", "help"]):
            done = self.run_assay(*words)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertTrue(done.stdout.startswith("usage: assay inspect model "))
        done = self.run_assay("inspect", "modle", "x")
        self.assertEqual(done.returncode, 2)
        self.assertIn("there is no command 'inspect modle', and no such file\nhint: did you mean inspect model?",
                      done.stderr)

    def test_a_file_may_stand_for_the_second_word(self):
        done = self.run_assay("inspect", "missing.engine")
        self.assertEqual(done.returncode, 3)
        self.assertIn("Model path does not exist: missing.engine", done.stderr)

    def test_fail_fast_among_many_outputs_shows_the_first_that_fails_and_its_node(self):
        names = ["x"] + [f"t{i}" for i in range(20)]
        chain = onnx_model([4], [("Sigmoid", [a], b) for a, b in zip(names, names[1:])], names[-1])
        (self.folder / "chain.onnx").write_bytes(chain)
        words = ["run", "chain.onnx", "--onnxrt", "--onnx-outputs", "*"]
        done = self.run_assay(*words, "--save-outputs", "golden.json", "-q")
        self.assertEqual(done.returncode, 0, done.stderr)
        done = self.run_assay(*words, "--seed", "2", "--load-outputs", "golden.json", "--fail-fast", "--atol", "1",
                              "t6:1e-12")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("The 6 output(s) before it pass; -v shows them", done.stdout)
        self.assertNotIn("Comparing Output: 't0'", done.stdout)
        self.assertNotIn(": t0 | Stats", done.stdout)
        self.assertRegex(done.stdout, r'the first output that does not pass, .t6., is made by node "make_t6" \(Sigmoid\)')


class Models(CommandLineTest):
    """A file is what its content says."""

    def test_a_model_without_extension_is_a_model(self):
        shutil.copy(DATA / "scale_shift.onnx", self.folder / "model")
        done = self.run_assay("run", "model", "--onnxrt")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_what_is_no_model_is_named(self):
        (self.folder / "det.onnx").mkdir()
        (self.folder / "png.onnx").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
        for name, what in (("det.onnx", "expected a file, got a folder"), ("png.onnx", "expected an ONNX model, got a PNG")):
            for runner in ("--onnxrt", "--reference"):
                done = self.run_assay("run", name, runner)
                self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
                self.assertIn(what, done.stderr)

    def test_extents_that_do_not_suit_the_model_are_asked_for(self):
        (self.folder / "square.onnx").write_bytes(onnx_model(["n", 4], [("MatMul", ["x", "x"], "y")], "y"))
        done = self.run_assay("run", "square.onnx", "--onnxrt")
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        self.assertIn("give a number for every ?: --input-shapes x:[?,4]", done.stderr)
        done = self.run_assay("run", "square.onnx", "--onnxrt", "--input-shapes", "x:[4,4]")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_what_onnx_runtime_refuses_is_diagnosed(self):
        model = (DATA / "scale_shift.onnx").read_bytes()
        (self.folder / "short.onnx").write_bytes(model[:len(model) // 2])
        done = self.run_assay("run", "short.onnx", "--onnxrt")
        self.assertEqual(done.returncode, 3)
        self.assertRegex(done.stderr, r"(?s)^\[!\] expected an ONNX model, got .*ONNX Runtime cannot load the model")


class Nothing(CommandLineTest):
    """What compares nothing does not pass."""

    def test_files_without_iterations_are_refused(self):
        (self.folder / "in.json").write_text("[]")
        (self.folder / "in.npz").write_bytes(b"PK\x05\x06" + bytes(18))
        for name in ("in.json", "in.npz"):
            done = self.run_assay("run", DATA / "scale_shift.onnx", "--onnxrt", "--onnxrt", "--load-inputs", name)
            self.assertEqual(done.returncode, 3, done.stdout)
            self.assertIn("expected inputs of at least one iteration, got none", done.stderr)

    def test_stored_outputs_without_iterations_are_refused(self):
        (self.folder / "s.json").write_text('{"lst": [], "polygraphy_class": "RunResults"}')
        done = self.run_assay("compare", "s.json", "s.json", "--report", "r.json")
        self.assertEqual(done.returncode, 3, done.stdout)
        self.assertIn("expected outputs of at least one iteration, got none", done.stderr)
        report = json.loads((self.folder / "r.json").read_text())
        self.assertEqual((report["verdict"], report["iterations"]), ("error", 0))


class Paths(CommandLineTest):
    """Where results go is looked at before anything runs."""

    def test_folders_that_are_not_there_are_found_at_once(self):
        for option in ("--report", "--save-outputs", "--save-inputs", "--save-onnx", "--save-accuracy-results"):
            done = self.run_assay("run", DATA / "scale_shift.onnx", "--onnxrt", option, "nowhere/x.json")
            self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
            self.assertIn(f'[!] cannot write "nowhere/x.json": No such file or directory ({option})', done.stderr)
            self.assertNotIn("RUNNING", done.stdout)
        done = self.run_assay("run", DATA / "scale_shift.onnx", "--onnxrt", "--log-file", "nowhere/x.txt")
        self.assertEqual(done.returncode, 3)
        done = self.run_assay("run", DATA / "scale_shift.onnx", "--onnxrt", "--save-outputs", "some/where")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_what_is_read_is_not_written(self):
        shutil.copy(DATA / "scale_shift.onnx", self.folder / "m.onnx")
        shutil.copy(DATA / "golden_exact.json", self.folder / "a.json")
        before = [(self.folder / name).read_bytes() for name in ("m.onnx", "a.json")]
        for words in (["run", "m.onnx", "--onnxrt", "--report", "m.onnx"],
                      ["run", "m.onnx", "--onnxrt", "--log-file", "./m.onnx"],
                      ["run", "m.onnx", "--onnxrt", "--load-outputs", "a.json", "--save-accuracy-results", "a.json"],
                      ["compare", "a.json", "a.json", "--report", "a.json"]):
            done = self.run_assay(*words)
            self.assertEqual(done.returncode, 2, done.stdout + done.stderr)
            self.assertIn("overlaps the save path", done.stderr)
        self.assertEqual([(self.folder / name).read_bytes() for name in ("m.onnx", "a.json")], before)

    def test_a_report_is_written_after_every_error(self):
        for words, code in ((["nowhere.onnx", "--onnxrt"], 3), ([DATA / "scale_shift.onnx", "--onnxrt", "--atol", "x"], 2),
                            ([DATA / "scale_shift.onnx", "--onnxrt", "--save-outputs", "no/x.json"], 3)):
            (self.folder / "r.json").write_text('{"verdict": "pass"}')
            done = self.run_assay("run", *words, "--report", "r.json")
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)
            report = json.loads((self.folder / "r.json").read_text())
            self.assertEqual(report["verdict"], "error")
            self.assertIn(report["error"], done.stderr)


class Inputs(CommandLineTest):
    """Inputs are run as they are, or not at all."""

    def save(self, name, **arrays):
        with zipfile.ZipFile(self.folder / name, "w") as archive:
            for key, data in arrays.items():
                archive.writestr(key + ".npy", data)

    def refuse(self, code, message, *words):
        done = self.run_assay("run", *words, "--onnxrt")
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertIn(message, done.stderr)

    def test_shapes_that_do_not_concern_the_model_are_wrong(self):
        model = DATA / "dynamic.onnx"
        self.refuse(2, 'no input of the model is called "imge"; its inputs are: [\'image\']\n'
                       "    hint: did you mean image?", model, "--input-shapes", "imge:[1,3,2,2]")
        self.refuse(2, 'no input of the model is called "x*"', model, "--input-shapes", "x*:[1,3,2,2]")
        for extent in ("-1", "a"):
            self.refuse(2, 'expected a number for every extent of "image", got ' + extent, model,
                        "--input-shapes", f"image:[1,3,{extent},2]")
        self.refuse(2, "expected every name once", model, "--input-shapes", "image:[1,3,2,2]", "image:[1,3,4,4]")

    def test_shapes_beside_loaded_inputs_must_agree(self):
        (self.folder / "image.npy").write_bytes(ramp(1, 3, 4, 4))
        words = [DATA / "dynamic.onnx", "--load-inputs", "image.npy", "--input-shapes"]
        self.refuse(2, "expected the shape of the loaded data, (1, 3, 4, 4), for input image, got (1, 3, 2, 2)",
                    *words, "image:[1,3,2,2]")
        done = self.run_assay("run", *words, "image:[1,3,4,4]", "--onnxrt")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("[W]", done.stdout)

    def test_shapes_that_contradict_the_model_are_errors(self):
        self.save("in.npz", x=ramp(48))
        self.refuse(3, "input x: expected shape (1, 3, 4, 4), got (48,) in the input data",
                    DATA / "scale_shift.onnx", "--load-inputs", "in.npz")

    def test_a_name_that_is_not_there_is_an_error_unless_a_single_array_fits(self):
        self.save("double.npz", y=ramp(1, 3, 4, 4, code="d"))
        self.refuse(3, "input x: it is not in the input data, which has: ['y']", DATA / "scale_shift.onnx",
                    "--load-inputs", "double.npz")
        self.save("two.npz", y=ramp(1, 3, 4, 4), z=ramp(1, 3, 4, 4))
        self.refuse(3, "input x: it is not in the input data, which has: ['y', 'z']", DATA / "scale_shift.onnx",
                    "--load-inputs", "two.npz")
        self.save("one.npz", y=ramp(1, 3, 4, 4))
        done = self.run_assay("run", DATA / "scale_shift.onnx", "--onnxrt", "--onnxrt", "--load-inputs", "one.npz")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.count("Buffer name (y) does not match"), 1)

    def test_a_gap_between_iterations_is_an_error(self):
        x = ramp(1, 3, 4, 4)
        self.save("in.npz", **{"0/x": x, "2/x": x})
        self.refuse(3, 'expected arrays of iteration 1 before "2/x", got none', DATA / "scale_shift.onnx",
                    "--load-inputs", "in.npz")


class FullDisk(CommandLineTest):
    """A save that does not fit is an error, and nothing half-written is left."""

    def run_with_limit(self, limit, *words):
        def prepare():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        return self.run_assay(*words, preexec_fn=prepare)

    def test_outputs_that_do_not_fit_leave_nothing(self):
        for name in ("out.json", "out.npz"):
            done = self.run_with_limit(1000, "run", DATA / "wide.onnx", "--onnxrt", "--save-outputs", name)
            self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
            self.assertIn("[!] ", done.stderr)
            self.assertIn("File too large", done.stderr)
            self.assertIn("[E] FAILED | Runtime: ", done.stdout)
            self.assertEqual(self.files(), [])

    def test_what_was_there_before_stays(self):
        (self.folder / "in.json").write_text("before")
        done = self.run_with_limit(1000, "run", DATA / "wide.onnx", "--onnxrt", "--save-inputs", "in.json")
        self.assertEqual(done.returncode, 3)
        self.assertEqual((self.folder / "in.json").read_text(), "before")
        self.assertEqual(self.files(), ["in.json"])

    def test_a_report_that_does_not_fit_is_an_error(self):
        done = self.run_with_limit(1000, "run", DATA / "scale_shift.onnx", "--onnxrt", "--onnxrt", "--report",
                                   "report.json")
        self.assertEqual(done.returncode, 3, done.stdout)
        self.assertEqual(self.files(), [])

    def test_a_full_standard_output_is_an_error(self):
        for words in (["--help"], ["help", "--markdown"], ["run", "--help"], ["completion", "bash"]):
            with open("/dev/full", "w") as full:
                done = subprocess.run([ASSAY, *words], stdout=full, stderr=subprocess.PIPE, text=True)
            self.assertEqual(done.returncode, 3, words)
            self.assertIn("output: not all of it could be written", done.stderr)

    def test_folders_that_stay_empty_are_removed(self):
        (self.folder / "there").mkdir()
        for option in ("--save-outputs", "--save-inputs", "--save-input-blob"):
            for name in ("new/deep", "there"):
                done = self.run_with_limit(1000, "run", DATA / "wide.onnx", "--onnxrt", option, name)
                self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
                self.assertEqual([p.name for p in self.folder.rglob("*")], ["there"], option)


class Devices(CommandLineTest):
    """What is no regular file is written as it comes and stays what it is."""

    def make_full_device(self, name):
        path = self.folder / name
        try:
            os.mknod(path, 0o666 | stat.S_IFCHR, os.makedev(1, 7))
        except PermissionError:
            self.skipTest("devices can be made by root only")
        return path

    def test_saving_to_a_full_device_is_an_error_and_leaves_the_device(self):
        for option in ("--report", "--save-outputs", "--save-inputs", "--save-onnx", "--save-accuracy-results"):
            device = self.make_full_device(option[2:])
            done = self.run_assay("run", DATA / "scale_shift.onnx", "--onnxrt", "--onnxrt", option, device)
            self.assertEqual(done.returncode, 3, option + done.stdout + done.stderr)
            self.assertIn("No space left on device", done.stderr)
            self.assertTrue(stat.S_ISCHR(device.stat().st_mode), option)

    def test_a_log_that_does_not_fit_is_an_error(self):
        device = self.make_full_device("log")
        done = self.run_assay("run", DATA / "scale_shift.onnx", "--onnxrt", "--onnxrt", "--log-file", device)
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        self.assertIn("[!] log file: not all of it could be written: No space left on device", done.stderr)
        self.assertIn("PASSED | Runtime", done.stdout)

    def test_a_report_goes_into_a_pipe(self):
        done = subprocess.run(["bash", "-c", '"$0" run "$1" --onnxrt --onnxrt -q --report >(cat > r.json); wait',
                               ASSAY, DATA / "scale_shift.onnx"], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        deadline = time.time() + 10
        while not (self.folder / "r.json").read_text().endswith("}\n") and time.time() < deadline:
            time.sleep(0.01)
        self.assertEqual(json.loads((self.folder / "r.json").read_text())["verdict"], "pass")

    def test_a_link_stays_and_its_target_is_replaced(self):
        (self.folder / "real.json").write_text("before")
        (self.folder / "link.json").symlink_to("real.json")
        done = self.run_assay("run", DATA / "scale_shift.onnx", "--onnxrt", "--report", "link.json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue((self.folder / "link.json").is_symlink())
        self.assertEqual(json.loads((self.folder / "real.json").read_text())["format"], 1)


class Files(CommandLineTest):
    def test_every_format_of_stored_outputs_compares(self):
        for name in ("out.json", "out.npz", "out"):
            done = self.run_assay("run", DATA / "three_outputs.onnx", "--onnxrt", "--save-outputs", name,
                                  "--iterations", "2")
            self.assertEqual(done.returncode, 0, done.stderr)
        for pair in (("out.json", "out.npz"), ("out", "out.json"), ("out.npz", "out")):
            done = self.run_assay("compare", *pair)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn("Passed: 2/2 iterations | Pass Rate: 100.00%", done.stdout)

    def test_stored_inputs_give_the_same_run(self):
        self.run_assay("run", DATA / "scale_shift.onnx", "--onnxrt", "--save-inputs", "in.npz", "--save-outputs",
                       "a.json", "--seed", "9")
        done = self.run_assay("run", DATA / "scale_shift.onnx", "--onnxrt", "--load-inputs", "in.npz",
                              "--load-outputs", "a.json", "--atol", "0", "--rtol", "0")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_report_holds_the_figures(self):
        done = self.run_assay("run", DATA / "scale_shift.onnx", "--onnxrt", "--load-outputs",
                              DATA / "golden_small.json", "--atol", "1e-4", "--rtol", "0", "--report", "r.json")
        self.assertEqual(done.returncode, 1)
        report = json.loads((self.folder / "r.json").read_text())
        self.assertEqual(report["format"], 1)
        self.assertEqual(report["verdict"], "fail")
        self.assertTrue(report["reasons"])
        self.assertEqual(report["inputs"]["seed"], 1)
        self.assertRegex(report["inputs"]["hashes"][0], "^[0-9a-f]{32}$")
        self.assertEqual(report["runners"][0]["library"].split()[0:2], ["ONNX", "Runtime"])
        self.assertEqual(len(report["runners"][0]["inference_seconds"]), 1)
        self.assertEqual(report["runners"][1]["source"], str(DATA / "golden_small.json"))
        output = report["pairs"][0]["iterations"][0]["outputs"][0]
        self.assertEqual(output["output"], "y")
        self.assertEqual(output["shape"], [1, 3, 4, 4])
        self.assertAlmostEqual(output["metrics"]["max_abs"], 1e-3, places=6)
        self.assertEqual(output["mismatches"]["polygraphy"], 43)
        self.assertEqual(sum(output["histograms"]["absolute_difference"]["counts"]), 48)

    def test_relative_errors_refer_to_the_reference_wherever_it_stands(self):
        def pair_of(*words):
            self.run_assay("run", DATA / "logits.onnx", *words, "--report", "r.json")
            pair = json.loads((self.folder / "r.json").read_text())["pairs"][0]
            sides = [re.sub("-N.*", "", pair[side]) for side in ("runner", "reference")]
            return sides, pair["iterations"][0]["outputs"][0]["metrics"]

        live = ["onnxrt-runner", "reference-runner"]
        sides, metrics = pair_of("--reference", "--onnxrt")
        self.assertEqual(sides, live)
        self.assertEqual((sides, metrics), pair_of("--onnxrt", "--reference"))
        self.run_assay("run", DATA / "logits.onnx", "--onnxrt", "--save-outputs", "stored.json")
        self.assertEqual((sides, metrics), pair_of("--reference", "--load-outputs", "stored.json"))
        self.assertEqual(pair_of("--reference", "--reference")[0], ["reference-runner", "reference-runner"])

    def test_a_run_that_cannot_be_carried_out_reports_why(self):
        done = self.run_assay("run", DATA / "scale_shift.onnx", "--onnxrt", "--load-outputs", "nowhere.json",
                              "--report", "r.json")
        self.assertEqual(done.returncode, 3)
        self.assertIn("nowhere.json", json.loads((self.folder / "r.json").read_text())["error"])

    def test_weights_in_files_of_their_own_are_not_overwritten(self):
        done = self.run_assay("run", DATA / "scale_shift.onnx", "--onnxrt", "--save-onnx", "m.onnx",
                              "--save-external-data", "w.bin", "--external-data-size-threshold", "0")
        self.assertEqual(done.returncode, 0, done.stderr)
        (self.folder / "link").symlink_to("w.bin")
        before = (self.folder / "w.bin").read_bytes()
        for words in (["--native", "--save-engine", "w.bin"], ["--onnxrt", "--save-outputs", "w.bin"],
                      ["--onnxrt", "--save-inputs", "./w.bin"], ["--onnxrt", "--report", "link"],
                      ["--onnxrt", "--log-file", "w.bin"],
                      ["--onnxrt", "--save-onnx", "n.onnx", "--save-external-data", "w.bin"]):
            done = self.run_assay("run", "m.onnx", *words)
            self.assertEqual(done.returncode, 2, done.stdout)
            self.assertRegex(done.stderr, r"The load path 'w\.bin' overlaps the save path '.*'\.")
            self.assertIn("hint: weights of m.onnx lie there", done.stderr)
            self.assertEqual((self.folder / "w.bin").read_bytes(), before)
        (self.folder / "data").mkdir()
        (self.folder / "w.bin").rename(self.folder / "data" / "w.bin")
        done = self.run_assay("run", "m.onnx", "--onnxrt", "--ext", "data", "--save-outputs", "data/w.bin")
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertEqual((self.folder / "data" / "w.bin").read_bytes(), before)

    def test_weights_in_a_file_each_are_not_overwritten(self):
        external = ["--save-external-data", "w", "--external-data-size-threshold", "0",
                    "--no-save-all-tensors-to-one-file"]
        done = self.run_assay("run", DATA / "scale_shift.onnx", "--onnxrt", "--save-onnx", "m.onnx", *external)
        self.assertEqual(done.returncode, 0, done.stderr)
        done = self.run_assay("run", "m.onnx", "--onnxrt", "--save-onnx", "n.onnx", *external)
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertIn("weights of m.onnx lie there", done.stderr)
        self.assertNotIn("n.onnx", self.files())

    def test_empty_paths_are_wrong(self):
        for words in (["--save-engine", "", "--native"], ["--save-outputs="], ["--report", ""], ["--log-file", ""],
                      ["--load-inputs", ""], ["--ext", ""], ["--save-input-blob", ""]):
            done = self.run_assay("run", DATA / "scale_shift.onnx", "--onnxrt", *words)
            self.assertEqual(done.returncode, 2, words)
            self.assertIn("expected a path, got an empty one", done.stderr)
        self.assertEqual(self.run_assay("run", "", "--onnxrt").returncode, 2)
        self.assertEqual(self.files(), [])

    def test_an_output_that_is_listed_twice_counts_once(self):
        (self.folder / "twice.onnx").write_bytes(onnx_model([2], [("Relu", ["x"], "y")], "y", "y"))
        done = self.run_assay("run", "twice.onnx", "--onnxrt", "--native", "--reference", "--save-outputs", "o.json",
                              "-v")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn('Output "y" is listed twice by the model, and counts once', done.stdout)
        done = self.run_assay("run", "twice.onnx", "--onnxrt", "--load-outputs", "o.json")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_names_of_a_file_cannot_command_the_terminal(self):
        model = onnx_model([2], [("Relu", ["x"], "a\x1b[31m\n[I] PASSED")], "a\x1b[31m\n[I] PASSED")
        (self.folder / "m.onnx").write_bytes(model)
        for words in (["inspect", "m.onnx", "--show", "layers", "attrs"], ["run", "m.onnx", "--native", "-v"]):
            done = self.run_assay(*words)
            self.assertNotIn("\x1b", done.stdout + done.stderr)
        done = self.run_assay("inspect", "m.onnx", "--show", "layers")
        self.assertIn("Node 0    | make_a\\x1b[31m\\n[I] PASSED [Op: Relu]", done.stdout)
        self.assertNotRegex(done.stdout, r"(?m)^\s*\[I\] PASSED")

    def test_the_model_is_saved_as_it_runs(self):
        done = self.run_assay("run", DATA / "three_outputs.onnx", "--onnxrt", "--onnx-outputs", "centered",
                              "--save-onnx", "cut.onnx")
        self.assertEqual(done.returncode, 0, done.stderr)
        done = self.run_assay("inspect", "model", "cut.onnx")
        self.assertIn("---- 1 Graph Output(s) ----\n    {centered [dtype=float32, shape=(2, 5)]}", done.stdout)


class Terminal(CommandLineTest):
    def run_in_terminal(self, *words):
        master, slave = pty.openpty()
        process = subprocess.Popen([ASSAY, *map(str, words)], cwd=self.folder, stdout=slave, stderr=slave)
        os.close(slave)
        text = b""
        while True:
            try:
                part = os.read(master, 65536)
            except OSError:
                break
            if not part:
                break
            text += part
        os.close(master)
        process.wait(timeout=60)
        return text.decode()

    def test_colors_stand_on_a_terminal_only(self):
        words = ["run", DATA / "scale_shift.onnx", "--onnxrt", "--onnxrt"]
        self.assertNotIn("\x1b", self.run_assay(*words).stdout)
        self.assertIn("\x1b[92m[I] PASSED", self.run_in_terminal(*words))
        self.assertNotIn("\x1b[9", self.run_in_terminal(*words, "--log-format", "no-colors"))

    def test_nothing_is_written_to_stderr_when_all_is_well(self):
        done = self.run_assay("run", DATA / "scale_shift.onnx", "--onnxrt", "--onnxrt", "--iterations", "20")
        self.assertEqual(done.stderr, "")


class Thresholds(CommandLineTest):
    def test_nan_is_no_threshold(self):
        for option in ("--psnr-threshold", "--snr-threshold", "--l2-threshold", "--cosine-similarity-threshold"):
            done = self.run_assay("run", DATA / "scale_shift.onnx", "--onnxrt", "--onnxrt", option, "nan")
            self.assertEqual(done.returncode, 2)
            self.assertIn("expected a number, got nan", done.stderr)

    def test_zeros_are_doubted_where_tolerances_judge(self):
        words = ["run", DATA / "scale_shift.onnx", "--onnxrt", "--onnxrt", "--atol", "1e6"]
        self.assertIn("nothing but zeros would pass too", self.run_assay(*words).stdout)
        self.assertNotIn("nothing but zeros", self.run_assay(*words, "--compare", "l2").stdout)


class Pages(CommandLineTest):
    def test_the_reference_of_the_command_line_is_up_to_date(self):
        page = self.run_assay("help", "--markdown").stdout
        self.assertEqual(page, (ROOT / "docs" / "cli.md").read_text(),
                         "run: build/release/assay help --markdown > docs/cli.md")

    def test_every_command_has_help(self):
        for words in (["--help"], ["-h"], ["help"], ["run", "--help"], ["help", "run"], ["compare", "-h"],
                      ["inspect", "model", "--help"], ["help", "inspect"]):
            done = self.run_assay(*words)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertTrue(done.stdout.startswith("usage: assay "))

    def test_completion_scripts_are_valid(self):
        script = self.run_assay("completion", "bash").stdout
        check = script + "\nCOMP_WORDS=(assay run --atol --valid); COMP_CWORD=3; _assay; echo ${COMPREPLY[@]}\n"
        check += "COMP_WORDS=(assay ins); COMP_CWORD=1; _assay; echo ${COMPREPLY[@]}\n"
        check += "COMP_WORDS=(assay run --compare ps); COMP_CWORD=3; _assay; echo ${COMPREPLY[@]}\n"
        check += "COMP_WORDS=(assay inspect mod); COMP_CWORD=2; _assay; echo ${COMPREPLY[@]}\n"
        check += "COMP_WORDS=(assay inspect a.onnx --sho); COMP_CWORD=3; _assay; echo ${COMPREPLY[@]}\n"
        done = subprocess.run(["bash", "-c", check], capture_output=True, text=True, cwd=self.folder)
        self.assertEqual(done.stderr, "")
        self.assertEqual(done.stdout.split("\n")[:5], ["--validate", "inspect", "psnr", "model", "--show"])
        self.assertIn("complete -c assay", self.run_assay("completion", "fish").stdout)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
