"""How the web part behaves, read from the environment (prefix ``VATRA_WEB_``) when the application is made."""

from __future__ import annotations

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from analysis.settings import AnalysisSettings
from gis_app.certificates.settings import AuthoritySettings, SealSettings
from layers.errors import VatraError
from layers.settings import StorageSettings, VisibilitySettings
from tiles.cache.settings import CacheSettings
from tiles.settings import DrawingSettings


class BadSettings(VatraError):
    """Settings that cannot be used; the message names each variable, what was found and what was expected."""


class WebSettings(BaseSettings):
    """The web application.

    ``body_limit_bytes``: larger bodies are refused unread. ``trusted_proxies``: how many reverse proxies
    stand in front of us and set ``X-Forwarded-*`` (0: none, and the headers are ignored).
    ``previews_per_minute``: previews of certificates that one address may have from one worker (0: no
    limit); ``sign_ins_per_minute``: attempts to sign in, likewise. ``drawings_at_once``: documents and plans
    that one worker makes at a time, so that they leave the processor to the checks. ``secret_key`` signs
    session cookies; without it the installation makes one and keeps it under ``VATRA_HOME``, which is enough
    unless several machines serve one address.
    ``tile_cache_mb``: memory in which each worker keeps finished vector tiles (0: none).
    """

    model_config = SettingsConfigDict(env_prefix="VATRA_WEB_", extra="ignore", frozen=True)

    secret_key: str | None = None
    body_limit_bytes: int = Field(default=4_000_000, ge=1_000)
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    previews_per_minute: int = Field(default=120, ge=0)
    sign_ins_per_minute: int = Field(default=20, ge=0)
    drawings_at_once: int = Field(default=2, ge=1)
    drawing_wait_s: float = Field(default=15.0, gt=0)
    tile_cache_mb: int = Field(default=64, ge=0, le=4_000)


def check_settings() -> None:
    """Read every setting. Raises BadSettings with all mistakes at once, before anything is started."""
    mistakes: list[str] = []
    for kind in (
        StorageSettings,
        VisibilitySettings,
        AnalysisSettings,
        AuthoritySettings,
        SealSettings,
        DrawingSettings,
        CacheSettings,
        WebSettings,
    ):
        try:
            kind()
        except ValidationError as error:
            prefix = str(kind.model_config.get("env_prefix", ""))
            mistakes += [
                f"{prefix}{'_'.join(map(str, fault['loc']))}".upper() + f"={fault['input']}: {fault['msg']}"
                for fault in error.errors(include_url=False)
            ]
    if mistakes:
        raise BadSettings("wrong settings in the environment:\n" + "\n".join(mistakes))
