"""Settings of the server, from environment variables ``NORMVIZ_...``, checked once at start."""

import os
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


def _cores() -> int:
    """Return the cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Settings(BaseSettings):
    """What an operator can set. ``NORMVIZ_WORKERS=4`` sets ``workers``."""

    model_config = SettingsConfigDict(env_prefix="NORMVIZ_", frozen=True, extra="ignore")

    workers: int = Field(default_factory=_cores, ge=1, le=256, description="Training processes.")
    frames_per_second: float = Field(
        default=30.0, gt=0, le=120, description="Frames a run emits a second, at most."
    )
    slice_ms: float = Field(
        default=5.0,
        ge=0.1,
        le=1000,
        description="How long a run trains before the next one's turn.",
    )
    grace_seconds: float = Field(
        default=30.0, ge=0, le=3600, description="How long a run goes on when nobody watches it."
    )
    record_frames: int = Field(
        default=400,
        ge=16,
        le=10_000,
        description="Frames kept of a run, evenly spread over its steps.",
    )
    records_mb: int = Field(
        default=256,
        ge=1,
        le=65_536,
        description="Memory for the records of runs that nobody watches, and as much for recordings.",
    )
    checkpoints_mb: int = Field(
        default=64,
        ge=0,
        le=65_536,
        description="Memory of a worker for states that a fork or a change goes on from.",
    )
    own_mb: int = Field(
        default=64, ge=0, le=65_536, description="Memory for data that visitors upload."
    )
    runs: int = Field(default=64, ge=1, le=10_000, description="Runs in training at the same time.")
    studies: int = Field(
        default=4,
        ge=0,
        le=100,
        description="Published figures that may run or wait to be run again; one runs at a time.",
    )
    study_minutes: float = Field(
        default=15.0, gt=0, le=1440, description="How long a published figure may run."
    )
    metrics_token: str = Field(
        default="",
        max_length=200,
        pattern="^[!-~]*$",
        description="Who carries it reads the numbers for Prometheus; empty: nobody.",
    )
    data: Annotated[Path | None, BeforeValidator(lambda folder: folder or None)] = Field(
        default=None, description="Folder with data sets that do not come with normviz."
    )
    downloads: bool = Field(
        default=True,
        description="Whether a visitor may have MNIST or Fashion-MNIST downloaded by a click.",
    )
