"""Who issues: the authority as its documents name it, and its electronic seal.

Read from the environment: ``VATRA_AUTHORITY_*`` for the authority, ``VATRA_SEAL*`` for the seal.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

Issuer = Literal["mayor", "county_council_president"]


class AuthoritySettings(BaseSettings):
    """The issuing authority. The names of signatories are printed where they are given; the county is that of
    the land where it is not.

    ``siruta``: the UAT of a town hall. ``by_convention``: SIRUTA codes, comma-separated, of the UATs that have
    conferred issuing on a county council whose own competence does not reach them (Code art. 122); ``all`` for
    every one of the county. ``issue_unregistered``: whether land without a land book may get its certificate
    automatically, saying that the holder of the right of ownership could not be identified (Code art. 253
    alin. (4) lit. a).
    """

    model_config = SettingsConfigDict(env_prefix="VATRA_AUTHORITY_", extra="ignore", frozen=True)

    kind: Literal["county_council", "town_hall"] = "county_council"
    county: str = ""
    siruta: int | None = None
    by_convention: str = ""
    name: str = "Consiliul Județean (autoritate demonstrativă)"
    tax_code: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""
    arms: Path | None = None
    public_url: str = "http://127.0.0.1:8000"
    head: str | None = None
    secretary: str | None = None
    chief_architect: str | None = None
    road_manager: str | None = None
    issue_unregistered: bool = False

    @field_validator("by_convention")
    @classmethod
    def _codes(cls, text: str) -> str:
        if text.strip() != "all" and not all(
            code.strip().isdigit() for code in text.split(",") if code.strip()
        ):
            raise ValueError(f"expected 'all' or SIRUTA codes separated by commas, found {text!r}")
        return text.strip()

    def issues_for(self, issuer: Issuer, siruta: int | None) -> bool:
        """Whether this authority may issue an act of that issuer's competence (Code art. 304, 122, 253(7))."""
        if issuer == "county_council_president":
            return self.kind == "county_council"
        if self.kind == "town_hall":
            return siruta is not None and siruta == self.siruta
        conferred = {code.strip() for code in self.by_convention.split(",")}
        return "all" in conferred or str(siruta) in conferred

    @property
    def contact(self) -> str:
        """Telephone and e-mail on one line."""
        return " · ".join(part for part in (self.phone, self.email) if part)


class SealSettings(BaseSettings):
    """The electronic seal: a PKCS#12 file, its password and, if any, a time-stamping service (RFC 3161)."""

    model_config = SettingsConfigDict(env_prefix="VATRA_", extra="ignore", frozen=True)

    seal: Path | None = None
    seal_password: SecretStr = SecretStr("")
    seal_timestamp_url: str | None = None
