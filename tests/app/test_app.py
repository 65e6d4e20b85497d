"""The web process: it assembles the app without torch, and checks its settings at start."""

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from normviz.settings import Settings

ROOT = Path(__file__).parents[2]


def test_the_web_process_never_loads_torch():
    code = (
        "import app, sys; from normviz.ui import lab; assert app.app\n"
        "from normviz import catalog; [c.available() for c in catalog.DATASETS.values()]\n"
        "print('torch' in sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("name", "value"), [("WORKERS", "0"), ("FRAMES_PER_SECOND", "fast"), ("GRACE_SECONDS", "-1")]
)
def test_a_wrong_setting_is_refused_with_its_name_and_value(monkeypatch, name, value):
    monkeypatch.setenv(f"NORMVIZ_{name}", value)
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert name.lower() in str(refused.value)
    assert value in str(refused.value)


def test_every_setting_is_documented():
    pages = "".join(page.read_text() for page in (ROOT / "README.md", *ROOT.glob("docs/*.md")))
    for name in Settings.model_fields:
        assert f"`NORMVIZ_{name.upper()}`" in pages
