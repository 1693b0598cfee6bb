"""The tile cache: maps of layers, themes and foreign services, cut into tiles and kept on disk.

MapProxy does the work that it is good at (grids, metatiles, locks between processes, files written whole or
not at all, asking foreign services); we say what is drawn, by whom it may be seen, and when a tile ends:
publishing a version of a layer drops exactly the tiles that the change touches. Knows nothing of HTTP.
"""
