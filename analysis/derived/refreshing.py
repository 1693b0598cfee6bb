"""Bringing derived layers up to date with the rules and with the layers they come from.

Every version remembers of what each of its parts was made. Days on which a rule or a source changed are gone
through in order, each change becoming a version from just that day; parts that are still right stay in force.
So a map of a past day shows the zones that the check of that day found, and no day before has its zones changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

from psycopg import sql

from analysis.derived import posts, zones
from analysis.derived.parts import STAGED, Part
from analysis.rulebook import Rulebook, rulebook
from analysis.settings import settings
from layers import database, health, staging, states
from layers.catalogue import get_layer
from layers.database import Connection
from layers.days import today
from layers.publishing import Publication, keep_report, publish

# First key of the advisory lock under which one process refreshes.
LOCK = 7_340_523
PARTS = "parts"
APPLICATION = "vatra derived"  # how the server's list of sessions names the work


@dataclass(frozen=True)
class Refreshed:
    """A version made: ``parts`` are those that were made anew or fell away, ``rows`` the features of the new ones."""

    layer: str
    valid_from: date
    parts: tuple[str, ...]
    rows: int


class _Derived(NamedTuple):
    """A derived layer: the column that names a feature's part, and the parts it has on a day."""

    layer: str
    column: str
    parts: Callable[[date], list[Part]]


class _Source(NamedTuple):
    layer: str
    id: int
    number: int
    valid_from: date
    accuracy_m: float


class _Step(NamedTuple):
    """From ``day`` on, ``changed`` parts replace what is in force; ``fingerprints`` are those of all parts."""

    derived: _Derived
    day: date
    changed: tuple[str, ...]
    made: list[Part]
    fingerprints: dict[str, str]
    accuracy_m: float


def refresh(
    address: str | None = None,
    county: Path | None = None,
    day: date | None = None,
    *,
    wait: bool = True,
    anew: bool = False,
) -> list[Refreshed] | None:
    """Make what is not up to date, all in one transaction; what was made, oldest first.

    ``county`` is the folder of rules laid over ours (default: that of the settings), ``day`` today. Without
    ``wait``, None if another process is at it. ``anew`` makes all parts, up to date or not. Raises
    DatabaseUnavailable, and DefinitionErrors for wrong rules.
    """
    with database.connect(address, application_name=APPLICATION) as connection:
        if not _alone(connection, wait):
            return None
        steps = _steps(connection, _rules(county), day or today(), anew)
        made = [_make(connection, step) for step in steps]
        connection.commit()
        connection.autocommit = True
        for layer in sorted({one.layer for one in made}):
            connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(*layer.split("."))))
    if made:
        states.forget()
        health.forget()
    return made


def stale(
    address: str | None = None, county: Path | None = None, day: date | None = None
) -> dict[str, list[str]]:
    """Derived layer → its parts that are not up to date; empty where all are. Raises as `refresh`."""
    found: dict[str, list[str]] = {}
    with database.reading(address) as connection:
        for step in _steps(connection, _rules(county), day or today()):
            found.setdefault(step.derived.layer, []).extend(step.changed)
    return {layer: sorted(set(parts)) for layer, parts in found.items()}


def sources(county: Path | None = None) -> frozenset[str]:
    """Layers whose next version makes a derived layer out of date."""
    parts = [part for derived in _derived(_rules(county)) for part in derived.parts(today())]
    return frozenset(layer for part in parts for layer in part.sources)


def _rules(county: Path | None) -> Rulebook:
    return rulebook(county or settings().rules)


def _derived(rules: Rulebook) -> tuple[_Derived, ...]:
    return (
        _Derived(zones.LAYER, zones.COLUMN, lambda day: zones.parts(rules.in_force(day))),
        _Derived(posts.LAYER, posts.COLUMN, lambda _: posts.parts()),
    )


def _alone(connection: Connection, wait: bool) -> bool:
    if wait:
        connection.execute("SELECT pg_advisory_xact_lock(%s, 0)", [LOCK])
        return True
    row = connection.execute("SELECT pg_try_advisory_xact_lock(%s, 0)", [LOCK]).fetchone()
    return bool(row and row[0])


def _steps(connection: Connection, rules: Rulebook, day: date, anew: bool = False) -> Iterator[_Step]:
    """What is to be made, in order; nothing where every part is as it would be made now."""
    versions = [
        _Source(*row)
        for row in connection.execute(
            "SELECT layer, id, number, valid_from, accuracy_m FROM catalogue.layer_version"
            " WHERE valid_from <= %s ORDER BY layer, number",
            [day],
        )
    ]
    for derived in _derived(rules):
        since, known = _in_force(connection, derived.layer)
        known = dict.fromkeys(known, "") if anew else known
        for turn in _turns(rules, versions, since, day):
            step = _step(derived, versions, known, turn)
            if step.changed:
                known = step.fingerprints
                yield step


def _in_force(connection: Connection, layer: str) -> tuple[date | None, Mapping[str, str]]:
    """Since when the newest version is in force, and of what its parts were made."""
    row = connection.execute(
        "SELECT valid_from, COALESCE(report -> %s, '{}') FROM catalogue.layer_version WHERE layer = %s"
        " ORDER BY number DESC LIMIT 1",
        [PARTS, layer],
    ).fetchone()
    return (row[0], row[1]) if row else (None, {})


def _turns(rules: Rulebook, versions: list[_Source], since: date | None, until: date) -> list[date]:
    """Days on which a rule or a source changes: the day of the version in force, and all later ones.

    A source may have been published since for a day before that version began: it counts from then on.
    """
    drawn = [rule for rule in rules.rules.values() if rule.zone]
    of_rules = {
        turn for rule in drawn for edition in rule.editions for turn in (edition.valid_from, edition.valid_to)
    }
    first = since or min((version.valid_from for version in versions), default=until)
    of_sources = {version.valid_from for version in versions}
    return sorted({first, *(turn for turn in of_rules | of_sources if turn and first < turn <= until)})


def _step(derived: _Derived, versions: list[_Source], known: Mapping[str, str], turn: date) -> _Step:
    newest = {version.layer: version for version in versions if version.valid_from <= turn}
    ids = {layer: version.id for layer, version in newest.items()}
    # Without a layer's data there is nothing to draw round, and the first import makes the part.
    parts = {part.name: part for part in derived.parts(turn) if part.sources[0] in newest}
    wanted = {name: part.fingerprint(ids) for name, part in parts.items()}
    changed = sorted(name for name in wanted.keys() | known.keys() if wanted.get(name) != known.get(name))
    made = [parts[name] for name in changed if name in parts]
    read = {layer for part in parts.values() for layer in part.sources if layer in newest}
    accuracy = max((newest[layer].accuracy_m for layer in read), default=0.0)
    return _Step(derived, turn, tuple(changed), made, wanted, accuracy)


def _make(connection: Connection, step: _Step) -> Refreshed:
    """Publish one version; in the caller's transaction."""
    layer = get_layer(step.derived.layer)
    staging.create(connection, layer, STAGED)
    for part in step.made:
        connection.execute(part.statement.encode(), {"day": step.day})
    publication = Publication(
        layer,
        step.day,
        max(layer.accuracy_m, step.accuracy_m),
        source=f"worked out from {', '.join(sorted({one for part in step.made for one in part.sources}))}",
        crs="EPSG:3844",
        part=(step.derived.column, step.changed),
    )
    published = publish(connection, publication, STAGED, _covered(connection, step))
    keep_report(connection, published.version_id, {PARTS: step.fingerprints})
    connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(STAGED)))
    return Refreshed(layer.id, step.day, step.changed, published.rows)


def _covered(connection: Connection, step: _Step) -> list[int]:
    """UATs for which at least one source is known that day."""
    layers = sorted({layer for part in step.made for layer in part.sources})
    rows = connection.execute(
        "SELECT DISTINCT siruta FROM catalogue.coverage"
        " WHERE layer = ANY(%s) AND valid_from <= %s AND %s < valid_to",
        [layers, step.day, step.day],
    )
    return [row[0] for row in rows]
