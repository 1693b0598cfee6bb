"""The ``vatra`` commands, one module a topic; ``gis_app.cli`` only wires them together."""
