"""The check: one subject, one day, every rule, one round trip to the database."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import psycopg
import shapely

from analysis import computed, relations
from analysis.approvals import approvals
from analysis.competence import competence
from analysis.facts import Facts, gather
from analysis.fees import fee
from analysis.findings import CheckReport, NotChecked, Subject
from analysis.gaps import Scope, determined, gaps
from analysis.near_matches import explain_nowhere, explain_unknown
from analysis.needs import PARCEL, UAT
from analysis.relations import Draft, Gap
from analysis.roads import roads_in_reach
from analysis.rulebook import Rulebook, rulebook
from analysis.settings import settings
from analysis.shared import Moved, Version
from analysis.statement import Flavour, Statement, compile_statement
from analysis.subject import Drawn, Parcels, subject_of
from analysis.writing import Writer
from layers import health
from layers.database import Connection, reading, url
from layers.days import ROMANIA, today
from layers.health import BrokenLayer
from layers.timing import span


def check(
    subject: Any,
    as_of: date | str | None = None,
    *,
    database: str | Connection | None = None,
    rules: Rulebook | Path | None = None,
    crs: str = "EPSG:3844",
) -> CheckReport:
    """Everything that the rules of a day say about a piece of land.

    Parameters
    ----------
    subject
        ``parcel(…)``, ``parcels(…)``, ``area(…)``, ``line(…)``, ``coordinate_list(…)``, a shapely geometry,
        or GeoJSON; coordinates in ``crs``, x = east or longitude first.
    as_of
        The day; today by default.
    database
        libpq URL or an open connection; the configured database by default. Whether the data of an open
        connection are whole is its owner's concern.
    rules
        A rulebook, or a folder of a county laid over ours; ``VATRA_RULES`` by default.

    Raises
    ------
    SubjectError
        The land is unknown or cannot be checked as given.
    DatabaseUnavailable
        The database does not answer.
    BrokenLayer
        The data that no check can do without are gone or corrupt. Rules on other layers that are so are told
        as not checked.

    Examples
    --------
    >>> report = check(parcel(79308, "30112"))  # doctest: +SKIP
    >>> [finding.text for finding in report.findings]  # doctest: +SKIP
    """
    asked = subject_of(subject, crs)
    day = date.fromisoformat(as_of) if isinstance(as_of, str) else as_of or today()
    book = rules if isinstance(rules, Rulebook) else rulebook(rules or settings().rules)
    plan = compiled(book, day)
    if isinstance(database, psycopg.Connection):
        facts = _ask(asked, day, plan.statement(flavour_of(asked)), database)
    else:
        facts = _ask_what_is_whole(asked, day, plan, database or url())
    facts.parameters = plan.parameters
    return _report(asked, facts, plan)


class Plan:
    """The rules of one day with their statements, compiled once."""

    def __init__(self, book: Rulebook, day: date) -> None:
        self.rules = tuple(Scope.of(rule, edition) for rule, edition in book.in_force(day))
        self.parameters = {scope.rule.id: scope.edition.parameters for scope in self.rules}
        self.version = book.version(day)
        self._statements: dict[tuple[Flavour, frozenset[str]], Statement] = {}

    def statement(self, flavour: Flavour, lost: frozenset[str] = frozenset()) -> Statement:
        """The SQL for that kind of subject, without the layers that are lost."""
        kept = self._statements.get((flavour, lost))
        if kept is None:
            rules = [(scope.rule, scope.edition) for scope in self.rules]
            kept = self._statements[flavour, lost] = compile_statement(rules, flavour, lost)
        return kept


_plans: dict[tuple[int, date], tuple[Rulebook, Plan]] = {}


def compiled(book: Rulebook, day: date) -> Plan:
    """The plan of that rulebook for that day; the same for all days with the same editions."""
    key = (id(book), day)
    kept = _plans.get(key)
    if kept is None:
        if len(_plans) > 1000:
            _plans.clear()
        editions = tuple((rule.id, edition.valid_from) for rule, edition in book.in_force(day))
        kept = _plans[key] = (book, _plan_of(_Editions(book, editions, day)))
    return kept[1]


class _Editions:
    """A rulebook with the editions of a day, as a key: days with the same editions share a plan."""

    def __init__(self, book: Rulebook, editions: tuple[tuple[str, date], ...], day: date) -> None:
        self.book, self.day, self.key = book, day, (id(book), editions)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Editions) and other.key == self.key


@lru_cache(maxsize=64)
def _plan_of(editions: _Editions) -> Plan:
    return Plan(editions.book, editions.day)


def flavour_of(asked: Parcels | Drawn) -> Flavour:
    """Which of the statements asks for such a subject."""
    if isinstance(asked, Parcels):
        return "parcels"
    return "line" if shapely.get_dimensions(asked.shape) == 1 else "area"


def parameters(asked: Parcels | Drawn, day: date) -> dict[str, Any]:
    """What the statement is asked with."""
    if isinstance(asked, Parcels):
        sirutas, numbers = zip(*asked.numbers, strict=True)
        return {"day": day, "sirutas": list(sirutas), "numbers": list(numbers)}
    return {"day": day, "wkb": shapely.to_wkb(asked.shape), "accuracy": asked.accuracy_m}


def warm_up(database: str | None = None) -> None:
    """Compile today's rules and have their statement planned, so that nobody's first check waits.

    PostgreSQL plans a prepared statement anew for its first five uses and keeps one plan from then on.
    """
    plan = compiled(rulebook(settings().rules), today())
    nowhere = Parcels(((0, "-"),))
    with reading(database) as connection:
        for _ in range(6):
            _rows(nowhere, today(), plan.statement("parcels"), connection)


def _rows(asked: Parcels | Drawn, day: date, statement: Statement, connection: Connection) -> list[Any]:
    given = parameters(asked, day)
    with span("db"), psycopg.RawCursor(connection) as cursor:
        cursor.execute(statement.text, [given[name] for name in statement.parameters], binary=True)
        return cursor.fetchall()


def _ask_what_is_whole(asked: Parcels | Drawn, day: date, plan: Plan, address: str) -> Facts:
    """The facts, without layers whose data are gone or corrupt: nothing found there must not read as nothing there."""
    lost = health.broken(day, address)
    for layer in (UAT, *((PARCEL,) if isinstance(asked, Parcels) else ())):
        health.require(layer, day, address)
    statement = plan.statement(flavour_of(asked), frozenset(lost))
    with reading(address) as connection:
        try:
            facts = _ask(asked, day, statement, connection)
        except health.UNREADABLE as error:
            for layer, reason in lost.items():  # one that others are measured against
                raise BrokenLayer(layer, reason) from error
            raise
    facts.lose(lost)
    return facts


def _ask(asked: Parcels | Drawn, day: date, statement: Statement, connection: Connection) -> Facts:
    facts = _gathered(asked, day, statement, connection)
    if isinstance(asked, Parcels):
        if facts is None or len(facts.parcels) < len(asked.numbers):
            raise explain_unknown(asked, day, connection)
    elif facts is None or not facts.uats:
        explain_nowhere(asked.shape, day, connection)
    if facts is None:
        raise RuntimeError("the statement brought no subject back")
    _know_versions(facts, connection)
    return facts


def _gathered(
    asked: Parcels | Drawn, day: date, statement: Statement, connection: Connection
) -> Facts | None:
    while True:
        try:
            return gather(_rows(asked, day, statement, connection), statement, day, connection)
        except Moved:
            continue


def _know_versions(facts: Facts, connection: Connection) -> None:
    """Versions of features from outside the UATs in reach; there are hardly ever any."""
    met = {candidate.version_id for candidates in facts.candidates.values() for candidate in candidates}
    unknown = met - facts.versions.keys()
    if unknown:
        rows = connection.execute(
            "SELECT id, layer, number, valid_from::text, accuracy_m, source FROM catalogue.layer_version"
            " WHERE id = ANY(%s)",
            [sorted(unknown)],
        ).fetchall()
        facts.versions = {**facts.versions, **{row[0]: Version(*row) for row in rows}}


def _report(asked: Parcels | Drawn, facts: Facts, plan: Plan) -> CheckReport:
    writer = Writer(facts)
    not_applicable: list[str] = []
    not_checked: list[NotChecked] = []
    for scope in plan.rules:
        rule, edition = scope.rule, scope.edition
        missing = gaps(scope, facts)
        drafts, undetermined = _drafts(scope, facts, missing)
        missing += [
            NotChecked(rule=rule.id, layer=layer, reason=reason, mandatory=rule.mandatory)
            for layer, reason in undetermined
        ]
        not_checked += missing
        if drafts:
            writer.write(rule, edition, drafts)
        elif not missing:
            not_applicable.append(rule.id)
    county = settings()
    return CheckReport.trusted(
        schema_="vatra.check/1",
        subject=_subject(asked, facts, writer),
        as_of=facts.day,
        checked_at=datetime.now(ROMANIA),
        rule_set=plan.version,
        layers=facts.layers_used(),
        findings=tuple(writer.findings),
        totals=tuple(writer.totals),
        not_applicable=tuple(not_applicable),
        not_checked=tuple(not_checked),
        road_access=tuple(road.access for road in roads_in_reach(facts) if road.managed),
        competence=competence(facts),
        approvals=approvals(writer.called_for, county.rules),
        fee=fee(facts, county.fees),
    )


def _drafts(scope: Scope, facts: Facts, missing: list[NotChecked]) -> tuple[list[Draft], list[Gap]]:
    if not determined(scope, missing):
        return [], []
    rule, edition = scope.rule, scope.edition
    if not rule.compute:
        return relations.findings(rule, edition, facts), []
    found = computed.findings(rule, edition, facts)
    return [one for one in found if isinstance(one, Draft)], [one for one in found if isinstance(one, Gap)]


def _subject(asked: Parcels | Drawn, facts: Facts, writer: Writer) -> Subject:
    numbers = tuple(parcel["cadastral_number"] for parcel in facts.parcels)
    owned = {parcel.get("ownership") for parcel in facts.parcels}
    first = facts.uats[0] if facts.uats else None
    siruta = facts.parcels[0]["siruta"] if facts.parcels else first.siruta if first else None
    name = next((uat.name for uat in facts.uats if uat.siruta == siruta), first.name if first else None)
    return Subject.trusted(
        siruta=siruta,
        uat=name,
        uats=tuple(facts.uats),
        cadastral_number=", ".join(numbers) or None,
        cadastral_numbers=numbers,
        land_book_number=_listed(facts, "land_book_number"),
        use_category=_listed(facts, "use_category"),
        ownership=owned.pop() if len(owned) == 1 else None,
        area_m2=facts.area_m2,
        area_legal_m2=facts.area_legal_m2,
        length_m=facts.shape.length if facts.is_line else None,
        accuracy_m=facts.accuracy_m,
        crs="EPSG:3844",
        geometry=writer.whole,
    )


def _listed(facts: Facts, name: str) -> str | None:
    """What the parcels say, each value once; None where one of them does not say it."""
    values = [str(parcel.get(name) or "") for parcel in facts.parcels]
    return ", ".join(dict.fromkeys(values)) or None if all(values) else None
