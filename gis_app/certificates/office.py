"""The issuing authority of this installation, put together from its settings."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import SecretStr

from analysis.rulebook import rulebook
from analysis.settings import settings as analysis_settings
from gis_app.certificates.annexes import draw
from gis_app.certificates.issuing import Issuer
from gis_app.certificates.seal import Seal, open_seal
from gis_app.certificates.settings import AuthoritySettings, SealSettings
from layers import database


def office() -> Issuer:
    """Who issues here. The seal is opened when one is needed, and again when its file changes."""
    return Issuer(
        authority=AuthoritySettings(),
        rules=rulebook(analysis_settings().rules),
        seal=own_seal,
        connect=database.connection,
        draw=draw,
    )


def own_seal() -> Seal:
    """The authority's seal; SealMissing or SealLocked when it cannot be opened."""
    settings = SealSettings()
    if settings.seal is None or not settings.seal.is_file():
        return open_seal(settings)
    changed = settings.seal.stat().st_mtime_ns
    return _opened(
        settings.seal, settings.seal_password.get_secret_value(), settings.seal_timestamp_url, changed
    )


@lru_cache(maxsize=2)
def _opened(path: Path, password: str, timestamp_url: str | None, _changed: int) -> Seal:
    """Opened once: checking the key takes a tenth of a second."""
    return open_seal(
        SealSettings(seal=path, seal_password=SecretStr(password), seal_timestamp_url=timestamp_url)
    )
