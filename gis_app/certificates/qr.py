"""How a document is checked: a code nobody can guess, and a QR that opens the authority's page for it."""

from __future__ import annotations

import secrets
from io import BytesIO

import segno

from gis_app.certificates.document import Verification

# Without the letters and digits that people confuse when they type from paper.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 12


def new_code() -> str:
    """A random verification code (58 bits) in groups: ``K7QX-2M9P-RT4D``."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    return "-".join(letters[at : at + 4] for at in range(0, CODE_LENGTH, 4))


def verification(public_url: str, number: str, code: str) -> Verification:
    """The address that answers for a number, with its QR. The page asks for the code only off the QR."""
    url = f"{public_url.rstrip('/')}/verify/{number}"
    drawn = BytesIO()
    segno.make(f"{url}?code={code}", error="m").save(drawn, kind="svg", border=2, xmldecl=False)
    return Verification(url=url, code=code, qr_svg=drawn.getvalue().decode())
