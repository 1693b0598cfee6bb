"""Where the hard cases are, and the parcel every example shows: the same for every seed and size of the county."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """Where a hard case is: a parcel, or a whole commune where ``cadastral_number`` is None."""

    siruta: int
    cadastral_number: str | None
    what: str


SHOWCASE = Case(
    900_060,
    "30112",
    "a house plot on a county road with every mandatory layer known: its certificate issues itself",
)

HARD_CASES: dict[str, Case] = {
    "two_communes": Case(900_100, "30101", "the land lies in two communes"),
    "sliver": Case(900_120, "30102", "an edge runs 0.3 m past the border between two zones"),
    "sliver_neighbour": Case(
        900_120, "30103", "the other side of the sliver: wholly inside one zone, 0.3 m off its border"
    ),
    "buffer_limit": Case(
        900_120, "30104", "its nearest point is exactly 20.000 m from the axis of a county road"
    ),
    "split_by_built_up_line": Case(900_120, "30105", "half inside the built-up area, half outside"),
    "multipart": Case(900_120, "30106", "two parts, one of them with a hole"),
    "enclave": Case(900_120, "30107", "fills the hole of the multipart parcel and only touches it"),
    "split_of_split": Case(900_120, "30110", "split in 2024 from a parcel that was itself split off in 2015"),
    "no_utilities": Case(900_070, None, "nothing is known of the networks of this commune"),
    "no_urbanism_structure": Case(900_080, None, "the commune has no urbanism structure: the county issues"),
    "expired_plan": Case(900_090, None, "the general plan lapsed on 2024-12-31"),
}
