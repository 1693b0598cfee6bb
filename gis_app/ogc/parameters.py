"""The parameters of a request to an OGC service: names without case, one value each, bounded.

The services' libraries have been crashed by repeated, endless and garbled parameters; none of those gets past here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from layers.errors import VatraError

MOST_PARAMETERS = 100
LONGEST_NAME = 100
LONGEST_VALUE = 8_192
# Line ends are white space in XML and nowhere else in a request.
MAY_HOLD_LINES = frozenset({"filter"})
LINE_ENDS = frozenset("\r\n\x0b\x0c\x85\u2028\u2029")


class ParameterError(VatraError):
    """A parameter that no service accepts. ``locator`` is its name where it has one."""

    def __init__(self, message: str, locator: str | None = None) -> None:
        super().__init__(message)
        self.locator = locator


@dataclass(frozen=True)
class Parameters(Mapping[str, str]):
    """Parameters by lower-case name; look-ups take any case."""

    _values: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Parameters:
        """From name and value pairs as they came. Raises ParameterError for too many, too long, garbled or
        contradicting ones; the same one said twice counts once."""
        values: dict[str, str] = {}
        for number, (name, value) in enumerate(pairs):
            if number >= MOST_PARAMETERS:
                raise ParameterError(f"more than {MOST_PARAMETERS} parameters")
            key = name.lower()
            _check(key, value)
            if values.setdefault(key, value) != value:
                raise ParameterError(f"{name} is given twice with different values", key)
        return cls(values)

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def with_defaults(self, **defaults: str) -> Parameters:
        """These parameters, and others where they are not given."""
        return Parameters({**{name.lower(): value for name, value in defaults.items()}, **self._values})


def _check(name: str, value: str) -> None:
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise ParameterError("a parameter's name is garbled or too long")
    if len(value) > LONGEST_VALUE:
        raise ParameterError(f"{name} is longer than {LONGEST_VALUE} characters", name)
    if "\0" in value or (name not in MAY_HOLD_LINES and not LINE_ENDS.isdisjoint(value)):
        raise ParameterError(f"{name} holds a character that no parameter may hold", name)
