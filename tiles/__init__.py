"""How it is drawn and served: MapServer maps, plans on paper, vector tiles, rasters, tiles that are kept, WFS features.

Reads the layers and their catalogue; knows nothing of rules, documents or the web.
"""
