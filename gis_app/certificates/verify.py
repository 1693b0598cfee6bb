"""Reading a document back: who sealed it, is it whole, what number, is it still in force."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from gis_app.certificates.errors import UnreadableDocument
from gis_app.certificates.registry import Entry, sha256
from gis_app.certificates.romanian import moment
from gis_app.certificates.seal import Seal, common_name

UNSEALED = "Documentul nu este sigilat și nici semnat."
WHOLE = "Documentul este întreg: nu s-a schimbat nimic de la sigilare."
UNREADABLE = "sigiliu care nu se mai poate citi"
# What pyHanko and asn1crypto raise on bytes that are no longer what was signed.
DAMAGED = (SignatureValidationError, SigningError, PdfError, ValueError, TypeError, KeyError)
CHANGED = "Documentul a fost MODIFICAT după sigilare sau sigiliul este deteriorat."

# An unknown issuer is part of the verdict; pyHanko would also log it with a stack trace.
logging.getLogger("pyhanko.sign.validation").setLevel(logging.ERROR)

Lookup = Callable[[str], Entry | None]


@dataclass(frozen=True)
class Signature:
    """One signature or seal of a file. ``whole``: nothing of the file changed since it was made.

    ``ours``: made with the seal that this authority uses. ``trusted``: its certificate leads to a root that
    the validation context knows.
    """

    signer: str
    issuer: str
    signed_at: datetime | None
    whole: bool
    trusted: bool
    ours: bool


@dataclass(frozen=True)
class Verdict:
    """What is known of a file: its seals, and what the register says of exactly these bytes."""

    signatures: tuple[Signature, ...]
    entry: Entry | None

    @property
    def sealed(self) -> bool:
        """Whether any seal or signature is there."""
        return bool(self.signatures)

    @property
    def whole(self) -> bool:
        """Sealed, and not a byte changed since."""
        return self.sealed and all(signature.whole for signature in self.signatures)

    @property
    def valid(self) -> bool:
        """Whole, as issued by us, and not withdrawn."""
        return self.whole and self.entry is not None and self.entry.in_force

    def lines(self) -> tuple[str, ...]:
        """The verdict in Romanian, a line each."""
        said = [_seal_line(signature) for signature in self.signatures] or [UNSEALED]
        if self.sealed:
            said.append(WHOLE if self.whole else CHANGED)
        return (*said, *self._register_lines())

    def _register_lines(self) -> tuple[str, ...]:
        entry = self.entry
        if entry is None:
            return ("Fișierul nu se află în registrul acestei autorități, în această formă.",)
        parcels = ", ".join(entry.cadastral_numbers) or "fără număr cadastral"
        about = (
            f"Nr. {entry.number} din {moment(entry.issued_at)}: {entry.form}, {entry.uat or '–'}, {parcels}."
        )
        if entry.withdrawn_at:
            return (about, f"RETRAS la {moment(entry.withdrawn_at)}: {entry.withdrawn_because}.")
        return (about, "În vigoare.")


def verify(pdf: bytes, lookup: Lookup, seal: Seal | None = None) -> Verdict:
    """The verdict on a file. ``lookup`` finds a register entry by SHA-256; ``seal`` is the authority's own.

    Raises UnreadableDocument for what is not a PDF.
    """
    try:
        embedded = list(PdfFileReader(BytesIO(pdf)).embedded_signatures)
    except (PdfError, ValueError, TypeError, KeyError) as error:
        raise UnreadableDocument(f"fișierul nu este un PDF care se poate citi ({error})") from error
    roots = [seal.certificate] if seal else []
    signatures = tuple(_signature(found, roots) for found in embedded)
    return Verdict(signatures, lookup(sha256(pdf)))


def _signature(found: Any, roots: list[Any]) -> Signature:
    """What one signature proves. One that cannot be read any longer proves nothing."""
    try:
        certificate = found.signer_cert
        status = validate_pdf_signature(found, ValidationContext(trust_roots=roots, allow_fetching=False))
    except DAMAGED:
        return Signature(
            signer=UNREADABLE, issuer=UNREADABLE, signed_at=None, whole=False, trusted=False, ours=False
        )
    covered = status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    return Signature(
        signer=common_name(certificate.subject),
        issuer=common_name(certificate.issuer),
        signed_at=found.self_reported_timestamp,
        whole=bool(status.intact and status.valid and covered),
        trusted=bool(status.trusted),
        ours=any(certificate.sha256 == root.sha256 for root in roots),
    )


def _seal_line(signature: Signature) -> str:
    when = f" la {moment(signature.signed_at)}" if signature.signed_at else ""
    whose = "sigiliul acestei autorități" if signature.ours else f"certificat emis de {signature.issuer}"
    return f"Sigilat{when} de: {signature.signer} ({whose})."
