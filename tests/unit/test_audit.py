"""What the audit of packages says."""

import json
import subprocess

import pytest

from tests import audit

GOOD = {"name": "good", "version": "1", "vulns": []}
BAD = {"name": "bad", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["2.1", "3.0"]}]}
UNKNOWN = {"name": "unknown", "skip_reason": "Dependency not found on PyPI"}


@pytest.mark.parametrize(
    ("packages", "said", "fails"),
    [
        ([GOOD, GOOD], ["2 of 2 packages looked up"], 0),
        ([GOOD, UNKNOWN], ["1 of 2 packages looked up"], 0),
        ([BAD, UNKNOWN], ["bad 2: CVE-1, mended in 2.1, 3.0", "1 of 2 packages looked up"], 1),
        ([UNKNOWN], ["0 of 1 packages looked up", "nothing was audited"], 0),
        (None, ["nothing was audited", "no way out"], 0),
    ],
)
def test_only_what_is_known_fails_and_what_is_not_looked_up_is_said(
    monkeypatch, capsys, packages, said, fails
):
    out = "" if packages is None else json.dumps({"dependencies": packages})
    answer = subprocess.CompletedProcess([], 1, out, "ERROR\nno way out")
    monkeypatch.setattr(audit.subprocess, "run", lambda *_, **__: answer)
    assert audit.main() == fails
    printed = capsys.readouterr().out
    for text in said:
        assert text in printed
