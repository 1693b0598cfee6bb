"""What is on the ground: the catalogue of layers, their tables, reading, importing, versions.

Knows nothing of rules, maps or the web. Everything measured is EPSG:3844, stored x = east, y = north.
"""
