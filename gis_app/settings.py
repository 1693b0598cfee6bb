"""How the web part behaves, read from the environment (prefix ``VATRA_WEB_``) when the application is made."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class WebSettings(BaseSettings):
    """The web application.

    ``body_limit_bytes``: larger bodies are refused unread. ``trusted_proxies``: how many reverse proxies
    stand in front of us and set ``X-Forwarded-*`` (0: none, and the headers are ignored).
    ``previews_per_minute``: previews of certificates that one address may have from one worker (0: no
    limit); ``drawings_at_once``: documents and plans that one worker makes at a time, so that they leave
    the processor to the checks.
    """

    model_config = SettingsConfigDict(env_prefix="VATRA_WEB_", extra="ignore", frozen=True)

    body_limit_bytes: int = Field(default=4_000_000, ge=1_000)
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    previews_per_minute: int = Field(default=120, ge=0)
    drawings_at_once: int = Field(default=2, ge=1)
    drawing_wait_s: float = Field(default=15.0, gt=0)
