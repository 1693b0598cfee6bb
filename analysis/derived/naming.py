"""The text that names a feature (``LEA[ {voltage_kv:n} kV]``) as SQL; it says what `sentences.fill` would."""

from __future__ import annotations

from psycopg import sql

from analysis.sentences import UNKNOWN, Labels, parts


def as_text(text: str, labels: Labels) -> sql.Composable:
    """The filled text of the feature ``f``; NULL where nothing is left of it.

    NULL joined to anything is NULL, which is how an optional part disappears.
    """
    found = [
        sql.SQL("COALESCE({}, '')").format(_joined(pieces, labels, optional=bool(needed)))
        for needed, pieces in parts(text)
    ]
    return sql.SQL("NULLIF(trim(concat({})), '')").format(sql.SQL(", ").join(found))


def _joined(pieces: tuple[tuple[str, str, str], ...], labels: Labels, *, optional: bool) -> sql.Composable:
    written: list[sql.Composable] = []
    for literal, field, form in pieces:
        if literal:
            written.append(sql.Literal(literal))
        if field:
            value = _value(field, form, labels)
            written.append(
                value if optional else sql.SQL("COALESCE({}, {})").format(value, sql.Literal(UNKNOWN))
            )
    return sql.SQL(" || ").join(written)


def _value(field: str, form: str, labels: Labels) -> sql.Composable:
    column = sql.Identifier("f", field)
    if form == "n":
        # The server's own locale must not decide how Romanian numbers look.
        return sql.SQL(
            "translate(rtrim(to_char(round({}::numeric, 2), 'FM999,999,999,990.99'), '.'), ',.', '.,')"
        ).format(column)
    if field in labels:
        words = [
            sql.SQL("WHEN {} THEN {}").format(sql.Literal(value), sql.Literal(word))
            for value, word in labels[field].items()
        ]
        return sql.SQL("CASE {0} {1} ELSE {0} END").format(column, sql.SQL(" ").join(words))
    return sql.SQL("NULLIF({}::text, '')").format(column)
