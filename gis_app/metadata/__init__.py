"""What the layers say of themselves to catalogues: a record each, from which ISO 19139 (INSPIRE) and DCAT-AP are made.

Knows the layers' catalogue and versions; the doors (CSW, ``catalog.jsonld``, OGC API Records) only render what is here.
"""
