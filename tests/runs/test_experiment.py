"""Experiments: what is one, and that none takes the place of the project's own board."""

import json
import re
import shutil
import tomllib
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
import tomli_w
from click.testing import CliRunner, Result

from base.errors import ConfigurationError, IpbrError, SourceError
from ingest.fetch.client import TransportSettings
from ingest.fetch.secrets import Secrets
from ingest.landing.land import land
from ingest.landing.past_boards import EarlierHistory, find_history, is_experiment
from ingest.registry import load_sources
from ipbr_rank.cli.main import cli
from ipbr_rank.config import Configuration
from ipbr_rank.run import experiment, settings
from ipbr_rank.run.experiment import departures, left_out, placed
from ipbr_rank.run.output_folder import Staging, holds_experiment
from ipbr_rank.run.pipeline import EXPORTS, _require_rest
from ipbr_rank.run.settings import make_settings, own_files
from tests.support.unrecorded import UNRECORDED

NAMES = ("coefficients", "aliases", "overrides", "synthesis")
TRANSPORT = TransportSettings("test")


# What is an experiment


@pytest.fixture
def own(project: Path) -> Configuration:
    """The project's own configuration."""
    return Configuration(*(path.read_bytes() for path in vars(own_files(project)).values()))


def test_the_own_configuration_is_none(own: Configuration) -> None:
    assert departures(make_settings({}), own, []) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_same_values_written_otherwise_are_none(own: Configuration, name: str) -> None:
    document = tomllib.loads(getattr(own, name).decode())
    written = tomli_w.dumps(dict(reversed(document.items()))).encode()
    assert written != getattr(own, name)
    same = replace(own, **{name: b"# The same.\n" + written})
    assert departures(make_settings({}), same, []) == []


@pytest.mark.parametrize("name", NAMES)
def test_other_values_are_one(own: Configuration, name: str) -> None:
    text = getattr(own, name).decode()
    changed = re.sub(r'= "([^"]+)"$', r'= "\1 2"', text, count=1, flags=re.MULTILINE)
    if changed == text:
        changed = text.replace("0.", "0.1", 1)
    other = replace(own, **{name: changed.encode()})
    assert tomllib.loads(changed) != tomllib.loads(text)
    assert departures(make_settings({}), other, []) == [f"other {name}"]


@pytest.fixture
def cache(tmp_path: Path, project: Path) -> Path:
    """A copy of the fixtures, with made-up responses of the sources that have none."""
    folder = shutil.copytree(project / "data/fixtures", tmp_path / "cache")
    for source_id, body in UNRECORDED.items():
        (folder / load_sources(project)[source_id].cache_file).write_bytes(body)
    return folder


def test_a_choice_of_sources_is_one_unless_the_rest_is_cached(
    own: Configuration, cache: Path, project: Path
) -> None:
    sources = load_sources(project)

    def found(secrets: Secrets | None = None, **given: object) -> list[str]:
        made = make_settings({"cache": cache, **given})
        return departures(made, own, left_out(made, sources, {"sonar": "withheld"}, secrets))

    assert found() == []
    assert found(only=["gso"]) == ["--only"]
    rest = {"only": ["gso"], "rest_from_cache": True}
    (cache / "gso.json").unlink()
    (cache / sources["sonar"].cache_file).unlink()
    assert found(**rest) == []
    (cache / sources["swebench_pro_v2"].cache_file).unlink()
    # A whole run would fetch it, but offline go without it.
    assert found(**rest) == ["--only, without a cached response of swebench_pro_v2"]
    rest["offline"] = True
    assert found(**rest) == []
    (cache / sources["artificial_analysis"].cache_file).unlink()
    # Without its key a whole run would skip it as well.
    assert found(Secrets({}), **rest) == []
    assert found(Secrets({"AA_API_KEY": "a-key-of-some-length"}), **rest) == [
        "--only, without a cached response of artificial_analysis"
    ]
    (cache / sources["bfcl"].cache_file).unlink()
    assert found(Secrets({}), **rest) == ["--only, without a cached response of bfcl"]


def test_where_one_works(tmp_path: Path, project: Path) -> None:
    made = placed(make_settings({"edition": "publishable"}), ["other aliases"])
    assert made.database == project / "data" / "experiment.duckdb"
    named = make_settings({"database": tmp_path / "mine.duckdb"})
    assert placed(named, ["other aliases"]).database == tmp_path / "mine.duckdb"
    with pytest.raises(ConfigurationError, match=r"experiment \(other aliases\), and experiments"):
        placed(make_settings({"history": "x.parquet"}), ["other aliases"])


def test_the_rest_is_read_from_the_cache(cache: Path, project: Path, tmp_path: Path) -> None:
    sources = load_sources(project)
    (cache / sources["bfcl"].cache_file).unlink()
    (cache / sources["sonar"].cache_file).write_text("cut")

    def statuses(**options: object) -> dict[str, str]:
        landed = land(
            tmp_path / "landed.duckdb",
            sources,
            cache,
            generated_at=make_settings({}).now,
            generator="test",
            only=["gso", "arc_agi"],
            **options,
        )
        statuses.landed = landed
        return {source.source_id: source.status for source in landed}

    asked = {"gso", "arc_agi", "overrides"}
    for offline in (True, False):
        assert statuses(offline=offline, with_rest=True) == {
            **dict.fromkeys(sources, "verified"),
            "bfcl": "skipped",
            "sonar": "failed",
        }
    # Without an experiment that would be a board that lacks something.
    made = make_settings({"only": ["gso", "arc_agi"], "rest_from_cache": True})
    with pytest.raises(IpbrError, match="--rest-from-cache: sonar: cannot read"):
        _require_rest(made, statuses.landed)
    assert statuses(offline=True) == {
        source_id: "verified" if source_id in asked else "skipped" for source_id in sources
    }
    (cache / "gso.json").unlink()
    with pytest.raises(SourceError, match="gso"):
        statuses(offline=True, with_rest=True)


# A board in --out


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """An --out with a board and something of the user's own."""
    return write(tmp_path / "place" / "out", "good", mine="m")


def write(out: Path, text: str, *, is_experiment: bool = False, **more: str) -> Path:
    """A board whose files all say `text`."""
    out.mkdir(parents=True, exist_ok=True)
    head = 'schema_version = "1"\n' + "experiment = true\n" * is_experiment
    (out / "scoreboard.toml").write_text(f'{head}text = "{text}"\n[sources]\nexperiment = true\n')
    (out / "site").mkdir(exist_ok=True)
    (out / "site" / "index.html").write_text(text)
    for name, content in more.items():
        (out / name).write_text(content)
    return out


def shown(out: Path) -> dict[str, str]:
    """What a folder shows: its board's text, and other files."""
    texts = {path.name: path.read_text() for path in out.rglob("*") if path.is_file()}
    if "scoreboard.toml" in texts:
        texts["scoreboard.toml"] = tomllib.loads(texts["scoreboard.toml"])["text"]
    return texts


def publish(out: Path, text: str, *, is_experiment: bool = True, ours: tuple = ()) -> Path | None:
    """Publishes a board; where the earlier one was moved to."""
    ours = ours or ("scoreboard.toml", "site")
    with Staging(out, ours, is_experiment=is_experiment) as staging:
        write(staging.folder, text, is_experiment=is_experiment)
        for name in {"site", "scoreboard.toml"} - set(ours):
            path = staging.folder / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        staging.publish()
    return staging.kept


@pytest.fixture(params=["exchange", "two renames"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to replace a folder."""
    if request.param == "two renames":
        monkeypatch.setattr("ipbr_rank.run.output_folder.swapped", lambda *_: False)


@pytest.mark.usefixtures("way")
def test_a_board_is_moved_before_an_experiment_takes_its_place(out: Path) -> None:
    previous = out.with_name("out.previous")
    good = {"scoreboard.toml": "good", "index.html": "good", "mine": "m"}
    assert publish(out, "tried") == previous
    assert shown(previous) == good
    assert shown(out) == {"scoreboard.toml": "tried", "index.html": "tried", "mine": "m"}
    # An experiment takes the place of another.
    assert publish(out, "again") is None
    assert shown(out)["index.html"] == "again"
    assert shown(previous) == good
    # So does a board that is none; what is then moved takes the place of what was moved before.
    assert publish(out, "better", is_experiment=False) is None
    assert holds_experiment(out) is False
    (previous / "note").write_text("n")
    assert publish(out, "last") == previous
    assert shown(previous) == {
        "scoreboard.toml": "better",
        "index.html": "better",
        "mine": "m",
        "note": "n",
    }
    assert sorted(path.name for path in out.parent.iterdir()) == ["out", "out.previous"]


def test_two_boards_are_not_mixed(out: Path) -> None:
    """`score` writes no site: that of the other board does not stay beside its scoreboard."""
    publish(out, "tried", ours=("scoreboard.toml",))
    assert shown(out) == {"scoreboard.toml": "tried", "mine": "m"}
    publish(out, "tried", ours=("scoreboard.toml", "site"))
    publish(out, "own", is_experiment=False, ours=("scoreboard.toml",))
    assert shown(out) == {"scoreboard.toml": "own", "mine": "m"}
    # Between boards of one kind it does, as ever.
    publish(out, "own", is_experiment=False)
    publish(out, "next", is_experiment=False, ours=("scoreboard.toml",))
    assert shown(out)["index.html"] == "own"


def test_what_else_stands_where_the_board_would_go_stays(out: Path) -> None:
    previous = out.with_name("out.previous")
    previous.mkdir()
    (previous / "thesis").write_text("t")
    with pytest.raises(IpbrError, match="which already exists"):
        publish(out, "tried")
    assert shown(previous) == {"thesis": "t"}
    assert shown(out)["scoreboard.toml"] == "good"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("experiment = true", True), ("experiment = false", False), ("", False), ("[[", False)],
)
def test_what_a_folder_holds(tmp_path: Path, text: str, expected: bool) -> None:
    assert holds_experiment(tmp_path) is None
    (tmp_path / "site" / "data").mkdir(parents=True)
    (tmp_path / "site" / "data" / "scoreboard.toml").write_text(text)
    assert holds_experiment(tmp_path) is expected


# Commands that show a board as it was built


@pytest.mark.parametrize(
    "arguments",
    [
        ["query", "select 42", "--overrides", "nowhere"],
        ["shell", "--aliases", "nowhere"],
        ["explain", "gpt-5.5", "--coefficients", "nowhere"],
        ["compare", "a", "b", "--synthesis", "nowhere"],
        ["history", "--only", "gso"],
        ["status", "--only", "gso"],
        ["diff", "--coefficients", "nowhere"],
        ["check-publish", "--first", "--only", "gso"],
        ["all", "--offline", "--rest-from-cache"],
    ],
)
def test_a_question_under_a_condition_is_refused(arguments: list[str]) -> None:
    result = CliRunner().invoke(cli, arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    told = "needs --only" if "all" in arguments else "does not take"
    assert told in result.stderr.replace("\n", " ")


# A whole run


def tree(folder: Path) -> dict[str, bytes]:
    """Every file's bytes by its path."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def tried(
    board: SimpleNamespace, project: Path, tmp_path_factory: pytest.TempPathFactory
) -> SimpleNamespace:
    """`all --coefficients` in a folder with a board: `result`, and `run` for more commands."""
    folder = tmp_path_factory.mktemp("experiment")
    own, other = folder / "data" / "ipbr.duckdb", folder / "data" / "experiment.duckdb"
    own.parent.mkdir()
    shutil.copy(board.database, own)
    shutil.copytree(board.out, folder / "out")
    text = (project / "data/coefficients.toml").read_text("utf-8")
    changed = re.sub(r"(?m)^(trust_threshold = )\S+", r"\g<1>0.55", text, count=1)
    (folder / "mine.toml").write_text(changed, "utf-8")

    def run(*arguments: object) -> Result:
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder)
            patch.setenv("IPBR_OUT", "out")
            patch.setitem(settings.DATABASES, "full", own)
            patch.setattr(experiment, "EXPERIMENT", other)
            return CliRunner().invoke(cli, list(map(str, arguments)))

    options = ("--offline", "--cache", project / "data/fixtures", "--now", board.now)
    result = run("all", *options, "--coefficients", "mine.toml", "--format", "json")
    assert result.exception is None, result.exception
    return SimpleNamespace(
        folder=folder, own=own, other=other, result=result, run=run, options=options
    )


def test_the_own_board_and_its_history_stay(tried: SimpleNamespace, board: SimpleNamespace) -> None:
    assert tried.own.read_bytes() == board.database.read_bytes()
    assert tree(tried.folder / "out.previous") == tree(board.out)
    assert tried.result.stderr.splitlines()[-1] == (
        "The previous board in out is not an experiment, so it was moved to out.previous"
    )
    assert "; this run is an experiment: other coefficients (" in tried.result.stderr
    assert "This board is an experiment: it is in data/experiment.duckdb, " in tried.result.stderr


def test_an_experiment_says_that_it_is_one(tried: SimpleNamespace, board: SimpleNamespace) -> None:
    out = tried.folder / "out"
    own = tomllib.loads((board.out / "scoreboard.toml").read_text("utf-8"))
    found = tomllib.loads((out / "scoreboard.toml").read_text("utf-8"))
    assert "experiment" not in own
    assert found["experiment"] is own["demo"] is True
    said = json.loads(tried.result.stdout)
    assert (said["is_experiment"], said["is_demo"], said["n_models"]) == (True, True, 92)
    assert said["files"] == [str(out / name) for name in (*EXPORTS, "site")]
    assert {source["source_id"] for source in said["sources"]} == found["sources"].keys()
    assert {"warning_kind", "subject", "message"} <= said["warnings"][0].keys()
    page = (out / "site/about.html").read_text("utf-8")
    assert "<b>Experiment.</b>" in page and "<b>Demonstration.</b>" in page
    page = (board.out / "site/about.html").read_text("utf-8")
    assert "<b>Experiment.</b>" not in page and "<b>Demonstration.</b>" in page
    shown = tried.run("board", "--database", tried.other).stdout
    assert shown.splitlines()[0].endswith("full edition, experiment")
    assert found["models"] != own["models"]
    site = out / "site"
    assert (site / "data/scoreboard.toml").read_bytes() == (out / "scoreboard.toml").read_bytes()
    assert (is_experiment(tried.own), is_experiment(tried.other)) == (False, True)


def test_it_joins_no_history(tried: SimpleNamespace, project: Path, tmp_path: Path) -> None:
    with duckdb.connect(str(tried.other), read_only=True) as connection:
        file = tried.folder / "out/site/history.parquet"
        for history in ("marts.fct_score_history", f"'{file}'", "raw.previous_history"):
            assert connection.execute(f"select count(*) from {history}").fetchone() == (0,)
    result = tried.run("history", "--database", tried.other)
    assert "its board is an experiment" in str(result.exception)
    # Nor does a later board in its place.
    found = find_history(project, tried.other, None, tmp_path, TRANSPORT, edition="full")
    assert found == EarlierHistory()


@pytest.mark.parametrize("more", [[], ["--force"]])
def test_it_is_not_published(tried: SimpleNamespace, more: list[str]) -> None:
    result = tried.run("check-publish", "--first", *more)
    assert isinstance(result.exception, IpbrError)
    assert "it is an experiment: " in str(result.exception)
    assert "not even with --force" in str(result.exception)


def test_it_takes_no_place_of_a_board_that_is_none(
    tried: SimpleNamespace, board: SimpleNamespace
) -> None:
    before = tree(tried.folder / "out")
    for more in (["--coefficients", "mine.toml"], ["--only", "gso"]):
        result = tried.run("score", *tried.options, *more, "--database", tried.own)
        assert isinstance(result.exception, ConfigurationError)
        assert "but the board in --database" in str(result.exception)
    assert tried.own.read_bytes() == board.database.read_bytes()
    assert tree(tried.folder / "out") == before


def test_rendering_one_moves_the_board_as_well(
    tried: SimpleNamespace, board: SimpleNamespace, tmp_path: Path
) -> None:
    shutil.copytree(board.out, tmp_path / "out")
    result = tried.run(
        "render", "--database", tried.other, "--out", tmp_path / "out", "--format", "json"
    )
    assert result.exception is None
    assert json.loads(result.stdout)["files"] == [str(tmp_path / "out/site")]
    assert tree(tmp_path / "out.previous") == tree(board.out)
    assert holds_experiment(tmp_path / "out") is True


def test_the_effective_coefficients_of_a_board_make_no_experiment(
    board: SimpleNamespace, own: Configuration
) -> None:
    written = (board.out / "coefficients.toml").read_bytes()
    assert written != own.coefficients
    assert departures(make_settings({}), replace(own, coefficients=written), []) == []
