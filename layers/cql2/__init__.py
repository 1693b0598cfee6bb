"""CQL2, the filter language of the OGC: text or JSON → one tree → a clause of SQL over a layer's columns.

The tree is the standard's own JSON encoding. Texts are read by a grammar of ours in one pass: pygeofilter takes
``a OR b AND c`` from left to right, knows the temporal functions of drafts only, and no escaped quotes.
"""

from __future__ import annotations

from layers.cql2.clauses import Clause, compile_filter
from layers.cql2.errors import BadFilter
from layers.cql2.reading import Tree, read_json, read_text

__all__ = ["BadFilter", "Clause", "Tree", "compile_filter", "read_json", "read_text"]
