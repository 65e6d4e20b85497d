"""Which pool the settings name, and what it takes."""

import asyncio
import subprocess
import sys

import pytest

from normviz.engine import pools
from normviz.engine.local import LocalEngine
from normviz.settings import Engine, Settings
from tests.engine.clusters import ROOT

ONE_RUN = """
import asyncio, sys
import app
from normviz.config import RunConfig
from normviz.engine.local import LocalEngine
from normviz.settings import Settings

async def main():
    async with LocalEngine(Settings(workers=1)) as engine:
        await engine.warm()
        await engine.open(RunConfig())[0].started.wait()

asyncio.run(main())
print(sorted(name for name in sys.modules if name == "ray" or name.startswith("normviz.engine.cl")))
"""


def test_nothing_of_ray_is_imported_unless_it_is_configured():
    said = subprocess.run(
        [sys.executable, "-c", ONE_RUN], cwd=ROOT, text=True, capture_output=True, check=True
    )
    assert said.stdout.splitlines()[-1] == "[]"


def test_ray_where_it_is_not_installed_says_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pools, "find_spec", lambda name: None)

    async def main():
        async with LocalEngine(Settings(engine=Engine.RAY, ray_address="here:6379")):
            pytest.fail("there is no Ray")

    with pytest.raises(RuntimeError, match=r"NORMVIZ_ENGINE.*requirements-ray\.txt"):
        asyncio.run(main())


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("NORMVIZ_RAY_ADDRESS", "", "ray_address\n.*allowed with engine=ray: HOST:PORT"),
        ("NORMVIZ_RAY_ADDRESS", "ray://head:10001", "allowed: HOST:PORT"),
        ("NORMVIZ_RAY_STALL_SECONDS", "1", "greater than or equal to 3"),
        ("NORMVIZ_ENGINE", "dask", "'local' or 'ray'"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_start(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
):
    monkeypatch.setenv("NORMVIZ_ENGINE", "ray")
    monkeypatch.setenv("NORMVIZ_RAY_ADDRESS", "head:6379")
    monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=said):
        Settings()
