"""Romanian text as files have it: cedillas for commas, odd spaces, letters with and without marks."""

from __future__ import annotations

import unicodedata

import pyarrow as pa
import pyarrow.compute as pc

# Code page 1250 has only the cedilla forms, which are Turkish letters; the register writes the comma forms.
CEDILLA_TO_COMMA = {"Ş": "Ș", "ş": "ș", "Ţ": "Ț", "ţ": "ț"}
_TRANSLATION = str.maketrans(CEDILLA_TO_COMMA)


def normalise(text: str) -> str:
    """The text in composed form with comma-below ș and ț."""
    return unicodedata.normalize("NFC", text).translate(_TRANSLATION)


def normalise_array(texts: pa.Array) -> pa.Array:
    """``normalise`` for a whole column, trimmed; empty texts become nulls."""
    if pc.all(pc.string_is_ascii(texts)).as_py() is not False:
        texts = pc.ascii_trim_whitespace(texts)
    else:
        texts = pc.utf8_normalize(pc.utf8_trim_whitespace(texts), form="NFC")
        for cedilla, comma in CEDILLA_TO_COMMA.items():
            texts = pc.replace_substring(texts, cedilla, comma)
    empty = pc.equal(pc.binary_length(texts), 0)
    return pc.if_else(empty, None, texts) if pc.any(empty).as_py() else texts


def fold(text: str) -> str:
    """A key for comparing names: lower case, no marks, letters and digits only.

    >>> fold("Nr. Cadastral"), fold("SUPRAFAȚĂ_acte")
    ('nrcadastral', 'suprafataacte')
    """
    plain = unicodedata.normalize("NFKD", normalise(text))
    return "".join(letter for letter in plain.lower() if letter.isalnum())
