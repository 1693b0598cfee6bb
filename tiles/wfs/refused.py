"""What a request can be refused for, in the words of OGC Web Services Common."""

from __future__ import annotations

from typing import Literal

from layers.errors import VatraError

Code = Literal[
    "InvalidParameterValue",
    "MissingParameterValue",
    "NotFound",
    "OperationNotSupported",
    "OperationParsingFailed",
    "OperationProcessingFailed",
    "OptionNotSupported",
    "VersionNegotiationFailed",
    "InvalidUpdateSequence",
    "NoApplicableCode",
]


class Refused(VatraError):
    """A request that is not answered: why, and which parameter (``locator``) is at fault."""

    def __init__(self, code: Code, message: str, locator: str = "") -> None:
        super().__init__(message)
        self.code: Code = code
        self.locator = locator


def invalid(locator: str, message: str) -> Refused:
    """A value that cannot be used."""
    return Refused("InvalidParameterValue", message, locator)


def missing(locator: str) -> Refused:
    """A parameter that is needed and not there."""
    return Refused("MissingParameterValue", f"the parameter {locator} is needed", locator)


def shown(text: str, length: int = 60) -> str:
    """What was given, short enough to be repeated in a message."""
    return repr(text if len(text) <= length else text[:length] + "…")
