"""How it is drawn and served: mapfile, plans, and later WMS/WFS, vector tiles and raster.

Reads the layers and their catalogue; knows nothing of rules, documents or the web.
"""
