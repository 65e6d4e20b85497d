"""Settings of the server, from environment variables ``NORMVIZ_...``, checked once at start."""

import os
import re
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from normviz.language import N_
from normviz.logs import LogFormat

#: A site as a content security policy names it; its host may begin with ``*.``.
_SITE = re.compile(r"https?://(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:[0-9]{1,5})?")


class SignIn(StrEnum):
    """How a visitor says who they are."""

    NONE = "none"
    OIDC = "oidc"
    PROXY = "proxy"


def _words(text: object) -> object:
    """Split what stands in an environment variable at commas and spaces."""
    return tuple(text.replace(",", " ").split()) if isinstance(text, str) else text


def _framers(words: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse what is no word of a policy; none stands alone."""
    if not words or (len(words) > 1 and "none" in words):
        raise ValueError("allowed: self, none, or sites like https://lms.example")
    for word in words:
        if word not in ("self", "none") and not _SITE.fullmatch(word):
            raise ValueError(f"{word!r}: allowed: self, none, or sites like https://lms.example")
    return words


Network = IPv4Network | IPv6Network
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words)]


class Engine(StrEnum):
    """Where runs train: in processes on this machine, or in a Ray cluster."""

    LOCAL = "local"
    RAY = "ray"


def _host_and_port(address: str) -> str:
    """Refuse what is no address of a cluster's head; ray://, a client's, cannot stream."""
    if address and not re.fullmatch(
        r"[A-Za-z0-9._-]+:[0-9]{1,5}|\[[0-9A-Fa-f:]+\]:[0-9]{1,5}", address
    ):
        raise ValueError("allowed: HOST:PORT of the cluster's head, such as ray-head:6379")
    return address


def _cores() -> int:
    """Return the cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Settings(BaseSettings):
    """What an operator can set. ``NORMVIZ_WORKERS=4`` sets ``workers``."""

    model_config = SettingsConfigDict(env_prefix="NORMVIZ_", frozen=True, extra="ignore")

    engine: Engine = Field(default=Engine.LOCAL, description=N_("Where runs train."))
    ray_address: Annotated[str, AfterValidator(_host_and_port)] = Field(
        default="",
        validate_default=True,
        description=N_("With ray: HOST:PORT of the cluster's head."),
    )
    ray_stall_seconds: float = Field(
        default=10.0,
        ge=3,
        le=600,
        description=N_("With ray: after how much silence of the cluster watchers are told."),
    )
    ray_spares: int = Field(
        default=1, ge=0, le=64, description=N_("With ray: warm training processes without a run.")
    )
    workers: int = Field(
        default_factory=_cores, ge=1, le=256, description=N_("Training processes.")
    )
    frames_per_second: float = Field(
        default=30.0, gt=0, le=120, description=N_("Frames a run emits a second, at most.")
    )
    slice_ms: float = Field(
        default=5.0,
        ge=0.1,
        le=1000,
        description=N_("How long a run trains before the next one's turn."),
    )
    grace_seconds: float = Field(
        default=30.0,
        ge=0,
        le=3600,
        description=N_("How long a run goes on when nobody watches it."),
    )
    record_frames: int = Field(
        default=400,
        ge=16,
        le=10_000,
        description=N_("Frames kept of a run, evenly spread over its steps."),
    )
    records_mb: int = Field(
        default=256,
        ge=1,
        le=65_536,
        description=N_(
            "Memory for the records of runs that nobody watches, and as much for recordings."
        ),
    )
    checkpoints_mb: int = Field(
        default=64,
        ge=0,
        le=65_536,
        description=N_("Memory of a worker for states that a fork or a change goes on from."),
    )
    store: Annotated[Path | None, BeforeValidator(lambda folder: folder or None)] = Field(
        default=None, description=N_("Folder where runs survive a restart; empty: they do not.")
    )
    store_mb: int = Field(
        default=1024,
        ge=1,
        le=1_048_576,
        description=N_("Disk for the runs in it; those unused for longest go first."),
    )
    log: LogFormat = Field(
        default=LogFormat.TEXT, description=N_("How the server's log looks: text, or JSON lines.")
    )
    own_mb: int = Field(
        default=64, ge=0, le=65_536, description=N_("Memory for data that visitors upload.")
    )
    runs: int = Field(
        default=64, ge=1, le=10_000, description=N_("Runs in training at the same time.")
    )
    queue: int = Field(
        default=64, ge=0, le=10_000, description=N_("Runs that may wait for their turn to train.")
    )
    held: int = Field(
        default=256,
        ge=1,
        le=10_000,
        description=N_(
            "Networks that workers hold: those that train, wait, are paused or untrained."
        ),
    )
    run_minutes: float = Field(
        default=60.0, gt=0, le=10_000, description=N_("How long a run may train at a time.")
    )
    cpu_minutes: float = Field(
        default=30.0, gt=0, le=10_000, description=N_("Processor time that a run may take.")
    )
    worker_mb: int = Field(
        default=2048,
        ge=0,
        le=1_048_576,
        description=N_(
            "Memory for data of a worker; a run that wants more ends. 0: no limit. Without a GPU only."
        ),
    )
    stall_seconds: float = Field(
        default=60.0,
        ge=1,
        le=3600,
        description=N_("A worker that answers nothing for so long is replaced."),
    )
    studies: int = Field(
        default=4,
        ge=0,
        le=100,
        description=N_(
            "Published figures that may run or wait to be run again; one runs at a time."
        ),
    )
    study_minutes: float = Field(
        default=15.0, gt=0, le=1440, description=N_("How long a published figure may run.")
    )
    rooms: int = Field(
        default=32,
        ge=0,
        le=10_000,
        description=N_("Rooms in which classes may follow a lecturer."),
    )
    room_minutes: float = Field(
        default=20.0,
        gt=0,
        le=1440,
        description=N_("How long a room stays when its lecturer's page has gone."),
    )
    metrics_token: str = Field(
        default="",
        max_length=200,
        pattern="^[!-~]*$",
        description=N_("Who carries it reads the numbers for Prometheus; empty: nobody."),
    )
    data: Annotated[Path | None, BeforeValidator(lambda folder: folder or None)] = Field(
        default=None, description=N_("Folder with data sets that do not come with normviz.")
    )
    downloads: bool = Field(
        default=True,
        description=N_("Whether a visitor may have MNIST or Fashion-MNIST downloaded by a click."),
    )
    frame_ancestors: Annotated[Words, AfterValidator(_framers)] = Field(
        default=("self",),
        description=N_("Whose pages may show the app in a frame: self, none, or sites."),
    )
    sign_in: SignIn = Field(default=SignIn.NONE, description=N_("How visitors sign in."))
    sign_in_claim: str = Field(
        default="email",
        pattern="^[A-Za-z0-9_.:/-]{1,100}$",
        description=N_("With oidc: the claim of the provider that is a visitor's name here."),
    )
    sign_in_header: str = Field(
        default="X-Remote-User",
        pattern="^[A-Za-z0-9-]{1,100}$",
        description=N_("With proxy: the header that has a visitor's name."),
    )
    proxies: Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_words)] = Field(
        default=(),
        validate_default=True,
        description=N_("With proxy: addresses and networks that may set the header."),
    )
    operators: Words = Field(
        default=(), description=N_("Names of the visitors who see the page for operators.")
    )

    @field_validator("ray_address")
    @classmethod
    def _reachable_cluster(cls, address: str, others: Any) -> str:  # noqa: ANN401 - pydantic's ValidationInfo
        """Refuse a cluster without an address."""
        if others.data.get("engine") is Engine.RAY and not address:
            raise ValueError(
                "allowed with engine=ray: HOST:PORT of the cluster's head, such as ray-head:6379"
            )
        return address

    @field_validator("proxies")
    @classmethod
    def _some_proxy(cls, proxies: tuple[Network, ...], others: Any) -> object:  # noqa: ANN401 - pydantic's ValidationInfo
        """Refuse a sign-in by proxy that trusts none."""
        if others.data.get("sign_in") is SignIn.PROXY and not proxies:
            raise ValueError("allowed with sign_in=proxy: at least one address or network")
        return proxies

    @field_validator("operators")
    @classmethod
    def _known_operators(cls, operators: tuple[str, ...], others: Any) -> object:  # noqa: ANN401 - the same
        """Refuse operators where anybody could claim their names."""
        if others.data.get("sign_in") is SignIn.NONE and operators:
            raise ValueError("allowed only with sign_in=oidc or sign_in=proxy")
        return operators


def in_force() -> Settings:
    """Return the settings of the environment as it is, read again only when it has changed: a script run asks often."""
    known = (item for item in os.environ.items() if item[0].upper().startswith("NORMVIZ_"))
    return _read(tuple(sorted(known)))


@lru_cache(maxsize=1)
def _read(_: tuple[tuple[str, str], ...]) -> Settings:
    return Settings()
