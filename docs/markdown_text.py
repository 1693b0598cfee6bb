"""Markdown from values: pages, tables, words as code."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any


def page(title: str, *parts: str) -> str:
    """A page from its parts."""
    return "\n\n".join((f"# {title}", *parts)) + "\n"


def table(head: list[str], rows: Iterable[Iterable[Any]]) -> str:
    """A Markdown table; the bars in cells are escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell(value) for value in line) + " |" for line in lines)


def cell(value: Any) -> str:
    """A cell's text."""
    return (
        f"{value:%Y-%m-%d}" if isinstance(value, date) else str(value).replace("|", "\\|").replace("\n", " ")
    )


def code(words: Iterable[str]) -> str:
    """Words as code, side by side."""
    return " ".join(f"`{word}`" for word in words)


def cited(basis: Iterable[Any]) -> str:
    """Acts with their articles."""
    return "; ".join(f"{one.act}{', ' + one.article if one.article else ''}" for one in basis)


def escaped(text: str) -> str:
    """A rule's text, its brackets safe from being read as links."""
    return text.replace("[", "\\[").replace("]", "\\]")
