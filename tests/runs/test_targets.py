"""The targets of profiles.yml: the same SQL gives the same board wherever it is built."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
import yaml

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PROFILES = ROOT / "profiles.yml"
MARTS = ("rpt_scoreboard", "fct_measurements", "fct_role_contributions", "rpt_warnings")


def dbt(folder: Path, database: Path, target: str, *arguments: str, **more: str) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("DBT_", "IPBR_"))}
    process = subprocess.run(
        [
            *(Path(sys.executable).with_name("dbt"), *arguments, "--target", target),
            *("--project-dir", ROOT, "--profiles-dir", ROOT, "--no-use-colors"),
            *("--target-path", folder / "target", "--log-path", folder / "logs"),
        ],
        cwd=ROOT,
        env=environment | {"IPBR_DATABASE": str(database)} | more,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert process.returncode == 0, process.stdout[-3000:]


@pytest.fixture
def landed(board: SimpleNamespace, tmp_path: Path) -> Path:
    """A database of landed responses, as large as those of the board, and of nothing else."""
    path = tmp_path / "landed_only.duckdb"
    shutil.copy(board.database, path)
    with duckdb.connect(str(path)) as connection:
        for schema in ("marts", "intermediate", "staging", "seeds"):
            connection.execute(f"drop schema if exists {schema} cascade")
    return path


def test_memory_builds_and_tests_everything_and_leaves_the_file_alone(
    landed: Path, tmp_path: Path
) -> None:
    before = landed.read_bytes()
    dbt(tmp_path, landed, "memory", "build", "--exclude-resource-type", "unit_test")
    assert landed.read_bytes() == before


def test_another_database_gets_the_same_board(
    board: SimpleNamespace, landed: Path, tmp_path: Path
) -> None:
    """A local file in the place of the hosted service, which no test can reach."""
    other = tmp_path / "hosted.duckdb"
    dbt(
        *(tmp_path, landed, "hosted", "build", "--exclude-resource-type", "unit_test"),
        IPBR_HOSTED_DATABASE=str(other),
    )
    with duckdb.connect() as connection:
        connection.execute(f"attach '{other}' as other (read_only)")
        connection.execute(f"attach '{board.database}' as local (read_only)")
        for mart in MARTS:
            rows = [
                connection.execute(f"select * from {name}.marts.{mart} order by all").fetchall()
                for name in ("other", "local")
            ]
            assert len(rows[0]) > 5
            assert rows[0] == rows[1], mart
        connection.execute("use other")
        explained = connection.execute("from explain_model('GPT-5.5')").fetchall()
        assert len(explained) > 50


def test_no_token_stands_in_the_profile() -> None:
    outputs = yaml.safe_load(PROFILES.read_text("utf-8"))["ipbr"]["outputs"]
    assert set(outputs) == {"local", "memory", "hosted"}
    assert outputs["hosted"]["path"] == "{{ env_var('IPBR_HOSTED_DATABASE', 'md:ipbr') }}"
    assert "token" not in str(outputs).lower()
