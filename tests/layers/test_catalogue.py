"""Layer definitions: what is written in a file is what the code sees, and mistakes name their line."""

from __future__ import annotations

from pathlib import Path

import pytest

from layers.catalogue import catalogue, get_layer, read_definition
from layers.errors import DefinitionError, UnknownLayer

GOOD = """\
id: test.thing
title:
  ro: Lucru
  hu: Dolog
  en: Thing
abstract:
  ro: Un lucru.
  en: A thing.
geometry: Point
accuracy_m: 1.0
key: [name]
columns:
  - name: name
    type: text
    meaning: {ro: Denumirea, en: Name}
  - name: kind
    type: choice
    values: [a, b]
    meaning: {ro: Felul, en: Kind}
"""


def write(folder: Path, text: str, name: str = "test.thing.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_given_a_good_file_then_the_layer_is_what_it_says(tmp_path: Path) -> None:
    layer = read_definition(write(tmp_path, GOOD))
    assert (layer.id, layer.schema_name, layer.table_name) == ("test.thing", "test", "thing")
    assert layer.column("kind").values == ("a", "b")


@pytest.mark.parametrize(
    ("found", "instead", "line", "cause"),
    [
        ("geometry: Point", "geometry: Blob", 9, "geometry"),
        ("accuracy_m: 1.0", "accuracy_m: near", 10, "accuracy_m"),
        ("accuracy_m: 1.0", "accuracy: 1.0", 10, "Extra inputs are not permitted"),
        ("key: [name]", "key: [nume]", 1, "names 'nume'"),
        ("    values: [a, b]\n", "", 16, "'values' goes with type 'choice'"),
        ("name: kind", "name: name", 1, "a column is defined twice"),
        ("name: kind", "name: Kind!", 16, "pattern"),
        ("geometry: Point", "geometry: Point\ngeometry: Point", 10, "stands twice"),
        ("  en: A thing.", "  en: [", 10, "expected"),
        ("id: test.thing", "id: test.other", 1, "name it test.other.yaml"),
    ],
)
def test_given_a_mistake_then_file_line_and_cause_are_named(
    tmp_path: Path, found: str, instead: str, line: int, cause: str
) -> None:
    path = write(tmp_path, GOOD.replace(found, instead, 1))
    with pytest.raises(DefinitionError) as caught:
        read_definition(path)
    assert str(caught.value).startswith(f"{path}:{caught.value.line}: ")
    assert cause in str(caught.value)
    assert caught.value.line == line


def test_every_layer_of_the_catalogue_has_titles_meanings_and_a_licence() -> None:
    assert len(catalogue()) >= 31
    for layer in catalogue().values():
        assert all((layer.title.ro, layer.title.hu, layer.title.en, layer.abstract.ro, layer.licence)), (
            layer.id
        )
        assert all(column.meaning.ro for column in layer.columns), layer.id


def test_no_text_of_the_catalogue_has_cedillas() -> None:
    # ş and ţ are Turkish letters that old Romanian files carry by mistake; ș and ț are meant.
    for path in Path("layers/definitions").glob("*.yaml"):
        assert not set("şţŞŢ") & set(path.read_text(encoding="utf-8")), path


def test_an_unknown_layer_is_answered_with_near_names() -> None:
    with pytest.raises(UnknownLayer, match=r"did you mean .*cadastre\.parcel"):
        get_layer("cadastre.parcels")
