"""What can go wrong with layers, each a tiny class whose text says what to do."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path


class VatraError(Exception):
    """An error whose message is meant for the person who asked."""


class DefinitionError(VatraError):
    """A YAML file of ours (layer, rule, form) is wrong."""

    def __init__(self, path: Path, line: int, cause: str) -> None:
        super().__init__(f"{path}:{line}: {cause}")
        self.path, self.line, self.cause = path, line, cause


class UnknownLayer(VatraError):
    """No layer of that id."""

    def __init__(self, layer_id: str, known: list[str]) -> None:
        near = get_close_matches(layer_id, known, n=3)
        hint = f"; did you mean {', '.join(near)}?" if near else f"; known: {', '.join(known)}"
        super().__init__(f"no layer {layer_id!r}{hint}")
        self.layer_id = layer_id


class DatabaseUnavailable(VatraError):
    """The database cannot be reached, or went away in the middle."""
