"""What follows from what is on the ground: rules, the check, roads, fees, competence.

Reads the layers; knows nothing of maps, documents or the web. Analysts import this package.
"""

from analysis.checking import check
from analysis.findings import CheckReport
from analysis.subject import area, coordinate_list, line, parcel, parcels

__all__ = ["CheckReport", "area", "check", "coordinate_list", "line", "parcel", "parcels"]
