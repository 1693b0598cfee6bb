"""A synthetic Romanian county for trials and tests: made from a seed, no fetched data, no real people or places.

Knows the catalogue's columns and nothing of rules or pages. Everything is EPSG:3844, metres, x = east.
"""

from layers.demo.cases import HARD_CASES, SHOWCASE, Case
from layers.demo.county import BIG, County, make_county
from layers.demo.features import Features

__all__ = ["BIG", "HARD_CASES", "SHOWCASE", "Case", "County", "Features", "make_county"]
