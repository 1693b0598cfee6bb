"""A small world in the test's own transaction."""

from __future__ import annotations

import pytest

from layers.database import Connection
from tests.analysis.world import World


@pytest.fixture
def world(connection: Connection) -> World:
    """An empty world around the origin; rolled back after the test."""
    return World(connection)
