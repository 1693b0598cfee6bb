"""The register of UATs: names as people write them, kinds, counties."""

from __future__ import annotations

import pytest

from layers.siruta import Uat, register


@pytest.mark.parametrize(
    ("siruta", "uat"),
    [
        (77812, Uat("Târgu Jiu", "municipiu", "Gorj")),
        (79308, Uat("Bumbești-Jiu", "oras", "Gorj")),
        (78472, Uat("Albeni", "comuna", "Gorj")),
        (179141, Uat("București Sectorul 1", "municipiu", "București")),
    ],
)
def test_known_uats(siruta: int, uat: Uat) -> None:
    assert register()[siruta] == uat


def test_every_county_is_there() -> None:
    uats = register().values()
    assert len(uats) == 40 + 216 + 2862 + 62 + 1 + 6
    assert len({uat.county for uat in uats}) == 42
    assert sum(uat.county == "Gorj" for uat in uats) == 70


def test_names_have_no_cedillas_and_no_capitals_throughout() -> None:
    for uat in register().values():
        assert not set("şţŞŢ") & set(uat.name)
        assert uat.name == uat.name.strip()
        assert not (len(uat.name) > 3 and uat.name.isupper())
