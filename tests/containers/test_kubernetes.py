"""deploy/kubernetes: valid by the schemas of Kubernetes, and of one mind with Quoth."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml  # type: ignore[import-untyped]

from quoth.config import Settings
from tests.containers.dockerfiles import ROOT, read_stages
from tests.containers.quoth_side import FOR_OTHERS, check_command, settings_of

FOLDER = ROOT / "deploy" / "kubernetes"
VERSIONS = ("1.33", "1.37")
CUSTOM = {"Kustomization", "ScaledObject", "PodMonitor"}
"""Kinds that are no part of Kubernetes itself."""


def documents(path: Path) -> Iterator[dict[str, Any]]:
    """Give what a file declares."""
    yield from filter(None, yaml.safe_load_all(path.read_text()))


PATCHES = {FOLDER / "gpu" / "worker.yaml"}
FILES = sorted(set(FOLDER.rglob("*.yaml")) - PATCHES)
EVERYTHING = [each for path in FILES for each in documents(path) if "metadata" in each]


def named(kind: str, name: str) -> dict[str, Any]:
    (found,) = (
        each for each in EVERYTHING if (each["kind"], each["metadata"]["name"]) == (kind, name)
    )
    return found


DEPLOYMENTS = ("quoth-api", "quoth-worker")


def pod(name: str) -> dict[str, Any]:
    spec = named("Deployment", name)["spec"]["template"]["spec"]
    assert isinstance(spec, dict)
    return spec


def container(name: str) -> dict[str, Any]:
    (found,) = pod(name)["containers"]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_what_kubernetes_knows_is_valid_by_its_schemas(path: Path, version: str) -> None:
    for document in documents(path):
        if document["kind"] not in CUSTOM:
            kubernetes_validate.validate(document, version, strict=True)


def test_a_patch_is_of_what_it_names() -> None:
    for path in PATCHES:
        for patch in documents(path):
            target = named(patch["kind"], patch["metadata"]["name"])
            there = {each["name"] for each in target["spec"]["template"]["spec"]["containers"]}
            changed = patch["spec"]["template"]["spec"]["containers"]
            assert {each["name"] for each in changed} <= there
    (overlay,) = documents(FOLDER / "gpu" / "kustomization.yaml")
    assert {FOLDER / "gpu" / each["path"] for each in overlay["patches"]} == PATCHES


def test_kustomize_is_given_all_that_is_no_example() -> None:
    (base,) = documents(FOLDER / "kustomization.yaml")
    files = {path.name for path in FOLDER.glob("*.yaml")} - {"kustomization.yaml"}
    assert set(base["resources"]) == {name for name in files if ".example" not in name}
    assert {container(name)["image"] for name in DEPLOYMENTS} == {
        each["name"] for each in base["images"]
    }


def told(name: str) -> dict[str, str]:
    """Return what a deployment tells its container by the environment."""
    found = container(name)
    values: dict[str, str] = {}
    for each in found["envFrom"]:
        values |= named("ConfigMap", each["configMapRef"]["name"])["data"]
    secret = named("Secret", "quoth")["stringData"]
    for each in found["env"]:
        reference = each.get("valueFrom", {}).get("secretKeyRef")
        values[each["name"]] = secret[reference["key"]] if reference else each["value"]
    return values


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_variables_are_settings_and_their_values_are_accepted(name: str) -> None:
    values = told(name)
    (patch,) = (each for path in PATCHES for each in documents(path))
    added = {each["name"] for each in patch["spec"]["template"]["spec"]["containers"][0]["env"]}
    assert {each.lower() for each in added - FOR_OTHERS} <= set(Settings.model_fields)
    settings = settings_of(values)
    assert settings.database_url is not None
    assert settings.engine == ("none" if name == "quoth-api" else "auto")


def test_servers_and_workers_share_what_they_have_to() -> None:
    one, other = map(told, DEPLOYMENTS)
    for setting in ("DATABASE_URL", "STORE_URL", "TAKEOVER_SECONDS", "QUOTH_DATA"):
        assert one[setting] == other[setting]


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_arguments_are_those_of_the_command_line(name: str) -> None:
    check_command(container(name)["args"])


def test_the_port_is_the_same_everywhere() -> None:
    found = container("quoth-api")
    (port,) = found["ports"]
    assert found["args"][found["args"].index("--port") + 1] == str(port["containerPort"])
    assert (
        str(port["containerPort"]) in read_stages(ROOT / "Dockerfile.sherpa")[-1].all("EXPOSE")[0]
    )
    (service,) = named("Service", "quoth-api")["spec"]["ports"]
    assert service["targetPort"] == port["name"]
    (rule,) = named("Ingress", "quoth")["spec"]["rules"]
    backend = rule["http"]["paths"][0]["backend"]["service"]
    assert backend == {"name": "quoth-api", "port": {"name": service["name"]}}
    assert rule["host"] in told("quoth-api")["ALLOWED_HOSTS"].split(",")
    (allowed,) = named("NetworkPolicy", "quoth-api")["spec"]["ingress"]
    assert allowed["ports"] == [{"port": port["name"]}]


def test_probes_ask_for_what_is_there_and_life_does_not_hang_on_the_database() -> None:
    known = json.loads((ROOT / "frontend" / "openapi.json").read_text())["paths"]
    found = container("quoth-api")
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert found[probe]["httpGet"]["path"] in known
        assert found[probe]["httpGet"]["port"] == "http"
    for probe in ("startupProbe", "livenessProbe"):
        assert found[probe]["httpGet"]["path"] == "/health/live"
    worker = container("quoth-worker")
    alive = worker["args"][worker["args"].index("--alive-file") + 1]
    for probe in ("startupProbe", "livenessProbe"):
        assert alive in " ".join(worker[probe]["exec"]["command"])


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_pod_may_no_more_than_it_needs(name: str) -> None:
    spec, found = pod(name), container(name)
    user = read_stages(ROOT / "Dockerfile.sherpa")[-1].all("USER")[0]
    context = spec["securityContext"]
    assert f"{context['runAsUser']}:{context['runAsGroup']}" == user
    assert context["runAsNonRoot"] is True
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert found["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert spec["automountServiceAccountToken"] is False
    assert {"cpu", "memory"} <= set(found["resources"]["requests"])
    assert "memory" in found["resources"]["limits"]


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_what_is_written_to_is_a_volume(name: str) -> None:
    spec, found = pod(name), container(name)
    volumes = {each["name"]: each for each in spec["volumes"]}
    mounts = {each["mountPath"]: each["name"] for each in found["volumeMounts"]}
    assert set(mounts.values()) == set(volumes)
    declared = json.loads(read_stages(ROOT / "Dockerfile.sherpa")[-1].all("VOLUME")[0])
    assert {*declared, "/tmp", told(name)["STORE_URL"]} == set(mounts)  # noqa: S108
    for each in volumes.values():
        if "persistentVolumeClaim" in each:
            claim = named("PersistentVolumeClaim", each["persistentVolumeClaim"]["claimName"])
            assert claim["spec"]["accessModes"] == ["ReadWriteMany"]


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_selectors_find_the_pods(name: str) -> None:
    spec = named("Deployment", name)["spec"]
    labels = spec["template"]["metadata"]["labels"]
    assert spec["selector"]["matchLabels"] == labels
    for kind in ("PodDisruptionBudget", "NetworkPolicy"):
        there = named(kind, name)["spec"]
        assert (there.get("selector") or there["podSelector"])["matchLabels"] == labels
    if name == "quoth-api":
        assert named("Service", name)["spec"]["selector"] == labels
        assert named("PodMonitor", name)["spec"]["selector"]["matchLabels"] == labels


def test_a_worker_has_time_to_drain() -> None:
    drain = float(told("quoth-worker")["DRAIN_SECONDS"])
    assert pod("quoth-worker")["terminationGracePeriodSeconds"] >= drain + 10


def test_nobody_in_the_cluster_goes_without_a_key() -> None:
    assert told("quoth-api")["BYPASS_NETWORKS"] == "none"


def test_workers_are_scaled_on_a_number_that_is_told() -> None:
    scaled = named("ScaledObject", "quoth-worker")["spec"]
    assert named("Deployment", scaled["scaleTargetRef"]["name"])
    (trigger,) = scaled["triggers"]
    (metric,) = re.findall(r"quoth_\w+", trigger["metadata"]["query"])
    assert f"`{metric}`" in (ROOT / "docs" / "metrics.md").read_text()
    assert trigger["metadata"]["ignoreNullValues"] == "false"
    (endpoint,) = named("PodMonitor", "quoth-api")["spec"]["podMetricsEndpoints"]
    assert endpoint["path"] == "/metrics"
    assert endpoint["port"] == container("quoth-api")["ports"][0]["name"]
