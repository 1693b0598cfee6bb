"""Terrain models and orthophotos: their values as tiles and at points, how they look, profiles along a line."""
