"""How pictures are drawn, read from the environment (prefix ``VATRA_DRAWING_``) when the first one is."""

from __future__ import annotations

import os

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class DrawingSettings(BaseSettings):
    """The drawing processes, one pool for all web workers.

    ``processes``: how many pictures are drawn at a time, by default as many as there are processors. ``queue``: how
    many may wait for their turn, ``wait_s`` for how long, ``limit_s`` how long one may take. ``at_once``: how many a
    web worker asks for at a time; keep it below its threads, so that some are left for checks. ``niceness`` (as in
    nice(1)) lets checks have the processor first. A process is replaced after ``recycle_after`` pictures and can
    never take more than ``memory_mb`` of address space.
    """

    model_config = SettingsConfigDict(env_prefix="VATRA_DRAWING_", extra="ignore", frozen=True)

    processes: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1, le=64)
    queue: int = Field(default=64, ge=1, le=4096)
    wait_s: float = Field(default=10.0, gt=0)
    at_once: int = Field(default=24, ge=1)
    limit_s: float = Field(default=20.0, gt=0)
    recycle_after: int = Field(default=1000, ge=1)
    memory_mb: int = Field(default=2048, ge=512)
    niceness: int = Field(default=10, ge=0, le=19)
