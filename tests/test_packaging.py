"""What is installed, from what, and with what: pins, resources inside the wheel, no CUDA."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import rnnviz
from rnnviz.resources import resource_path

ROOT = Path(rnnviz.__file__).resolve().parent.parent
PIN = re.compile(r"[a-z0-9-]+==[0-9][0-9a-z.]*")

pytestmark = pytest.mark.skipif(not (ROOT / "constraints.txt").exists(), reason="not in a checkout")


def pins():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def declared():
    table = project()["project"]
    return table["dependencies"] + table["optional-dependencies"]["dev"]


def closure(requirements):
    """Every installed distribution that the requirements bring in on this machine."""
    waiting = [Requirement(text) for text in requirements]
    found = set()
    while waiting:
        name = canonicalize_name(waiting.pop().name)
        if name in found:
            continue
        found.add(name)
        for text in metadata.requires(name) or []:
            requirement = Requirement(text)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                waiting.append(requirement)
    return found


def test_every_constraint_is_an_exact_public_version():
    for line in pins():
        assert PIN.fullmatch(line), line
    names = [line.partition("==")[0] for line in pins()]
    assert names == sorted(set(names))


def test_nothing_brings_cuda():
    forbidden = re.compile("nvidia|cuda|cudnn|triton")
    assert not [line for line in pins() if forbidden.search(line)]
    assert "torch==2.13.0" in pins()


def test_all_that_is_installed_for_us_is_pinned():
    pinned = {line.partition("==")[0] for line in pins()}
    present = [text for text in declared() if _installed(text)]
    assert len(present) > 10
    assert closure(present) <= pinned


def _installed(text):
    try:
        metadata.distribution(Requirement(text).name)
    except metadata.PackageNotFoundError:
        return False
    return True


def test_pins_satisfy_what_the_project_declares():
    versions = dict(line.split("==") for line in pins())
    for text in declared():
        requirement = Requirement(text)
        assert requirement.specifier.contains(versions[canonicalize_name(requirement.name)]), text


def test_the_version_is_written_once():
    assert project()["tool"]["hatch"]["version"]["path"] == "rnnviz/__init__.py"
    assert re.fullmatch(r"\d+\.\d+\.\d+", rnnviz.__version__)


@pytest.mark.parametrize("name", ["data/next-char.txt", "start/hello.rnnviz"])
def test_shipped_files_are_found(name):
    assert resource_path(name).stat().st_size > 0


def test_ci_runs_what_the_readme_says():
    assert "make test" in (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert os.access(ROOT / ".ci/run", os.X_OK)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "make run" in readme
    assert "make test" in readme


def test_every_picture_of_the_readme_is_made_by_the_script():
    shown = set(re.findall(r"\]\(docs/pictures/([a-z-]+\.png)\)", (ROOT / "README.md").read_text(encoding="utf-8")))
    script = (ROOT / "docs/pictures/make.sh").read_text(encoding="utf-8")
    assert shown
    assert shown <= set(re.findall(r"[a-z-]+\.png", script))


def test_the_wheel_holds_the_program_its_resources_and_nothing_else(tmp_path):
    pytest.importorskip("hatchling")
    build = "from hatchling.build import build_wheel; import sys; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, str(tmp_path)], cwd=ROOT, check=True, capture_output=True, timeout=60)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        entry_points = archive.read(next(name for name in names if name.endswith("entry_points.txt"))).decode()
    assert {"rnnviz/cli.py", "rnnviz/_resources/data/next-char.txt", "rnnviz/_resources/start/hello.rnnviz"} <= names
    assert {name.split("/")[0] for name in names} == {"rnnviz", f"rnnviz-{rnnviz.__version__}.dist-info"}
    assert "rnnviz = rnnviz.cli:main" in entry_points
