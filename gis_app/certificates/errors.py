"""What can go wrong with a certificate, each a tiny class whose text says what to do."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from layers.errors import VatraError


class UnknownForm(VatraError):
    """No form of that code."""

    def __init__(self, code: str, known: list[str]) -> None:
        near = get_close_matches(code, known, n=3)
        hint = f"; ați vrut {', '.join(near)}?" if near else f"; cunoscute: {', '.join(known)}"
        super().__init__(f"nu există formularul {code!r}{hint}")


class SealError(VatraError):
    """The authority's electronic seal cannot be used."""


class SealMissing(SealError):
    """No seal is configured, or its file is not there."""


class SealLocked(SealError):
    """The seal's file does not open with the password given."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"sigiliul {path} nu se deschide: parola nu se potrivește sau fișierul nu este PKCS#12;"
            " verificați VATRA_SEAL și VATRA_SEAL_PASSWORD"
        )


class SealExpired(SealError):
    """The seal's certificate is not valid on the day of sealing."""


class TimestampFailed(SealError):
    """The time-stamping service gave no time stamp."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(
            f"serviciul de marcă temporală nu răspunde cum trebuie ({cause}); verificați VATRA_SEAL_TIMESTAMP_URL"
        )


class UnreadableDocument(VatraError):
    """The file to verify is no PDF, or is damaged beyond reading."""


class NotIssuable(VatraError):
    """A document cannot be issued by itself; the message lists what is missing."""


class UnknownPurpose(VatraError):
    """No such works in the table of purposes."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(f"lucrări necunoscute: {name}; se cunosc: {', '.join(known)}")


class CannotWrite(VatraError):
    """A file cannot be written; says so when the document is in the register all the same."""

    def __init__(self, path: Path, cause: str, number: str | None = None) -> None:
        kept = f"; documentul nr. {number} este emis și se află în registru" if number else ""
        super().__init__(f"{path}: {cause}{kept}")


class NoManagedRoad(VatraError):
    """No road managed by the authority is in reach of the subject."""
