"""Where data lives, read from the environment (prefix ``VATRA_``)."""

from __future__ import annotations

import hashlib
from pathlib import Path
from tempfile import gettempdir

from pydantic_settings import BaseSettings, SettingsConfigDict


class StorageSettings(BaseSettings):
    """Storage: the folder of the embedded cluster, or the address of a server of one's own."""

    model_config = SettingsConfigDict(env_prefix="VATRA_", extra="ignore")

    home: Path = Path("var")
    database_url: str | None = None
    datum_grid: Path | None = None
    pool_size: int = 8
    statement_timeout_ms: int = 10_000
    lock_timeout_ms: int = 3_000

    @property
    def socket_folder(self) -> Path:
        """Folder of the embedded cluster's unix socket.

        A socket's path may hold 107 bytes only, so it lives in the system's run folder, named by
        the home it belongs to, whenever the home's own path is too long.
        """
        own = self.home.resolve() / "run"
        if len(str(own)) <= 80:
            return own
        return Path(gettempdir()) / f"vatra-{stable_hash(str(own)):x}"

    @property
    def url(self) -> str:
        """libpq URL of the database in use."""
        if self.database_url:
            return self.database_url.replace("postgresql+psycopg://", "postgresql://", 1)
        return f"postgresql:///vatra?host={self.socket_folder}&user=vatra"


def stable_hash(text: str) -> int:
    """A number that is the same in every process (``hash`` is not)."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")
