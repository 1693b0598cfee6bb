"""The MapLibre style of the vector tiles, with its symbols and letters, all derived from the catalogue's style."""
