"""Tests of the network makers: structure, values, sizes and MiniLM's judgement of sentences."""

from __future__ import annotations

import hashlib
import pathlib
import tempfile
import unittest

import numpy as np
import onnx
import onnxruntime

from graph_builder import ExportOptions, GraphBuilder
from graph_fingerprint import graph_fingerprint
from input_files import save_inputs
from light_networks import LIGHT_NETWORKS, expected_output, light_network_path
from networks import SENTENCES, ImageNetwork, LightNetwork, known_networks, make_model
from parameters import Parameters, kaiming_normal, normal, round_significand
from photographs import normalized_photographs
from safetensors_file import read_safetensors
from wordpiece import WordPieceTokenizer

_MINILM = pathlib.Path(__file__).resolve().parents[2] / "models" / "minilm"
_PYTORCH_FILES = pathlib.Path(__file__).resolve().parents[2] / "tests" / "data" / "pytorch"
_NETWORKS = known_networks(_MINILM)
_TINY = [name for name in _NETWORKS if name.endswith("_tiny")]
_TINY_IMAGE = [name for name in _TINY if isinstance(_NETWORKS[name], ImageNetwork)]

# graph_fingerprint of what torch.onnx.export of PyTorch 1.13.1 writes for the same modules:
# torchvision 0.14.1 (DeepLabV3, ViT), timm 0.9.16 (ViT), transformers 4.38.2 (SegFormer, BERT).
# Separate batch norm is its training=TrainingMode.PRESERVE of a module in eval mode.
_PYTORCH_EXPORTS = [
    ("unet", (64, 64), ExportOptions(), "3f7e07d3287b5e47"),
    ("unet", (64, 64), ExportOptions(dynamic=True), "052bfc12b902abbf"),
    ("unet", (64, 64), ExportOptions(opset=13, dynamic=True), "5bc1bcb4bf0ec383"),
    ("unet", (64, 64), ExportOptions(fold_batch_norm=False), "72bbaac4d12e6153"),
    ("unet_bilinear", (64, 64), ExportOptions(), "7b72fc8517ba8aa8"),
    ("unet_bilinear", (64, 64), ExportOptions(dynamic=True), "eadc916b97537242"),
    ("deeplabv3_resnet50", (64, 64), ExportOptions(), "044a3e3067fc28c2"),
    ("deeplabv3_resnet50", (64, 64), ExportOptions(dynamic=True), "91c9d27590d92fe3"),
    ("deeplabv3_resnet50", (64, 64), ExportOptions(opset=13, dynamic=True), "91c9d27590d92fe3"),
    ("deeplabv3_resnet50", (64, 64), ExportOptions(fold_batch_norm=False), "f62407069985eeac"),
    ("segformer_b0", (128, 128), ExportOptions(), "a498111bfeabef46"),
    ("segformer_b0", (128, 128), ExportOptions(opset=13), "1be9915c589a699f"),
    ("segformer_b0", (128, 128), ExportOptions(dynamic=True), "16575d33f287060a"),
    ("segformer_b0", (128, 128), ExportOptions(opset=13, dynamic=True), "9dc8418efea7e288"),
    ("segformer_b0", (128, 128), ExportOptions(fold_batch_norm=False), "f3bd0721c8c60a6e"),
    ("vit_b_16", (224, 224), ExportOptions(), "40553c5caf7017ef"),
    ("vit_b_16", (224, 224), ExportOptions(opset=13), "878622332266faf4"),
    ("vit_b_16", (224, 224), ExportOptions(dynamic=True), "fbce9ff6e36cd2c3"),
    ("vit_b_16", (224, 224), ExportOptions(opset=13, dynamic=True), "1dda32224c0629a6"),
    ("vit_base_patch16_224", (224, 224), ExportOptions(), "18728b864c86821f"),
    ("vit_base_patch16_224", (224, 224), ExportOptions(dynamic=True), "ef638f4619b3c7a5"),
    ("minilm", (2, 16), ExportOptions(), "149ed13e0e9f0a00"),
    ("minilm", (2, 16), ExportOptions(dynamic=True), "d9c826b2f7da6348"),
    ("minilm", (2, 16), ExportOptions(opset=13, dynamic=True), "ec62366d8c1ee2e4"),
    ("minilm", (2, 16), ExportOptions(opset=14, dynamic=True), "a7ffa4f2db71225a"),
]


class Placeholders(Parameters):
    """Parameters of the right shapes that cost nothing, where only the structure matters."""

    def __init__(self):
        super().__init__(seed=0)

    def __getitem__(self, name):
        return np.ones(1, np.float32)

    def draw(self, name, shape, initializer):
        return np.broadcast_to(np.float32(0), shape)


def _session(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def _run(model: onnx.ModelProto, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
    return _session(model).run(None, inputs)


def _relative_error(actual: np.ndarray, expected: np.ndarray) -> float:
    return float(np.linalg.norm(actual - expected) / np.linalg.norm(expected))


class ExportedStructure(unittest.TestCase):
    def test_is_what_pytorch_exports(self):
        for name, size, options, expected in _PYTORCH_EXPORTS:
            with self.subTest(name=name, options=options):
                builder = GraphBuilder(Placeholders(), options)
                _NETWORKS[name].record(builder, size, softmax=False)
                self.assertEqual(graph_fingerprint(builder.nodes), expected)

    def test_fingerprint_sees_an_attribute(self):
        model, _ = make_model(
            _NETWORKS["unet_tiny"], Placeholders(), "unet", ExportOptions()
        )
        before = graph_fingerprint(model.graph.node)
        conv = next(node for node in model.graph.node if node.op_type == "Conv")
        next(a for a in conv.attribute if a.name == "pads").ints[0] = 0
        self.assertNotEqual(graph_fingerprint(model.graph.node), before)

    def test_flops_are_those_of_the_published_networks(self):
        # Multiply and add counted as two; ViT-B/16 is published with 17.6, SegFormer-B0 with 8.4 G
        # multiply-adds.
        published = {"deeplabv3_resnet50": 327e9, "vit_b_16": 35.1e9, "segformer_b0": 16.8e9}
        for name, expected in published.items():
            with self.subTest(name=name):
                builder = GraphBuilder(Placeholders(), ExportOptions())
                _NETWORKS[name].record(builder, _NETWORKS[name].input_size, softmax=False)
                self.assertLess(abs(builder.flops / expected - 1), 0.01)


class TinyNetworks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.parameters = {name: _NETWORKS[name].parameters() for name in _TINY}

    def model(self, name: str, softmax: bool = False, **options) -> onnx.ModelProto:
        exported = ExportOptions(**options)
        network = _NETWORKS[name]
        return make_model(network, self.parameters[name], name, exported, softmax=softmax)[0]

    def test_onnxruntime_agrees_with_the_float64_trace(self):
        for name in _TINY_IMAGE:
            with self.subTest(name=name):
                network = _NETWORKS[name]
                inputs = network.sample_inputs()
                picture = inputs[network.input_name]
                builder = GraphBuilder(self.parameters[name], ExportOptions())
                x = builder.input(network.input_name, picture.shape, picture.shape, data=picture)
                traced = network.build(builder, x, network.config).data
                self.assertEqual(traced.dtype, np.float64)
                (actual,) = _run(self.model(name), inputs)
                self.assertLess(_relative_error(actual, traced), 2e-6)

    def test_export_variants_compute_the_same(self):
        for name in _TINY:
            inputs = _NETWORKS[name].sample_inputs()
            expected = _run(self.model(name), inputs)
            variants = ({"opset": 13}, {"opset": 18}, {"opset": 20}, {"dynamic": True},
                        {"fold_batch_norm": False})
            for variant in variants:
                with self.subTest(name=name, variant=variant):
                    actual = _run(self.model(name, **variant), inputs)
                    for a, e in zip(actual, expected, strict=True):
                        self.assertLess(_relative_error(a, e), 5e-6)

    def test_dynamic_exports_take_other_sizes_and_batches(self):
        for name in _TINY_IMAGE:
            with self.subTest(name=name):
                network = _NETWORKS[name]
                size = (96, 64) if network.any_size else network.input_size
                session = _session(self.model(name, dynamic=True))
                batch = normalized_photographs(2, *size, seed=7)
                (both,) = session.run(None, {network.input_name: batch})
                (second,) = session.run(None, {network.input_name: batch[1:]})
                self.assertEqual(both.shape[0], 2)
                self.assertLess(_relative_error(both[1], second[0]), 2e-6)
                self.assertGreater(_relative_error(both[0], both[1]), 0.1)

    def test_unet_pads_what_halving_cut_off(self):
        session = _session(self.model("unet_tiny", dynamic=True))
        (y,) = session.run(None, {"input": normalized_photographs(1, 50, 75, seed=7)})
        self.assertEqual(y.shape, (1, 3, 50, 75))

    def test_segmentation_finds_several_classes(self):
        for name in _TINY_IMAGE:
            (logits,) = _run(self.model(name), _NETWORKS[name].sample_inputs())
            if logits.ndim == 4:
                with self.subTest(name=name):
                    shares = np.bincount(logits.argmax(axis=1).ravel(), minlength=logits.shape[1])
                    self.assertGreaterEqual((shares > 0).sum(), logits.shape[1] * 0.7)
                    self.assertLess(shares.max() / shares.sum(), 0.8)
                    self.assertTrue(1.0 < logits.std() < 6.0, logits.std())

    def test_softmax_sums_to_one_over_the_classes(self):
        network = _NETWORKS["unet_tiny"]
        (y,) = _run(self.model("unet_tiny", softmax=True), network.sample_inputs())
        np.testing.assert_allclose(y.sum(axis=1), 1.0, atol=1e-6)

    def test_batch_norm_statistics_are_those_of_the_activations(self):
        model = self.model("deeplabv3_tiny", fold_batch_norm=False)
        names = [
            node.output[0] for node in model.graph.node if node.op_type == "BatchNormalization"
        ]
        del model.graph.output[:]
        model.graph.output.extend(onnx.helper.make_empty_tensor_value_info(n) for n in names)
        for name, y in zip(names, _run(model, _NETWORKS["deeplabv3_tiny"].sample_inputs())):
            gain = 0.25 if "/bn3/" in name else 1.0
            with self.subTest(name=name):
                self.assertTrue(0.3 * gain < y.std() < 3 * gain, y.std())
                self.assertLess(abs(y.mean()), gain)

    def test_masked_tokens_do_not_reach_the_embedding(self):
        network = _NETWORKS["bert_tiny"]
        session = _session(self.model("bert_tiny", dynamic=True))
        inputs = network.sample_inputs()
        padded = inputs["attention_mask"] == 0
        changed = dict(inputs, input_ids=np.where(padded, 5, inputs["input_ids"]))
        self.assertTrue((changed["input_ids"] != inputs["input_ids"]).any())
        before, after = (session.run(["sentence_embedding"], each)[0] for each in (inputs, changed))
        np.testing.assert_allclose(after, before, atol=1e-6)

    def test_making_is_reproducible(self):
        for name in ("segformer_tiny", "unet_tiny"):
            network = _NETWORKS[name]
            again, _ = make_model(network, network.parameters(), name, ExportOptions())
            self.assertEqual(again.SerializeToString(), self.model(name).SerializeToString())


class LightNetworks(unittest.TestCase):
    def test_as_shipped_have_one_output_value_whatever_the_input(self):
        for name in LIGHT_NETWORKS:
            with self.subTest(name=name):
                self.assertLess(np.ptp(expected_output(name)), 1e-7)

    def test_with_weights_tell_classes_apart_and_keep_the_scale(self):
        network = _NETWORKS["light_shufflenet"]
        model = network.model()
        normalized = [n.output[0] for n in model.graph.node if n.op_type == "BatchNormalization"]
        model.graph.output.extend(map(onnx.helper.make_empty_tensor_value_info, normalized))
        probabilities, *activations = _run(model, network.sample_inputs())
        self.assertEqual(probabilities.shape, (1, 1000))
        self.assertGreater(len(np.unique(probabilities)), 900)
        self.assertAlmostEqual(float(probabilities.sum()), 1.0, places=5)
        for name, y in zip(normalized, activations, strict=True):
            with self.subTest(name=name):
                self.assertTrue(0.2 < y.std() < 5, y.std())

    def test_only_the_fills_are_gone(self):
        shipped = onnx.load(light_network_path("shufflenet")).graph
        made = _NETWORKS["light_shufflenet"].model().graph
        self.assertEqual(
            [n for n in shipped.node if n.op_type != "ConstantOfShape"], list(made.node)
        )
        self.assertEqual([value.name for value in made.input], ["gpu_0/data_0"])


class SameOnEveryMachine(unittest.TestCase):
    """These hashes were the same with OpenBLAS's kernels for three kinds of CPU, with one and two
    threads, and with numpy's vector instructions off."""

    def test_weights(self):
        expected = {
            "unet_tiny": "522573a4b85adc03",
            "deeplabv3_tiny": "9742ff26cb9e3815",
            "segformer_tiny": "44dead34bef9cbf2",
            "vit_timm_tiny": "48a6aea00d8e0eb8",
            "bert_tiny": "c20ef2fe653f39e0",
            "light_shufflenet": "0c0db4973449482d",
        }
        for name, digest in expected.items():
            with self.subTest(name=name):
                network = _NETWORKS[name]
                if isinstance(network, LightNetwork):
                    model = network.model()
                else:
                    model, _ = make_model(network, network.parameters(), name, ExportOptions())
                weights = hashlib.sha256()
                for weight in model.graph.initializer:
                    weights.update(weight.name.encode() + weight.raw_data)
                self.assertEqual(weights.hexdigest()[:16], digest)


class PyTorchFiles(unittest.TestCase):
    def test_onnxruntime_computes_what_pytorch_computed(self):
        for name in ("segmenter_opset18", "encoder_opset18", "encoder_opset20"):
            with self.subTest(name=name):
                session = _session(onnx.load(_PYTORCH_FILES / f"{name}.onnx"))
                arrays = np.load(_PYTORCH_FILES / f"{name.split('_')[0]}.npz")
                inputs = {value.name: arrays[value.name] for value in session.get_inputs()}
                outputs = session.run(None, inputs)
                for value, output in zip(session.get_outputs(), outputs, strict=True):
                    self.assertLess(_relative_error(output, arrays[value.name]), 1e-6)


class ParametersTest(unittest.TestCase):
    def test_do_not_depend_on_the_order_in_which_they_are_drawn(self):
        one, other = Parameters(3), Parameters(3)
        first = one.draw("a", (4,), normal(1.0))
        other.draw("b", (100,), kaiming_normal(9))
        np.testing.assert_array_equal(other.draw("a", (4,), normal(1.0)), first)

    def test_another_shape_under_the_same_name_is_an_error(self):
        parameters = Parameters(3)
        parameters.draw("a", (4,), normal(1.0))
        with self.assertRaisesRegex(ValueError, "parameter a: expected shape"):
            parameters.draw("a", (5,), normal(1.0))

    def test_truncated_normal_stays_within_two_deviations(self):
        values = Parameters(3).draw("a", (10000,), normal(0.5, mean=1.0))
        self.assertLessEqual(np.abs(values - 1.0).max(), 1.0)
        self.assertAlmostEqual(float(values.std()), 0.5 * 0.88, delta=0.02)

    def test_rounding_keeps_eleven_bits_and_hides_the_last_digits(self):
        np.testing.assert_array_equal(
            round_significand(np.array([1.0, 1 + 2**-10, 1 + 2**-12, -3.0, 0.0])),
            np.array([1.0, 1 + 2**-10, 1.0, -3.0, 0.0], np.float32),
        )
        values = np.random.default_rng(1).standard_normal(1000) * 1e6
        nudged = round_significand(values * (1 + 1e-14))
        np.testing.assert_array_equal(nudged, round_significand(values))


class FilesTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_json_inputs_are_read_by_polygraphy(self):
        import polygraphy.json

        inputs = _NETWORKS["bert_tiny"].sample_inputs()
        save_inputs(inputs, self.folder / "in.json")
        (loaded,) = polygraphy.json.load_json(str(self.folder / "in.json"))
        self.assertEqual(list(loaded), list(inputs))
        for name, array in inputs.items():
            np.testing.assert_array_equal(np.asarray(loaded[name]), array)

    def test_unknown_input_format_is_an_error(self):
        with self.assertRaisesRegex(ValueError, "ends in .npz or .json"):
            save_inputs({}, self.folder / "in.txt")

    def test_safetensors_with_a_lie_about_sizes_is_an_error(self):
        path = self.folder / "bad.safetensors"
        header = b'{"w":{"dtype":"F32","shape":[4],"data_offsets":[0,8]}}'
        path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(8))
        with self.assertRaisesRegex(ValueError, "needs 16 bytes, has 8"):
            read_safetensors(path)
        path.write_bytes((1 << 40).to_bytes(8, "little"))
        with self.assertRaisesRegex(ValueError, "header of"):
            read_safetensors(path)


class WordPieceTest(unittest.TestCase):
    def test_splits_words_accents_and_punctuation(self):
        vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "una", "##ffa", "##ble", "cafe", "!"]
        tokenizer = WordPieceTokenizer(vocabulary)
        self.assertEqual(tokenizer.encode("Unaffable CAFÉ!"), [2, 4, 5, 6, 7, 8, 3])
        self.assertEqual(tokenizer.encode("unaffablex"), [2, 1, 3])
        batch = tokenizer.encode_batch(["café", "unaffable"])
        self.assertEqual(batch["input_ids"].tolist(), [[2, 7, 3, 0, 0], [2, 4, 5, 6, 3]])
        self.assertEqual(batch["attention_mask"].tolist(), [[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]])


@unittest.skipUnless((_MINILM / "model.safetensors").exists(), "models/minilm is not there")
class MiniLmTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        network = _NETWORKS["minilm"]
        cls.model, _ = make_model(
            network, network.parameters(), "minilm", ExportOptions(dynamic=True)
        )
        cls.inputs = network.sample_inputs()
        _, cls.embedding = _run(cls.model, cls.inputs)

    def test_tokens_are_those_of_the_published_tokenizer(self):
        row = self.inputs["input_ids"][0]
        self.assertEqual(
            row[row != 0].tolist(), [101, 1037, 2158, 2003, 5983, 2833, 1012, 102]
        )

    def test_related_sentences_are_closer_than_unrelated_ones(self):
        np.testing.assert_allclose(np.linalg.norm(self.embedding, axis=1), 1.0, atol=1e-6)
        cosine = self.embedding @ self.embedding.T
        meals, markets = cosine[0, 1], cosine[2, 3]
        self.assertGreater(meals, 0.4)
        self.assertGreater(markets, 0.4)
        unrelated = [cosine[a, b] for a in (0, 1, 4) for b in (2, 3, 5)]
        self.assertLess(max(unrelated), 0.2)

    def test_padding_does_not_change_a_sentence(self):
        tokenizer = WordPieceTokenizer.from_file(_MINILM / "vocab.txt")
        _, embedding = _run(self.model, tokenizer.encode_batch(SENTENCES[:1]))
        np.testing.assert_allclose(embedding[0], self.embedding[0], atol=2e-6)


if __name__ == "__main__":
    unittest.main()
