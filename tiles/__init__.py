"""How it is drawn and served: MapServer maps, plans on paper, vector tiles, rasters, kept tiles, features as WFS gives them.

Reads the layers and their catalogue; knows nothing of rules, documents or the web.
"""
