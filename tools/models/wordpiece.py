"""The uncased WordPiece tokenizer of BERT."""

from __future__ import annotations

import pathlib
import unicodedata
from collections.abc import Sequence

import numpy as np

_LONGEST_WORD = 100


class WordPieceTokenizer:
    def __init__(self, vocabulary: Sequence[str]):
        self._ids = {piece: index for index, piece in enumerate(vocabulary)}

    @classmethod
    def from_file(cls, path: pathlib.Path) -> WordPieceTokenizer:
        return cls(path.read_text(encoding="utf-8").splitlines())

    def encode(self, text: str) -> list[int]:
        """Ids of [CLS], the text's pieces and [SEP]."""
        pieces = [piece for word in _words(text) for piece in self._pieces(word)]
        return [self._ids[piece] for piece in ["[CLS]", *pieces, "[SEP]"]]

    def encode_batch(self, texts: Sequence[str]) -> dict[str, np.ndarray]:
        """The inputs of a BERT model, padded to the longest text: int64 (len(texts), length)."""
        rows = [self.encode(text) for text in texts]
        length = max(len(row) for row in rows)
        ids = np.full((len(rows), length), self._ids["[PAD]"], np.int64)
        mask = np.zeros_like(ids)
        for index, row in enumerate(rows):
            ids[index, : len(row)] = row
            mask[index, : len(row)] = 1
        return {
            "input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)
        }

    def _pieces(self, word: str) -> list[str]:
        """Longest pieces first; the whole word is unknown if any part of it is."""
        if len(word) > _LONGEST_WORD:
            return ["[UNK]"]
        pieces, begin = [], 0
        while begin < len(word):
            prefix = "##" if begin else ""
            for end in range(len(word), begin, -1):
                if (piece := prefix + word[begin:end]) in self._ids:
                    break
            else:
                return ["[UNK]"]
            pieces.append(piece)
            begin = end
        return pieces


def _words(text: str) -> list[str]:
    """Lower-case words without accents; every punctuation or CJK character is its own word."""
    spaced = []
    for character in unicodedata.normalize("NFD", text):
        category = unicodedata.category(character)
        if category == "Mn":
            continue
        if category in ("Cc", "Cf") and character not in "\t\n\r":
            continue
        # One by one: in context, Python would lower a final Greek sigma differently.
        lower = character.lower()
        alone = _is_punctuation(character) or 0x4E00 <= ord(character) <= 0x9FFF
        spaced.append(f" {lower} " if alone else lower)
    return "".join(spaced).split()


def _is_punctuation(character: str) -> bool:
    """BERT counts every ASCII symbol, `$` and `^` too, which Unicode classes otherwise."""
    if character.isascii():
        return character.isprintable() and not character.isalnum() and character != " "
    return unicodedata.category(character).startswith("P")
