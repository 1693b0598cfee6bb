"""The records that pycsw searches: those of the layers the caller sees, in a small database in memory.

pycsw writes its filters as SQL text; they run against nothing but these few rows, in a database of the request's own
that refuses everything but reading them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

from gis_app.ogc.csw.rows import COLUMNS, current_rows
from gis_app.ogc.csw.spatial import area, meets

READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION}


class Repository:
    """What pycsw asks for records; made by it for every request, within the request's context."""

    dbtype = "sqlite"
    fts = False

    def __init__(self, context: Any, repo_filter: str | None = None) -> None:
        self.context, self.filter = context, repo_filter
        self.queryables = _queryables(context)
        self._connection = _filled(current_rows())

    def query_ids(self, ids: list[str]) -> list[SimpleNamespace]:
        """The records of those identifiers."""
        places = ", ".join("?" * len(ids))
        return self._select(f"WHERE identifier IN ({places}) ORDER BY identifier", ids)

    def query_domain(
        self, domain: str, _typenames: str, domainquerytype: str = "list", count: bool = False
    ) -> list[tuple[Any, ...]]:
        """The values of a column: all of them, counted, or the least and the greatest."""
        column = _column(domain)
        what, rest = f"DISTINCT {column}", f"WHERE {column} IS NOT NULL ORDER BY 1"
        if domainquerytype == "range":
            what, rest = f"min({column}), max({column})", ""
        elif count:
            what, rest = f"{column}, count(*)", f"GROUP BY {column} ORDER BY 1"
        return self._connection.execute(f"SELECT {what} FROM records {rest}").fetchall()

    def query_insert(self, direction: str = "max") -> str:
        """When the newest (or oldest) record was made."""
        function = "min" if direction == "min" else "max"
        (moment,) = self._connection.execute(f"SELECT {function}(insert_date) FROM records").fetchone()
        return str(moment)

    def query_source(self, source: str) -> list[SimpleNamespace]:
        """The records of that origin; all of ours are local."""
        return self._select("WHERE mdsource = ?", [source])

    def query(
        self,
        constraint: dict[str, Any],
        sortby: dict[str, Any] | None = None,
        typenames: Any = None,
        maxrecords: int = 10,
        startposition: int = 0,
    ) -> list[Any]:
        """How many records fit, as text, and those of the page asked for."""
        # pycsw writes places for values as Django does; it puts every value there, so no other %s is in the text.
        where = f"WHERE {constraint['where']}".replace("%s", "?") if constraint.get("where") else ""
        values = list(constraint.get("values", ()))
        (total,) = self._connection.execute(f"SELECT count(*) FROM records {where}", values).fetchone()
        page = [*values, int(maxrecords), int(startposition)]
        return [str(total), self._select(f"{where} {_order(sortby)} LIMIT ? OFFSET ?", page)]

    def _select(self, rest: str, values: list[Any]) -> list[SimpleNamespace]:
        found = self._connection.execute(f"SELECT {', '.join(COLUMNS)} FROM records {rest}", values)
        return [SimpleNamespace(**dict(zip(COLUMNS, row, strict=True))) for row in found]


def _filled(rows: Iterable[dict[str, str | None]]) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute(f"CREATE TABLE records ({', '.join(f'{name} TEXT' for name in COLUMNS)})")
    places = ", ".join(f":{name}" for name in COLUMNS)
    connection.executemany(f"INSERT INTO records VALUES ({places})", rows)
    connection.create_function("query_spatial", 4, meets, deterministic=True)
    connection.create_function("get_geometry_area", 1, area, deterministic=True)
    connection.set_authorizer(_read_only)
    return connection


def _read_only(action: int, *_details: object) -> int:
    return sqlite3.SQLITE_OK if action in READING else sqlite3.SQLITE_DENY


def _order(sortby: dict[str, Any] | None) -> str:
    if sortby is None:
        return "ORDER BY identifier"
    column = _column(sortby["propertyname"])
    if sortby.get("spatial"):
        column = f"CAST(get_geometry_area({column}) AS REAL)"
    return f"ORDER BY {column} {'DESC' if sortby.get('order') == 'DESC' else 'ASC'}, identifier"


def _column(name: str) -> str:
    if name not in COLUMNS:
        raise ValueError(f"no column {name!r} in the catalogue")
    return name


def _queryables(context: Any) -> dict[str, dict[str, Any]]:
    """pycsw's own names for the columns, by the group they come in and all together."""
    groups: dict[str, dict[str, Any]] = {}
    for typename in context.model["typenames"].values():
        for name, members in typename["queryables"].items():
            groups.setdefault(name, {}).update(members)
    together = {key: value for members in groups.values() for key, value in members.items()}
    return {**groups, "_all": {**together, **context.md_core_model["mappings"]}}
