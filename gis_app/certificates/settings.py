"""Who issues: the authority as its documents name it, and its electronic seal.

Read from the environment: ``VATRA_AUTHORITY_*`` for the authority, ``VATRA_SEAL*`` for the seal.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class AuthoritySettings(BaseSettings):
    """The issuing authority. The names of signatories are printed where they are given; the county is that of
    the land where it is not.

    ``issue_unregistered``: whether land without a land book may get its certificate automatically, saying
    that the holder of the right of ownership could not be identified (Code art. 253 alin. (4) lit. a).
    """

    model_config = SettingsConfigDict(env_prefix="VATRA_AUTHORITY_", extra="ignore", frozen=True)

    kind: Literal["county_council", "town_hall"] = "county_council"
    county: str = ""
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
