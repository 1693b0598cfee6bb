"""One small county for all tests of the demo; making it takes seconds, so it is made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from layers.demo import County, Features, make_county

PARCELS, SEED = 2_000, 1


@pytest.fixture(scope="session")
def county_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the small county's terrain model is."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="session")
def county(county_folder: Path) -> County:
    """A county of 2,000 parcels."""
    return make_county(PARCELS, SEED, county_folder)


@pytest.fixture(scope="session")
def parts(county: County) -> list[dict[str, Features]]:
    """Its parcels, buildings and addresses, place by place."""
    return list(county.parts())
