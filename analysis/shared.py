"""What many checks need alike, read once for each state of the catalogue: coverage of UATs, regulations of zones.

The rows of published versions do not change, so what was read under a mark of the catalogue (``sql/mark.sql``, which
comes with the statement of each check) holds for every check under the same mark.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

import orjson
from psycopg import sql

from analysis.findings import LayerUsed
from analysis.statement import snippet
from layers.database import Connection

KEPT = 1000
Regulation = list[dict[str, Any]]
_kept: dict[tuple[Any, ...], Any] = {}


class Moved(Exception):
    """Something was published since the check's statement ran: what is read now is of another state."""


class Version(NamedTuple):
    """The layer version that a feature belongs to."""

    id: int
    layer: str
    number: int
    valid_from: str
    accuracy_m: float
    source: str


@dataclass(frozen=True, eq=False)
class Coverage:
    """What is known of some UATs on a day.

    ``imported``: layers that ever had a version by then. ``known``: layer → SIRUTA → id of the version in force,
    None where there is none any more; UATs that a layer never covered are not in it.
    """

    sirutas: tuple[int, ...]
    imported: frozenset[str]
    known: Mapping[str, Mapping[int, int | None]]
    versions: Mapping[int, Version]

    @cached_property
    def everywhere(self) -> frozenset[str]:
        """The layers that are in force in each of the UATs."""
        return frozenset(
            layer
            for layer, known in self.known.items()
            if all(known.get(siruta) is not None for siruta in self.sirutas)
        )

    def without(self, layers: Collection[str]) -> Coverage:
        """The same where those layers cannot be read."""
        known = {layer: uats for layer, uats in self.known.items() if layer not in layers}
        return replace(self, known=known, versions=without(layers, self.versions))

    @cached_property
    def used(self) -> tuple[LayerUsed, ...]:
        """The versions, as a report lists them."""
        return layers_used(self.versions)


class State:
    """What is shared under one mark of the catalogue, on one day. Reading raises Moved where the mark is past."""

    def __init__(self, mark: str, day: date, connection: Connection) -> None:
        self.mark, self.day, self._connection = mark, day, connection

    def coverage(self, sirutas: Iterable[int]) -> Coverage:
        """What is known of those UATs."""
        asked = tuple(sorted(sirutas))
        found: Coverage | None = _kept.get((self.mark, self.day, asked))
        if found is None:
            content = self._read("coverage", sirutas=list(asked))
            known: dict[str, dict[int, int | None]] = {}
            for layer, siruta, version in content["known"] or ():
                known.setdefault(layer, {})[siruta] = version
            versions = {version[0]: Version(*version) for version in content["versions"] or ()}
            found = Coverage(asked, frozenset(content["imported"] or ()), known, versions)
            _keep((self.mark, self.day, asked), found)
        return found

    def regulation(self, plan_code: str, zone_code: str, utr: str | None) -> Regulation:
        """The rows for that zone, of its UTR and of the whole zone, by article."""
        zone = (plan_code, zone_code, utr)
        found: Regulation | None = _kept.get((self.mark, self.day, zone))
        if found is None:
            found = self._read("regulation", plan_code=plan_code, zone_code=zone_code, utr=utr) or []
            _keep((self.mark, self.day, zone), found)
        return found

    def _read(self, name: str, **asked: Any) -> Any:
        query = sql.SQL("SELECT ({}), ({})").format(snippet("mark"), snippet(name))
        row = self._connection.execute(query, {"day": self.day, **asked}).fetchone()
        if row is None or row[0] != self.mark:
            raise Moved
        return None if row[1] is None else orjson.loads(row[1])


def without(layers: Collection[str], versions: Mapping[int, Version]) -> dict[int, Version]:
    """Those versions that are of other layers."""
    return {number: version for number, version in versions.items() if version.layer not in layers}


def layers_used(versions: Mapping[int, Version]) -> tuple[LayerUsed, ...]:
    """Those versions by layer and number, as a report lists them."""
    return tuple(
        LayerUsed(
            id=version.layer,
            version=version.number,
            valid_from=date.fromisoformat(version.valid_from),
            accuracy_m=version.accuracy_m,
            source=version.source,
        )
        for version in sorted(versions.values(), key=lambda one: (one.layer, one.number))
    )


def _keep(key: tuple[Any, ...], value: Any) -> None:
    if len(_kept) >= KEPT:
        _kept.clear()
    _kept[key] = value
