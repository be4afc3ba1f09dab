"""How dbt is run and what is told of it, on a project of two models."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from base.errors import InvariantError, IpbrError
from ipbr_rank.engine import dbt

PROJECT_FILES = {
    "dbt_project.yml": "name: toy\nversion: '1.0'\nprofile: toy\n",
    "profiles.yml": (
        "toy:\n  target: local\n  outputs:\n    local:\n      type: duckdb\n"
        "      path: \"{{ env_var('IPBR_DATABASE') }}\"\n"
    ),
    "models/first.sql": "select unnest([1, 2, 3]) as figure, '{{ var('said') }}' as said",
    "models/second.sql": "select * from {{ ref('first') }}",
    "tests/assert_small.sql": (
        "{{ config(severity=var('severity')) }}"
        "select figure from {{ ref('second') }} where figure > 1"
    ),
    "tests/schema.yml": (
        "data_tests:\n  - name: assert_small\n    description: Every figure is below 2\n"
    ),
}


@pytest.fixture
def toy(tmp_path: Path, project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project's folder; the caller's own dbt settings are hostile."""
    folder = tmp_path / "toy"
    for name, text in PROJECT_FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    monkeypatch.setenv("PYTHONPATH", str(project))
    monkeypatch.setenv("DBT_TARGET_PATH", "/proc/nowhere")
    monkeypatch.setenv("DBT_WARN_ERROR", "true")
    return folder


def run(
    toy: Path, severity: str = "error"
) -> tuple[dbt.Built, list[tuple[int, int, str]], list[str]]:
    steps: list[tuple[int, int, str]] = []
    said: list[str] = []
    result = dbt.build(
        toy,
        toy.parent / "toy.duckdb",
        toy.parent / "work",
        {"said": 'so "quoted"', "severity": severity},
        on_progress=lambda done, total, name: steps.append((done, total, name)),
        on_message=said.append,
    )
    return result, steps, said


def test_success_warning_violation_error_and_broken_project(toy: Path) -> None:
    """One test, since each start of dbt takes seconds and the runs follow from each other."""
    result, steps, said = run(toy, severity="warn")
    assert (result.n_models, result.n_tests) == (2, 1)
    assert result.warnings == ["assert_small (Every figure is below 2): 2 rows"]
    assert [(done, total) for done, total, _ in steps] == [(1, 3), (2, 3), (3, 3)]
    assert [name for _, _, name in steps][-1] == "assert_small"
    assert "Running with dbt" in said[0]
    assert said[-1].startswith("Done.")

    with pytest.raises(InvariantError) as violation:
        run(toy)
    first, checked, one, two, query, built = str(violation.value).splitlines()
    assert first == "1 data invariant failed; nothing was published"
    assert checked == "  assert_small (Every figure is below 2): 2 rows"
    assert (one, two) == ("    figure 2", "    figure 3")
    assert Path(query.removeprefix("    for all rows, run the query in ")).is_file()
    assert built == f"  the database built so far: {toy.parent / 'toy.duckdb'}"

    (toy / "models" / "first.sql").write_text("select nothing_such as figure")
    with pytest.raises(IpbrError) as error:
        run(toy)
    assert error.value.exit_code == 1
    message = str(error.value)
    assert message.startswith("dbt could not build 1 node; nothing was published\n")
    assert 'Binder Error: Referenced column "nothing_such"' in message
    assert f"full output of dbt: {toy.parent / 'work' / 'logs' / 'dbt.log'}" in message

    # What the run before left must not be taken for this one's results.
    (toy / "models" / "first.sql").write_text("select * from {{ ref('nobody') }}")
    with pytest.raises(IpbrError, match="dbt stopped before it built anything") as error:
        run(toy)
    assert "depends on a node named 'nobody'" in str(error.value)


def test_dbt_ends_with_the_process_that_started_it(project: Path, tmp_path: Path) -> None:
    program = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', sys.argv[1]], stdin=subprocess.PIPE)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    endless = (
        "import time\n"
        "from ipbr_rank.engine.dbt import ends_with_parent\n"
        "with ends_with_parent():\n"
        "    time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, endless],
        env={**os.environ, "PYTHONPATH": str(project)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout
    child = int(parent.stdout.readline())
    os.kill(child, 0)
    parent.kill()
    parent.communicate()
    for _ in range(100):
        if not is_running(child):
            return
        time.sleep(0.05)
    pytest.fail("the child outlived its parent")


def is_running(process_id: int) -> bool:
    """False also for a process that has ended and that nobody has asked about yet."""
    answer = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(process_id)], capture_output=True, text=True
    )
    return answer.stdout.strip()[:1] not in ("", "Z")
