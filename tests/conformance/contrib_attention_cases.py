"""Cases of the attentions of ONNX Runtime."""

from contrib_case import Cases

CASES = Cases()
