"""Where data lives, read from the environment (prefix ``VATRA_``)."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from tempfile import gettempdir
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class StorageSettings(BaseSettings):
    """Storage: the folder of the embedded cluster, or the address of a server of one's own.

    ``map_database_url``: the address under which map services read, by default the same as the role ``vatra_map``.
    """

    model_config = SettingsConfigDict(env_prefix="VATRA_", extra="ignore")

    home: Path = Path("var")
    database_url: str | None = None
    map_database_url: str | None = None
    datum_grid: Path | None = None
    pool_size: int = 8
    pool_timeout_s: float = 3.0
    statement_timeout_ms: int = 10_000
    lock_timeout_ms: int = 3_000

    @property
    def cluster_folder(self) -> Path:
        """Folder of the embedded cluster: ``home``, unless PostgreSQL could not enter it.

        PostgreSQL never runs as root; started by root it runs as the user ``postgres``, who cannot reach
        a home inside somebody's private folder. The cluster then lives under ``/var/lib/vatra``, unless
        that somebody made one at home already: then it runs as theirs.
        """
        home = self.home.resolve()
        made = (home / "postgresql").exists()
        if os.geteuid() != 0 or made or all(map(_open_to_others, [home, *home.parents])):
            return home
        return Path("/var/lib/vatra") / f"{stable_hash(str(home)):x}"

    @property
    def socket_folder(self) -> Path:
        """Folder of the embedded cluster's unix socket.

        A socket's path may hold 107 bytes only, so it moves to the temporary folder when the home's own
        path is too long.
        """
        own = self.cluster_folder / "run"
        if len(str(own)) <= 80:
            return own
        return Path(gettempdir()) / f"vatra-{stable_hash(str(own)):x}"

    @property
    def url(self) -> str:
        """libpq URL of the database in use."""
        if self.database_url:
            return self.database_url.replace("postgresql+psycopg://", "postgresql://", 1)
        return f"postgresql:///vatra?host={self.socket_folder}&user=vatra"


class VisibilitySettings(BaseSettings):
    """Visibility: layer → circle, as JSON, where an authority shows less than the catalogue allows."""

    model_config = SettingsConfigDict(env_prefix="VATRA_", extra="ignore", frozen=True)

    visibility: dict[str, Literal["public", "operator", "staff"]] = Field(default_factory=dict)


def stable_hash(text: str) -> int:
    """A number that is the same in every process (``hash`` is not)."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")


def _open_to_others(folder: Path) -> bool:
    return not folder.exists() or bool(folder.stat().st_mode & 0o001)
