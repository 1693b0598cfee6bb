"""Where tiles are kept and which foreign services are passed on, read from the environment."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

from layers.settings import stable_hash


class CacheSettings(BaseSettings):
    """The tile cache. ``cascade``: the file that names the foreign map services to pass on, if there are any.

    Tiles lie under ``cache/tiles`` in ``home`` (``VATRA_HOME``).
    """

    model_config = SettingsConfigDict(env_prefix="VATRA_", extra="ignore", frozen=True)

    home: Path = Path("var")
    cascade: Path | None = None

    @property
    def folder(self) -> Path:
        """Folder of all tiles."""
        return self.home.resolve() / "cache" / "tiles"

    def folder_of(self, address: str) -> Path:
        """Folder of the tiles that show the database of that libpq URL."""
        return self.folder / f"{stable_hash(address):x}"


def cache_settings() -> CacheSettings:
    """The settings as the environment has them."""
    return _read(os.environ.get("VATRA_HOME"), os.environ.get("VATRA_CASCADE"))


@lru_cache(maxsize=8)
def _read(_home: str | None, _cascade: str | None) -> CacheSettings:
    # Reading the settings takes longer than answering with a tile; they change with these two only.
    return CacheSettings()
