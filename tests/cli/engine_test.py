#!/usr/bin/env python3
"""Tests of the runner --native and of engine files, as a user types them.

    engine_test.py build/release/assay [unittest options]
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from command_line_test import onnx_model

ASSAY = pathlib.Path(sys.argv[1]).resolve()
DATA = pathlib.Path(__file__).resolve().parent.parent / "data" / "cli"
SHAPE_1, SHAPE_2, SHAPE_4, SHAPE_5 = (f"image:[{n},3,{8 * n},{8 * n}]" for n in (1, 2, 4, 5))


class EngineTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def run_assay(self, *words, **options):
        return subprocess.run([ASSAY, *map(str, words)], cwd=self.folder, capture_output=True, text=True,
                              timeout=120, **options)

    def expect(self, code, *words):
        done = self.run_assay(*words)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_the_engine_stays_inside_the_tolerance(self):
        out = self.expect(0, "run", DATA / "convolution.onnx", "--native", "--reference", "--atol", "1e-5",
                          "--rtol", "1e-5")
        self.assertIn("Assay engine on CPU", out)

    def test_a_saved_engine_is_a_model_like_any_other(self):
        self.expect(0, "run", DATA / "convolution.onnx", "--native", "--save-engine", "a.engine",
                    "--save-inputs", "in.json", "--save-outputs", "out.json")
        out = self.expect(0, "run", "a.engine", "--native", "--load-inputs", "in.json", "--load-outputs",
                          "out.json", "--atol", "0", "--rtol", "0", "--report", "r.json")
        self.assertIn("loaded from: a.engine", out)
        report = json.loads((self.folder / "r.json").read_text())
        self.assertEqual(report["verdict"], "pass")
        out = self.expect(0, "inspect", "model", "a.engine", "--show", "layers")
        self.assertIn("convolution.onnx", out)
        self.assertIn("cpu.conv", out)
        self.assertIn("Made by: Assay", self.expect(0, "inspect", "a.engine"))
        self.expect(3, "inspect", "b.engine")

    def test_only_the_engine_runs_an_engine_file(self):
        self.expect(0, "run", DATA / "convolution.onnx", "--native", "--save-engine", "a.engine")
        for runners in (["--reference"], ["--onnxrt"], ["--native", "--onnxrt"], ["--trt"]):
            self.assertIn("which only --native can run", self.expect(2, "run", "a.engine", *runners))

    def test_a_damaged_engine_is_refused(self):
        self.expect(0, "run", DATA / "convolution.onnx", "--native", "--save-engine", "a.engine")
        whole = (self.folder / "a.engine").read_bytes()
        (self.folder / "short.engine").write_bytes(whole[:-100])
        self.assertIn(f"expected {len(whole)} bytes, got {len(whole) - 100}",
                      self.expect(3, "run", "short.engine", "--native"))
        flipped = bytearray(whole)
        flipped[len(whole) // 2] ^= 1
        (self.folder / "flipped.engine").write_bytes(flipped)
        self.expect(3, "run", "flipped.engine", "--native")

    def test_inputs_of_another_model_are_refused(self):
        self.expect(0, "run", DATA / "convolution.onnx", "--native", "--save-engine", "a.engine")
        self.expect(0, "run", DATA / "kinds.onnx", "--native", "--save-inputs", "other.json")
        self.expect(3, "run", "a.engine", "--native", "--load-inputs", "other.json")

    def test_a_profile_bounds_the_inputs(self):
        self.expect(0, "run", DATA / "dynamic.onnx", "--native", "--save-engine", "a.engine",
                    "--min-shapes", SHAPE_1, "--opt-shapes", SHAPE_2, "--max-shapes", SHAPE_4,
                    "--input-shapes", SHAPE_2)
        self.expect(0, "run", "a.engine", "--native", "--input-shapes", SHAPE_1)
        out = self.expect(2, "run", "a.engine", "--native", "--input-shapes", SHAPE_5)
        self.assertIn("outside the engine's profile: expected", out)
        self.expect(2, "run", DATA / "dynamic.onnx", "--native", "--min-shapes", SHAPE_4, "--max-shapes", SHAPE_1)

    def test_inputs_are_generated_in_the_shapes_that_the_engine_is_tuned_for(self):
        profile = ["--min-shapes", SHAPE_1, "--opt-shapes", SHAPE_2, "--max-shapes", "im*:[4,3,32,32]"]
        out = self.expect(0, "run", DATA / "dynamic.onnx", "--native", "--reference", *profile, "--save-engine",
                          "a.engine")
        self.assertIn("shape=(2, 3, 16, 16)", out)
        self.assertIn("It is for image: (1, 3, 8, 8) to (4, 3, 32, 32), tuned for (2, 3, 16, 16)", out)
        self.assertNotIn("[W]", out)
        out = self.expect(0, "run", DATA / "dynamic.onnx", "--reference", "--native", *profile, "--sequential-runners")
        self.assertIn("shape=(2, 3, 16, 16)", out)
        self.assertIn("shape=(2, 3, 16, 16)", self.expect(0, "run", "a.engine", "--native"))
        self.assertIn("shape=(4, 3, 32, 32)", self.expect(0, "run", "a.engine", "--native", "--input-shapes", SHAPE_4))
        out = self.expect(0, "run", DATA / "dynamic.onnx", "--native", "--min-shapes", SHAPE_1, "--max-shapes", SHAPE_4)
        self.assertIn("shape=(4, 3, 32, 32)", out)

    def test_half_a_profile_is_wrong(self):
        run = ["run", DATA / "dynamic.onnx", "--native"]
        self.assertIn('input "image" has --min-shapes, but not --max-shapes', self.expect(2, *run, "--min-shapes", SHAPE_1))
        self.assertIn('input "image" has --max-shapes, but not --min-shapes', self.expect(2, *run, "--max-shapes", SHAPE_1))
        self.assertIn("but not --min-shapes and --max-shapes", self.expect(2, *run, "--opt-shapes", SHAPE_1))
        self.assertIn('--min-shapes: the model has no input "imgae"', self.expect(
            2, *run, "--min-shapes", "imgae:[1,3,8,8]", "--max-shapes", SHAPE_1))

    def test_a_saved_engine_says_which_shapes_it_is_for(self):
        save = ["run", DATA / "dynamic.onnx", "--native", "--save-engine", "a.engine"]
        out = self.expect(0, *save)
        self.assertIn("It is for image: (1, 3, 1, 1)", out)
        self.assertIn('[W] The saved engine takes input "image" in the shape (1, 3, 1, 1) only', out)
        self.assertIn("save it with --min-shapes, --opt-shapes and --max-shapes", out)
        self.assertNotIn("[W]", self.expect(0, *save, "--input-shapes", "im*:[2,3,16,16]"))
        for name, shape in (("1", SHAPE_1), ("2", SHAPE_2)):
            self.expect(0, "run", DATA / "dynamic.onnx", "--reference", "--input-shapes", shape, "--save-inputs",
                        name + ".json")
        out = self.expect(0, *save, "--load-inputs", "1.json", "2.json")
        self.assertIn("The saved engine is not for all of these inputs", out)
        self.assertIn("(2, 3, 16, 16)", out)

    def test_options_about_models_have_no_effect_on_an_engine_file(self):
        self.expect(0, "run", DATA / "convolution.onnx", "--native", "--save-engine", "a.engine")
        for words in (["--min-shapes", "x:[1]"], ["--max-shapes", "x:[1]"], ["--disable-pass", "fold-constants"],
                      ["--onnx-outputs", "*"], ["--ext", "."]):
            out = self.expect(0, "run", "a.engine", "--native", *words)
            self.assertRegex(out, r"\[W\] Option: \S*%s\S* has no effect: it is about ONNX models, and a.engine is an "
                                  r"engine file" % words[0])
        for words in (["--onnx-outputs", "*"], ["--no-shape-inference"], ["--ext", "."], ["--show", "attrs"]):
            out = self.expect(0, "inspect", "a.engine", *words)
            self.assertRegex(out, r"\[W\] Option: .*%s.* has no effect: it is about ONNX models" % words[0])
        self.assertNotIn("[W]", self.expect(0, "inspect", "a.engine", "--show", "layers"))
        self.assertNotIn("[W]", self.expect(0, "run", "a.engine", "--native", "--profile", "--save-engine", "b.engine"))

    def test_what_is_in_an_engine_file(self):
        self.expect(0, "run", DATA / "dynamic.onnx", "--native", "--save-engine", "a.engine", "--min-shapes", SHAPE_1,
                    "--max-shapes", SHAPE_4, "--disable-pass", "recognize-*")
        out = self.expect(0, "inspect", "a.engine")
        self.assertIn("image: (1, 3, 8, 8) to (4, 3, 32, 32), tuned for (4, 3, 32, 32)", out)
        self.assertRegex(out, r"Inputs:\s+image float32\(N, 3, H, W\)")
        self.assertIn("Plan for the shapes that it is tuned for:", out)
        self.assertRegex(out, r"Passes left out: .*recognize-gelu")
        self.expect(0, "run", DATA / "convolution.onnx", "--native", "--save-engine", "b.engine")
        self.assertIn("Passes left out: none", self.expect(0, "inspect", "b.engine"))

    def test_an_engine_whose_shapes_data_decide_is_planned_when_it_runs(self):
        (self.folder / "m.onnx").write_bytes(
            onnx_model([6], [("NonZero", ["x"], "at"), ("Gather", ["x", "at"], "y"), ("Neg", ["y"], "z")], "z"))
        self.expect(0, "run", "m.onnx", "--native", "--save-engine", "m.engine", "--save-inputs", "in.json",
                    "--save-outputs", "out.json")
        out = self.expect(0, "run", "m.engine", "--native", "--load-inputs", "in.json", "--load-outputs", "out.json",
                          "--atol", "0", "--rtol", "0", "--save-engine", "again.engine")
        self.assertIn("loaded from: m.engine", out)
        self.assertEqual((self.folder / "m.engine").read_bytes(), (self.folder / "again.engine").read_bytes())
        out = self.expect(0, "inspect", "m.engine", "--show", "layers")
        self.assertIn("Device: CPU, with the instructions that it has when it runs", out)
        self.assertIn("No plan: data decide shapes", out)
        self.assertIn("Graph: 3 nodes | constants: 0.00 MiB", out)
        self.assertRegex(out, r"Operators:\s+Gather +1 node")
        self.assertRegex(out, r"Nodes:\s+0 NonZero make_at")
        self.assertNotIn("Nodes:", self.expect(0, "inspect", "m.engine"))
        whole = (self.folder / "m.engine").read_bytes()
        (self.folder / "short.engine").write_bytes(whole[:-10])
        self.expect(3, "run", "short.engine", "--native")

    def test_an_engine_that_is_saved_to_a_pipe_does_not_wait(self):
        os.mkfifo(self.folder / "pipe")
        self.assertIn("nobody reads this pipe",
                      self.expect(3, "run", DATA / "convolution.onnx", "--native", "--save-engine", "pipe"))

    def test_steps_that_the_reference_computes_too_are_named(self):
        (self.folder / "m.onnx").write_bytes(onnx_model([2, 3, 3], [("Det", ["x"], "d"), ("Sigmoid", ["d"], "y")], "y"))
        shared = "1 of 2 steps run in the float64 kernels that --reference uses too: Det (make_d)"
        out = self.expect(0, "run", "m.onnx", "--native", "--save-engine", "m.engine", "--onnxrt")
        self.assertIn(shared, out)
        self.assertNotIn("[W]", out)
        self.assertIn(shared, self.expect(0, "inspect", "m.engine"))
        for runners in (["--native", "--reference"], ["--reference", "--native"]):
            out = self.expect(0, "run", "m.onnx", *runners, "--report", "r.json")
            self.assertIn("[W]         Not an independent check of Det (make_d)", out)
        report = json.loads((self.folder / "r.json").read_text())
        self.assertEqual(report["runners"][1]["reference_steps"],
                         {"of": 2, "steps": [{"op": "Det", "nodes": ["make_d"], "computes_floats": True}]})
        self.assertEqual(report["pairs"][0]["shared_steps"], ["Det (make_d)"])
        out = self.expect(0, "run", DATA / "convolution.onnx", "--native", "--reference")
        self.assertNotIn("float64 kernels", out)
        self.assertNotIn("Not an independent check", out)

    def test_passes_say_whether_they_are_exact(self):
        out = self.expect(0, "run", DATA / "convolution.onnx", "--native", "-v", "--report", "r.json")
        self.assertRegex(out, r"Pass fold-constants .* change\(s\), .* ms, changes roundings")
        self.assertRegex(out, r"Pass remove-no-ops .* change\(s\), .* ms, exact")
        passes = json.loads((self.folder / "r.json").read_text())["runners"][0]["passes"]
        self.assertEqual({(p["name"], p["effect"]) for p in passes if p["name"].startswith("re")} & {
            ("remove-no-ops", "exact"), ("recognize-gelu", "reassociates")},
            {("remove-no-ops", "exact"), ("recognize-gelu", "reassociates")})
        self.assertEqual(set(passes[0]), {"name", "effect", "changes", "seconds", "disabled"})

    def test_passes_to_leave_out_add_up(self):
        def disabled(*words):
            out = self.expect(0, "run", DATA / "convolution.onnx", "--native", "-v", *words)
            return {line.split()[2] for line in out.splitlines() if line.endswith("(disabled)")}
        both = {"fold-constants", "remove-no-ops"}
        self.assertEqual(disabled("--disable-pass", "fold-constants", "--disable-pass", "remove-no-ops"), both)
        self.assertEqual(disabled("--disable-pass", "remove-no-ops", "fold-c*"), both)
        everything = disabled("--disable-pass", "all")
        self.assertGreater(len(everything), 10)
        self.assertEqual(disabled("--disable-pass", "*"), everything)

    def test_passes_can_be_left_out_by_name(self):
        out = self.expect(0, "run", DATA / "convolution.onnx", "--native", "-v", "--disable-pass", "fold-constants")
        self.assertRegex(out, r"Pass fold-constants .*\(disabled\)")
        out = self.run_assay("run", DATA / "convolution.onnx", "--native", "--disable-pass", "fold-constant")
        self.assertEqual(out.returncode, 2)
        self.assertIn("fold-constants", out.stdout + out.stderr)

    def test_the_profile_names_the_nodes_of_the_model(self):
        out = self.expect(0, "run", DATA / "convolution.onnx", "--native", "--profile", "--iterations", "3")
        self.assertRegex(out, r"\d+ steps?, .* ms \(medians of 3 runs\)")
        self.assertIn("By tactic:", out)

    def test_zero_sized_tensors_are_no_error(self):
        self.expect(1, "run", DATA / "only_empty.onnx", "--native", "--reference")

    def test_nothing_is_left_where_an_engine_cannot_be_saved(self):
        self.expect(3, "run", DATA / "convolution.onnx", "--native", "--save-engine", "missing/a.engine")
        self.assertEqual(os.listdir(self.folder), [])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
