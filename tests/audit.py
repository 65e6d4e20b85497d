"""``make audit``: known vulnerabilities of the installed packages, and how many could be looked up at all.

pip-audit itself says "No known vulnerabilities found" also where its service knew none of the packages.
"""

import json
import subprocess
import sys
from typing import Any

COMMAND = ("--progress-spinner", "off", "--timeout", "15", "--skip-editable", "--format", "json")


def summary(packages: list[dict[str, Any]]) -> tuple[list[str], bool]:
    """Return what to say of pip-audit's answer, and whether there is something to mend."""
    looked_up = [package for package in packages if "skip_reason" not in package]
    lines = [
        f"{package['name']} {package['version']}: {found['id']}, mended in {', '.join(found['fix_versions']) or 'none'}"
        for package in looked_up
        for found in package["vulns"]
    ]
    bad = bool(lines)
    lines.append(f"{len(looked_up)} of {len(packages)} packages looked up")
    if not looked_up:
        lines.append("The vulnerability service cannot be reached from here: nothing was audited.")
    return lines, bad


def main() -> int:
    """Audit; return 1 where there is a known vulnerability."""
    asked = subprocess.run(
        [sys.executable, "-m", "pip_audit", *COMMAND], capture_output=True, text=True, check=False
    )
    try:
        lines, bad = summary(json.loads(asked.stdout)["dependencies"])
    except ValueError:  # pip-audit gave up before it had looked anything up
        lines, bad = summary([])
        lines += asked.stderr.splitlines()[-1:]
    sys.stdout.write("\n".join(lines) + "\n")
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
