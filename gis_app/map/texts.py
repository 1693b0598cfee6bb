"""The words of the map page, one JSON file a language in ``texts``, for the template and the script alike."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal, get_args

Language = Literal["ro", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
FOLDER = Path(__file__).with_name("texts")


@cache
def texts(language: Language) -> Mapping[str, str]:
    """All words in that language, by name."""
    content: dict[str, str] = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return content
