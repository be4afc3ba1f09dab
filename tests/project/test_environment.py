"""The set-up is complete: what is imported is declared, what is declared is locked with hashes."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

PACKAGES = ("base", "ipbr_rank", "ingest", "render")


LOCKS = {"run": "requirements.lock", "dev": "requirements-dev.lock"}


@pytest.fixture(scope="session")
def declared(project: Path) -> dict[str, list[Requirement]]:
    """What pyproject.toml asks for: at run time with what builds it, and for the tests."""
    table = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))
    groups = table["dependency-groups"]
    return {
        "run": [Requirement(line) for line in table["project"]["dependencies"] + groups["build"]],
        "dev": [Requirement(line) for line in groups["dev"]],
    }


def locked(lock: Path) -> list[Requirement]:
    """Every line of a lock, its hashes cut off."""
    lines = [line for line in lock.read_text("utf-8").splitlines() if line and line[0] not in " #"]
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
    # Not called like their distributions: of dbt-core, pillow, python-dotenv and pydantic.
    others = {"dbt", "PIL", "dotenv", "pydantic-core"}
    known = {requirement.name for requirement in declared["run"]} | others
    assert foreign <= known


@pytest.mark.parametrize("use", LOCKS)
def test_lock_holds_every_declared_version(
    project: Path, declared: dict[str, list[Requirement]], use: str
) -> None:
    pinned = locked(project / LOCKS[use])
    for requirement in declared[use]:
        pins = [pin for pin in pinned if pin.name == requirement.name]
        assert pins, f"{requirement.name} is not in {LOCKS[use]}: make lock"
        for pin in pins:
            (specifier,) = pin.specifier
            assert specifier.operator == "=="
            assert requirement.specifier.contains(specifier.version), f"{pin}: make lock"


def test_a_package_stands_in_one_lock(project: Path) -> None:
    run, dev = ({pin.name for pin in locked(project / lock)} for lock in LOCKS.values())
    assert len(run) > 50
    assert len(dev) > 10
    assert not run & dev


@pytest.mark.parametrize("lock", LOCKS.values())
def test_lock_has_hashes_and_no_address(project: Path, lock: str) -> None:
    text = (project / lock).read_text("utf-8")
    entries = re.split(r"^(?=\S)", text, flags=re.MULTILINE)
    with_hashes = [entry for entry in entries if "--hash=sha256:" in entry]
    assert len(with_hashes) == len(locked(project / lock))
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
