"""The words of the map and sign-in pages, one JSON file a language in ``texts``, for templates and script alike."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal, get_args

Language = Literal["ro", "hu", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
# The first part of a page's address in another language than Romanian, as routes have it.
OTHER = f"/<any({', '.join(LANGUAGES[1:])}):language>"
FOLDER = Path(__file__).with_name("texts")


@cache
def texts(language: Language) -> Mapping[str, str]:
    """All words in that language, by name."""
    content: dict[str, str] = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return content
