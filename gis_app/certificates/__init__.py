"""Certificates and road permits: from a CheckReport to a sealed document.

A form (``forms/*.yaml``) says what the law prints; ``compose`` fills it from a report into one tree
(``document``); ``pdf``, ``docx`` and JSON are rendered from that tree, so they cannot disagree;
``seal`` closes the PDF, ``registry`` numbers and keeps it, ``verify`` reads it back, and ``issuing``
is the one door the command line and the HTTP API use. Knows nothing of Flask, of SQL for layers, and
of how findings come about.
"""
