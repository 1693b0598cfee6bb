"""How features of a layer are drawn: rules of colour, line, hatch, symbol and label, as data.

Lengths are millimetres on paper, so that one style serves a printed plan and a screen map. Colours marked
``source: standard`` are the RGB values of the plan standard (Ordin MDLPA 1022/2026, standard de reprezentare
grafică); the standard shows lines, hatches and symbols as pictures without a figure, so those are always ours.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    model_validator,
)

Channel = Annotated[int, Field(ge=0, le=255)]
Colour = tuple[Channel, Channel, Channel]
Millimetres = Annotated[float, Field(gt=0, le=20)]
Scalar = StrictBool | StrictInt | StrictFloat | StrictStr | None
Primitive = Literal["polygon", "line", "point"]
Shape = Literal["circle", "square", "triangle", "diamond", "cross", "tick", "letter"]

SMALLEST_TEXT_MM = 2.0
# A whole county in a picture of 256 pixels is 1:900,000; further out nothing of ours can be told apart.
SMALLEST_SCALE = 5_000_000
PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class Value(BaseModel):
    """A frozen value read from a file: unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Scale(Value):
    """Scale denominators between which something is drawn: above ``min`` and up to ``max``, 1:min being larger."""

    min: Annotated[int, Field(ge=1)] = 1
    max: Annotated[int, Field(le=SMALLEST_SCALE)] = SMALLEST_SCALE

    @model_validator(mode="after")
    def _in_order(self) -> Scale:
        if self.min >= self.max:
            raise ValueError("'min' is the denominator of the larger scale: it must be below 'max'")
        return self

    def holds(self, denominator: float) -> bool:
        """Whether something of this range is drawn at 1:denominator."""
        return self.min < denominator <= self.max


ALWAYS = Scale()


class Range(Value):
    """Numbers from ``min`` (included) up to ``below`` (not included)."""

    min: float | None = None
    below: float | None = None


class GroundWidth(Value):
    """A width in metres on the ground, of a column or ``default`` where that is empty.

    ``casing`` (mm on paper) is added on each side, for an edge that shows under the line itself. However small
    the scale, the line is ``least`` mm wide.
    """

    column: str
    default: Annotated[float, Field(gt=0)]
    casing: Annotated[float, Field(ge=0, le=2)] = 0.0
    least: Annotated[float, Field(gt=0, le=2)] = 0.2


class Stroke(Value):
    """A line of a constant width on paper, or of a true width on the ground; ``dash`` in mm on, off, …"""

    colour: Colour
    width: Millimetres | None = None
    ground: GroundWidth | None = None
    dash: tuple[Millimetres, ...] = ()
    scale: Scale = ALWAYS

    @model_validator(mode="after")
    def _one_width(self) -> Stroke:
        if (self.width is None) == (self.ground is None):
            raise ValueError("give 'width' (mm on paper) or 'ground' (metres in nature), and only one")
        if len(self.dash) % 2:
            raise ValueError("'dash' goes in pairs: drawn, left out")
        return self


class Hatch(Value):
    """Parallel lines; ``angle`` in degrees from east, anticlockwise."""

    colour: Colour
    spacing: Millimetres
    width: Millimetres
    angle: float = 45.0


class Marker(Value):
    """A point symbol; with ``every`` (mm) it repeats along a line instead. ``line`` is its outline's width.

    The shape ``letter`` draws ``letter``, with ``outline`` as its halo.
    """

    shape: Shape
    size: Millimetres
    colour: Colour
    outline: Colour | None = None
    line: Millimetres = 0.2
    every: Annotated[float, Field(gt=0, le=500)] | None = None
    letter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    scale: Scale = ALWAYS

    @model_validator(mode="after")
    def _letter_is_given(self) -> Marker:
        if (self.shape == "letter") != (self.letter is not None):
            raise ValueError("'letter' goes with shape 'letter', and only with it")
        return self


class Words(Value):
    """What a feature is called on the map.

    ``text`` lists templates with ``{column}`` places; the first whose columns all hold something is used.
    Of texts that collide the one of the higher ``priority`` is drawn. ``every`` (mm) is how far apart a text is
    repeated along a line.
    """

    text: tuple[str, ...]
    size: Annotated[float, Field(ge=SMALLEST_TEXT_MM, le=10)]
    colour: Colour = (30, 30, 30)
    bold: bool = False
    every: Annotated[float, Field(gt=0, le=500)] | None = None
    priority: Annotated[int, Field(ge=1, le=10)] = 5
    scale: Scale = ALWAYS

    @property
    def columns(self) -> set[str]:
        """Columns that the templates name."""
        return {name for template in self.text for name in PLACEHOLDER.findall(template)}


class Label(Words):
    """Text at or beside a feature; ``along`` lets it follow a line, or run along a polygon's longer side.

    Of the layer's own texts that collide, the one of the larger area is drawn where ``larger_first``: for layers
    whose areas do not overlap, since the order of drawing follows.
    """

    halo: Colour | None = (255, 255, 255)
    italic: bool = False
    along: bool = False
    beside: bool = False
    larger_first: bool = False


class Shield(Words):
    """A road's number on a plate that lies on the line."""

    fill: Colour
    border: Colour = (255, 255, 255)
    bold: bool = True


class StyleRule(Value):
    """How the features that satisfy ``where`` look; of several rules the first that fits draws them.

    ``where`` maps a column to the values it may have, or to a range; an empty one takes every feature.
    ``variant`` names a set of rules, of which a map chooses one (``default``, ``grey``…).
    A rule without a title has no place in the legend. Features smaller on paper than ``smallest`` mm are left out.
    """

    title: str | None = None
    where: dict[str, tuple[Scalar, ...] | Range] = {}
    variant: Annotated[str, Field(pattern=r"^[a-z_]+$")] = "default"
    source: Literal["standard", "own"]
    scale: Scale = ALWAYS
    smallest: Annotated[float, Field(ge=0, le=50)] = 0.0
    fill: Colour | None = None
    hatch: Hatch | None = None
    strokes: tuple[Stroke, ...] = ()
    marker: Marker | None = None
    label: Label | None = None
    shield: Shield | None = None

    @model_validator(mode="after")
    def _draws_something(self) -> StyleRule:
        if not (self.fill or self.hatch or self.strokes or self.marker or self.words):
            raise ValueError("the rule draws nothing: give fill, hatch, strokes, marker, label or shield")
        return self

    @property
    def words(self) -> tuple[Words, ...]:
        """Label and shield, those there are."""
        return tuple(words for words in (self.label, self.shield) if words)

    @property
    def scales(self) -> tuple[Scale, ...]:
        """Every range of scales that something of the rule is drawn at."""
        parts = (*self.strokes, *self.words, *((self.marker,) if self.marker else ()))
        return (self.scale, *(part.scale for part in parts))

    @property
    def columns(self) -> set[str]:
        """Columns of the layer that the rule reads."""
        grounds = {stroke.ground.column for stroke in self.strokes if stroke.ground}
        return set(self.where) | grounds | {name for words in self.words for name in words.columns}

    def draws(self, primitive: Primitive) -> bool:
        """Whether features of that kind get anything at all from this rule."""
        return bool(self.words) or self.pictures(primitive)

    def pictures(self, primitive: Primitive) -> bool:
        """Whether features of that kind get more than a label."""
        if primitive == "point":
            return self.marker is not None
        if primitive == "line":
            return bool(self.strokes) or self.marker is not None
        return bool(self.fill or self.hatch or self.strokes)


def check_rules(rules: tuple[StyleRule, ...], columns: dict[str, tuple[str, ...]]) -> None:
    """ValueError where a rule reads a column that is not there, or a value its column cannot hold.

    ``columns`` maps a column's name to its choices (empty where it takes any value).
    """
    for number, rule in enumerate(rules):
        for name in sorted(rule.columns - set(columns)):
            raise ValueError(f"style rule {number + 1} reads {name!r}, which is no column")
        for name, allowed in rule.where.items():
            if not columns[name] or isinstance(allowed, Range):
                continue
            for value in allowed:
                if value is not None and value not in columns[name]:
                    raise ValueError(f"style rule {number + 1}: {name} is never {value!r}")
