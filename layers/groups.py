"""The groups that maps and capabilities sort the layers into: one a schema, titled in ``groups.yaml``."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from layers.catalogue import Layer, Titles
from layers.errors import DefinitionError
from layers.yaml_lines import explain, load_with_lines

FILE = Path(__file__).with_name("groups.yaml")


@cache
def groups() -> dict[str, Titles]:
    """Titles of the groups by schema, the topmost first. Raises DefinitionError if the file is wrong."""
    content, lines = load_with_lines(FILE.read_text(encoding="utf-8"))
    try:
        return TypeAdapter(dict[str, Titles]).validate_python(content)
    except ValidationError as error:
        raise DefinitionError(FILE, *explain(error, lines)) from error


def grouped(layers: dict[str, Layer]) -> dict[str, list[Layer]]:
    """The given layers by group, in the groups' order; groups without one are left out."""
    sorted_in = {name: [layer for layer in layers.values() if layer.schema_name == name] for name in groups()}
    return {name: members for name, members in sorted_in.items() if members}


def drawing_order(layers: Iterable[Layer]) -> list[Layer]:
    """The given layers as they lie on a map, the lowest first: backgrounds never hide what stands before them."""
    return sorted(layers, key=lambda layer: (layer.level, layer.id))
