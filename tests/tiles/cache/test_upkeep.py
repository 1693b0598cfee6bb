"""Making tiles ahead: the right ones, going on where it was broken off, one job at a time; by the command too."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
from click.testing import CliRunner

from gis_app.commands.layers import layers
from gis_app.commands.tiles import tiles
from layers import database
from layers.demo import SHOWCASE
from layers.exporting import export_layer
from tests.tiles.cache.conftest import Change
from tiles.cache import upkeep
from tiles.cache.engine import engine
from tiles.cache.grids import STEREO70
from tiles.cache.layers import tile_layers
from tiles.cache.limits import limits_at


def _area(place: tuple[float, float], side: float) -> tuple[float, float, float, float]:
    x, y = place
    return x - side, y - side, x + side, y + side


def _job(place: tuple[float, float], side: float = 300.0) -> upkeep.Job:
    return upkeep.Job(
        tile_layers("public")["cadastre.parcel"], STEREO70, (8, 9, 10), _area(place, side), share=1.0
    )


def _there(job: upkeep.Job) -> set[tuple[int, int, int]]:
    folder = engine(job.layer).store.folder / STEREO70.id
    return {
        (int(path.parent.parent.name), int(path.parent.name), int(path.stem))
        for path in folder.rglob("*.png")
    }


def test_every_tile_that_meets_the_area_is_made(own_county: str, showcase: tuple[float, float]) -> None:
    job = _job(showcase)
    done = upkeep.seed(job, lambda progress: None)
    assert (done.made, done.there, done.failed) == (done.total, 0, [])
    wanted = set()
    for level in job.levels:
        first, last, top, bottom = STEREO70.covering(level, _area(showcase, 300.0))
        whole = limits_at(job.layer, STEREO70, level)
        wanted |= {
            (level, column, row)
            for column in range(first, last + 1)
            for row in range(top, bottom + 1)
            if whole.holds(column, row)
        }
    assert wanted <= _there(job)
    assert len(_there(job)) == done.made * 16


def test_a_job_broken_off_goes_on_where_it_was(own_county: str, showcase: tuple[float, float]) -> None:
    job = _job(showcase)

    class Stopped(Exception):
        """As by a signal."""

    def stop(progress: upkeep.Progress) -> None:
        if progress.done == 2:
            raise Stopped

    with pytest.raises(Stopped):
        upkeep.seed(job, stop)
    files = {path: path.stat().st_mtime_ns for path in engine(job.layer).store.folder.rglob("*.png")}
    seen: list[int] = []
    done = upkeep.seed(job, lambda progress: seen.append(progress.done))
    assert done.there == 2
    assert done.made == done.total - 2
    assert seen == list(range(1, done.total + 1))
    assert all(path.stat().st_mtime_ns == made for path, made in files.items())


def test_what_a_publication_dropped_is_made_again_and_nothing_else(
    own_county: str, republish: Change, showcase: tuple[float, float]
) -> None:
    job = _job(showcase)
    upkeep.seed(job, lambda progress: None)
    number = f"siruta = {SHOWCASE.siruta} AND cadastral_number = '{SHOWCASE.cadastral_number}'"
    republish("cadastre.parcel", f"UPDATE staged SET geom = ST_Translate(geom, 1, 0) WHERE {number}")
    done = upkeep.seed(job, lambda progress: None)
    assert 0 < done.made < done.total


def test_only_one_job_runs_at_a_time(own_county: str) -> None:
    with (
        upkeep.one_at_a_time(),
        pytest.raises(upkeep.SeedingRefused, match="one such job runs at a time"),
        upkeep.one_at_a_time(),
    ):
        pass
    with upkeep.one_at_a_time():
        pass


def test_the_command_makes_tiles_and_tells_how_many(own_county: str, showcase: tuple[float, float]) -> None:
    box = ",".join(str(value) for value in _area(showcase, 100.0))
    asked = ["seed", "cadastre.parcel", "theme.cadastre", "--levels", "9-10", "--share", "1"]
    first = CliRunner().invoke(tiles, [*asked, "--bbox", box])
    assert first.exit_code == 0, first.output
    assert "cadastre.parcel: " in first.output
    assert " 0 there already, 0 failed" in first.output
    again = CliRunner().invoke(tiles, [*asked, "--bbox", box])
    assert "cadastre.parcel: 0 pictures drawn" in again.output
    refreshed = CliRunner().invoke(tiles, ["refresh"])
    assert "cadastre.parcel: 0 tiles dropped" in refreshed.output


def test_a_uat_is_an_area(own_county: str) -> None:
    west, south, east, north = upkeep.area_of(SHOWCASE.siruta)
    assert 0 < east - west < 60_000
    assert 0 < north - south < 60_000
    with pytest.raises(upkeep.SeedingRefused, match="no UAT 1 "):
        upkeep.area_of(1)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["roads.nothing"], "nothing of the name"),
        (["roads.road", "--levels", "20"], "has levels 0 to 13"),
        (["roads.road", "--levels", "a-b"], "not of the form 0-9"),
        (["roads.road", "--bbox", "1,2,3"], "not west,south,east,north"),
        (["roads.road", "--bbox", "3,2,1,4"], "west must be below east"),
        (["roads.road", "--bbox", "1,2,3,4", "--uat", "5"], "not both"),
        (["roads.road", "--bbox", "900000,300000,900100,300100", "--levels", "9"], "nothing in that area"),
    ],
)
def test_a_wrong_option_is_told(own_county: str, options: list[str], said: str) -> None:
    result = CliRunner().invoke(tiles, ["seed", *options])
    assert result.exit_code != 0
    assert said in (result.output + str(result.exception))


def test_tiles_of_an_earlier_look_are_removed(own_county: str, showcase: tuple[float, float]) -> None:
    one = engine(tile_layers("public")["cadastre.parcel"])
    old = one.store.folder.with_name("0123456789abcdef") / "Stereo70/9/1"
    old.mkdir(parents=True)
    (old / "1.png").write_bytes(b"old")
    upkeep.drop_outdated()
    assert not old.exists()
    assert one.store.folder.exists()
    assert isinstance(one.store.folder, Path)


def test_an_import_drops_the_tiles_it_touches(
    own_county: str, showcase: tuple[float, float], tmp_path: Path
) -> None:
    """As an authority does it: export, change a parcel, import."""
    job = _job(showcase)
    upkeep.seed(job, lambda progress: None)
    before = _there(job)
    with database.connect() as connection:
        path, _ = export_layer(connection, "cadastre.parcel", tmp_path, "gpkg")
    frame = gpd.read_file(path)
    chosen = (frame["siruta"] == SHOWCASE.siruta) & (frame["cadastral_number"] == SHOWCASE.cadastral_number)
    frame.loc[chosen, "geometry"] = frame.loc[chosen, "geometry"].translate(2, 0)
    frame.drop(columns=["feature_id", "version"]).to_file(tmp_path / "new.gpkg")
    result = CliRunner().invoke(layers, ["import", "cadastre.parcel", str(tmp_path / "new.gpkg")])
    assert result.exit_code == 0, result.output
    gone = before - _there(job)
    assert gone
    assert gone < before
    assert f"{len(gone)} tiles dropped" in result.output
