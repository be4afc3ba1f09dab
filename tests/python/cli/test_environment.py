"""The set-up is complete: what is imported is declared, what is declared is locked with hashes."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

PACKAGES = ("ipbr_rank", "ingest", "render")


@pytest.fixture(scope="session")
def declared(project: Path) -> dict[str, list[Requirement]]:
    """What pyproject.toml asks for: at run time, and for the tests."""
    table = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))
    return {
        "run": [Requirement(line) for line in table["project"]["dependencies"]],
        "dev": [Requirement(line) for line in table["dependency-groups"]["dev"]],
    }


@pytest.fixture(scope="session")
def locked(project: Path) -> list[Requirement]:
    """Every line of the lock, its hashes cut off."""
    text = (project / "requirements.lock").read_text("utf-8")
    lines = [line for line in text.splitlines() if line and line[0] not in " #"]
    return [Requirement(line.removesuffix(" \\")) for line in lines]


def imported(package: Path) -> set[str]:
    """Top-level names of all modules that a package imports, also inside functions."""
    names: set[str] = set()
    for file in package.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.split(".")[0])
    return names


def test_every_import_is_declared(project: Path, declared: dict[str, list[Requirement]]) -> None:
    names = set.union(*(imported(project / package) for package in PACKAGES))
    foreign = {name.replace("_", "-") for name in names - sys.stdlib_module_names - {*PACKAGES}}
    # Modules that are not called like their distribution: of dbt-core and of pillow.
    known = {requirement.name for requirement in declared["run"]} | {"dbt", "PIL"}
    assert foreign <= known


def test_lock_holds_every_declared_version(
    declared: dict[str, list[Requirement]], locked: list[Requirement]
) -> None:
    for requirement in declared["run"] + declared["dev"]:
        pins = [pin for pin in locked if pin.name == requirement.name]
        assert pins, f"{requirement.name} is not in requirements.lock: make lock"
        for pin in pins:
            (specifier,) = pin.specifier
            assert specifier.operator == "=="
            assert requirement.specifier.contains(specifier.version), f"{pin}: make lock"


def test_lock_has_hashes_and_no_address(project: Path, locked: list[Requirement]) -> None:
    text = (project / "requirements.lock").read_text("utf-8")
    entries = re.split(r"^(?=\S)", text, flags=re.MULTILINE)
    with_hashes = [entry for entry in entries if "--hash=sha256:" in entry]
    assert len(with_hashes) == len(locked) > 50
    assert "://" not in text
    assert "--" not in text.replace("--hash=sha256:", "")


def test_make_help_lists_every_target(project: Path) -> None:
    makefile = (project / "Makefile").read_text("utf-8")
    targets = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert targets
    process = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=project, capture_output=True, text=True
    )
    assert [line.split()[1] for line in process.stdout.splitlines()] == targets[1].split()
