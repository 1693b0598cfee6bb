"""Cairo's SVG made fit to be part of a sheet: smaller, and the same text for the same map."""

from __future__ import annotations

import re

IDENTIFIER = re.compile(r'(id="|href="#|url\(#)([a-z]+)(\d+)')
# What follows the first decimal; taken away, not replaced, which is many times faster.
FURTHER_DECIMALS = re.compile(r"(?<=\.\d)\d+")
IDLE_MOVE = re.compile(r' M [-\d.]+ [-\d.]+ ?"')
PER_CENT_COLOUR = re.compile(r"rgb\(([\d.]+)%,([\d.]+)%,([\d.]+)%\)")
HALO_AND_TEXT = re.compile(
    r'<path style="fill:none;stroke-width:([\d.]+);[^"]*?stroke:(rgb[^;]*);[^"]*" d="([^"]*)"/>\s*'
    r'<path style=" stroke:none;fill-rule:\w+;fill:(rgb[^;]*);[^"]*" d="\3"/>'
)
TEXT_WITH_HALO = (
    r'<path style="fill:\4;stroke:\2;stroke-width:\1;stroke-linejoin:round;paint-order:stroke" d="\3"/>'
)


def tidy(picture: str) -> str:
    """The drawing's inside at half the size: colours as numbers of 0–255, lengths to a hundredth of a mm.

    A label is one outline with a halo beneath instead of the outline twice. Cairo numbers its surfaces
    through the life of the process; here they start at one, so that the same map is the same text.
    """
    inner = picture[picture.index(">", picture.index("<svg")) + 1 : picture.rindex("</svg>")]
    inner = IDLE_MOVE.sub('"', inner)
    inner = HALO_AND_TEXT.sub(TEXT_WITH_HALO, inner)
    inner = PER_CENT_COLOUR.sub(_colour, inner)
    if "matrix(" not in inner:  # whose numbers are no lengths
        inner = FURTHER_DECIMALS.sub("", inner)
    numbers: dict[str, str] = {}

    def renumber(found: re.Match[str]) -> str:
        name = found[2] + found[3]
        return f"{found[1]}m-{found[2]}{numbers.setdefault(name, str(len(numbers) + 1))}"

    return IDENTIFIER.sub(renumber, inner)


def _colour(found: re.Match[str]) -> str:
    red, green, blue = (round(float(share) * 2.55) for share in found.groups())
    return f"#{red:02x}{green:02x}{blue:02x}"
