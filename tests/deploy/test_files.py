"""The files of ``deploy/`` are what nginx, haproxy, Kubernetes and a container engine take, and they fit each other."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.deploy.proxies import (
    DEPLOY,
    HAPROXY,
    KINDS,
    NGINX,
    Kind,
    certificate,
    configure,
    program,
)

MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))


def documents(path: Path) -> list[dict]:
    return list(yaml.safe_load_all(path.read_text()))


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_proxy_takes_its_configuration(kind: Kind, tmp_path: Path):
    path = program(kind.name)
    certificate(tmp_path)
    command = kind.check(path, configure(kind, tmp_path, 8443, [8501, 8502]))
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "warn" not in result.stderr.lower(), result.stderr


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_a_manifest_is_one_that_kubernetes_takes(path: Path):
    command = [sys.executable, "-m", "kubernetes_validate", "--strict", str(path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_a_manifest_with_a_fault_is_refused(tmp_path: Path):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(MANIFESTS[-1].read_text().replace("readOnlyRootFilesystem", "readOnlyRoot"))
    command = [sys.executable, "-m", "kubernetes_validate", "--strict", str(wrong)]
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0


def test_a_pod_can_do_no_more_than_it_must():
    (deployment,) = (
        d for d in documents(DEPLOY / "kubernetes/normviz.yaml") if d["kind"] == "Deployment"
    )
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] == 10001
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert set(container["resources"]["limits"]) >= {"cpu", "memory"}
    probes = {container[probe]["httpGet"]["path"] for probe in ("livenessProbe", "readinessProbe")}
    assert probes == {"/healthz"}, "a replica that replaces a training process keeps its visitors"


def test_replicas_of_the_compose_file_are_those_of_the_proxies():
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    replicas = {
        name for name, service in compose["services"].items() if service["image"] == "normviz"
    }
    for kind in (NGINX, HAPROXY):
        assert set(re.findall(r"(normviz-\d):8501", (DEPLOY / kind.config).read_text())) == replicas
    for name, service in compose["services"].items():
        assert service["read_only"] and service["cap_drop"] == ["ALL"], name
    (subnet,) = compose["networks"]["inside"]["ipam"]["config"]
    trusted = compose["services"]["normviz-1"]["environment"]["FORWARDED_ALLOW_IPS"]
    assert trusted == subnet["subnet"] and compose["networks"]["inside"]["internal"]


def test_the_route_cookie_has_one_name_everywhere():
    for path in (*(DEPLOY / kind.config for kind in (NGINX, HAPROXY)), *MANIFESTS):
        if path.name != "ingress-traefik.yaml":  # there it is on the Service
            assert "normviz_route" in path.read_text(), path.name
