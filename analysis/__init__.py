"""What follows from what is on the ground: rules, the check, roads, fees, competence.

Reads the layers; knows nothing of maps, documents or the web. Analysts import this package.
"""
