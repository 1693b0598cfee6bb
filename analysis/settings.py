"""Where a county keeps its own rules and fees, read from the environment (prefix ``VATRA_``)."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class AnalysisSettings(BaseSettings):
    """``rules``: folder laid over ours. ``fees``: the county's fee table, a file."""

    model_config = SettingsConfigDict(env_prefix="VATRA_", extra="ignore")

    rules: Path | None = None
    fees: Path | None = None


def settings() -> AnalysisSettings:
    """The settings as the environment has them now."""
    return _settings(os.environ.get("VATRA_RULES"), os.environ.get("VATRA_FEES"))


@lru_cache(maxsize=8)
def _settings(_rules: str | None, _fees: str | None) -> AnalysisSettings:
    return AnalysisSettings()
