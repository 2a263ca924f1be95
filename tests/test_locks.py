"""The locks name all that the requirements ask for, by version and hash, and no place that it comes from."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

LOCKS = {
    "core": "requirements-core.txt",
    "embedded": "requirements-embedded.txt",
    "models": "requirements.txt",
    "dev": "requirements-dev.txt",
    "audit": "requirements-audit.txt",
    "fastrtc": "bench/peers/requirements/fastrtc.txt",
    "pipecat": "bench/peers/requirements/pipecat.txt",
    "aiortc": "tests/interop/more/aiortc.txt",
}
COMES_BY_VERSION = {"torch"}

each_lock = pytest.mark.parametrize("lock", sorted(LOCKS))


def pins(text):
    """Names, as one writes them least, and versions."""
    found = re.findall(r"^([A-Za-z0-9._-]+)(?:\[\w+\])?(?:==([^\s;\\]+))?", text, re.MULTILINE)
    return {(re.sub(r"[-_.]+", "-", name).lower(), version) for name, version in found if name != "-r"}


def locked(lock):
    return (ROOT / "locks" / f"{lock}.txt").read_text()


@each_lock
def test_what_is_required_is_locked_in_that_version(lock):
    required = {pin for pin in pins((ROOT / LOCKS[lock]).read_text()) if pin[0] not in COMES_BY_VERSION}
    assert required
    assert required <= pins(locked(lock))


@each_lock
def test_each_package_has_a_version_and_hashes(lock):
    packages = re.split(r"^(?=[A-Za-z0-9])", locked(lock), flags=re.MULTILINE)[1:]
    assert packages
    for package in packages:
        assert re.match(r"\S+==\S+", package)
        assert re.search(r"^    --hash=sha256:[0-9a-f]{64}", package, re.MULTILINE), package


@each_lock
def test_no_lock_says_where_a_package_comes_from(lock):
    assert not re.search(r"https?:|file:|index-url|find-links| @ |^/|\s/\w", locked(lock), re.MULTILINE)


def test_what_is_locked_twice_is_locked_alike():
    everywhere = {lock: pins(locked(lock)) for lock in ("core", "models", "dev")}
    for name in set.intersection(*({name for name, _ in found} for found in everywhere.values())):
        versions = {frozenset(pin for pin in found if pin[0] == name) for found in everywhere.values()}
        assert len(versions) == 1, versions


def test_torch_and_its_own_libraries_are_in_no_lock():
    names = {name for lock in LOCKS for name, _ in pins(locked(lock))}
    assert not [
        name for name in names if name in ("torch", "triton") or name.startswith(("nvidia-", "cuda-"))
    ]


@pytest.mark.parametrize("folder", ["page", "interop/more"])
def test_the_tests_javascript_packages_have_versions_and_hashes(folder):
    lock = json.loads((ROOT / "tests" / folder / "package-lock.json").read_text())
    asked = json.loads((ROOT / "tests" / folder / "package.json").read_text())["devDependencies"]
    packages = {name: each for name, each in lock["packages"].items() if name}
    assert all(each["integrity"].startswith("sha512-") for each in packages.values())
    assert not [name for name, each in packages.items() if "resolved" in each]
    assert asked == {name: packages[f"node_modules/{name}"]["version"] for name in asked}
