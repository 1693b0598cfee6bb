"""Layers that follow from others and from the rules: protection and safety zones, kilometre posts.

They are versioned layers like any other, so that every service shows them alike; nobody imports them.
"""

from analysis.derived.refreshing import Refreshed, refresh, sources, stale

__all__ = ["Refreshed", "refresh", "sources", "stale"]
