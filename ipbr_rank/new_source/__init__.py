"""`new-source`: writes every part of a new source, with what only a person knows left as TODO.

All files are checked and made in memory first; then either all of them are in place or none.
docs/adding-a-source.md says what to fill in, `tests/python/project/test_structure.py` fails while
a TODO is left.
"""

import csv
import difflib
import hashlib
import io
import json
import keyword
import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from ingest.cache import sidecar_of
from ingest.errors import ConfigurationError, IpbrError
from ingest.source import SOURCES_FILE, Source, load_sources

METRICS_FILE = Path("seeds/metrics.csv")
SOURCE_METRICS_FILE = Path("seeds/source_metrics.csv")
UNION_FILE = Path("models/intermediate/int_observations_unioned.sql")
SECTIONS_FILE = Path("docs/sources.md")
SHARED_FILES = (SOURCES_FILE, SOURCE_METRICS_FILE, UNION_FILE, SECTIONS_FILE)

# The list of ids at the top of the union model, and the section of docs/sources.md that is last.
UNION_LIST = re.compile(r"(\{%- set source_ids = \[\n(?:    .*\n)*?)(\] -%\})")
LAST_SECTION = "## Reported figures (`overrides`)\n"

LONGEST_ID = 40
# Ids that mean something else where a source's id is used.
RESERVED_IDS = ("overrides", "sources", "metrics", "runs", "base", "shared")


@dataclass(frozen=True)
class Facts:
    """What is known of a source before its answer is read; `metrics` maps its fields to metrics."""

    source_id: str
    name: str
    about: str
    endpoint: str
    metrics: dict[str, str]
    minimum_rows: int
    is_fraction: bool = False
    home_page: str | None = None
    cache_file: str | None = None
    ttl_hours: int = 168
    licence: str = "none stated"
    redistribution: str = "unknown"
    attribution: str | None = None

    def as_source(self) -> Source:
        """The row of seeds/sources.csv."""
        return Source(
            source_id=self.source_id,
            display_name=self.name,
            family=self.name,
            home_page=self.home_page or self.endpoint,
            endpoint=self.endpoint,
            cache_file=self.cache_file or f"{self.source_id}.json",
            ttl_hours=self.ttl_hours,
            minimum_rows=self.minimum_rows,
            secret_variable=None,
            is_secret_required=False,
            licence=self.licence,
            redistribution=self.redistribution,
            attribution=self.attribution or self.name,
        )


def new_source(project: Path, facts: Facts) -> tuple[list[Path], list[Path]]:
    """Writes the parts of a source; returns the new files and those with TODO, relative.

    Raises ConfigurationError for facts that cannot be and for a source that exists already,
    IpbrError for a project that is not as expected; the project is then as before.
    """
    _check(facts)
    new, changed = _plan(project, facts)
    _require_unchanged(project, changed)
    write_all({project / path: text for path, text in (new | changed).items()})
    unfilled = [path for path, text in new.items() if "TODO" in text]
    return list(new), unfilled


def explain(source_id: str, written: Iterable[Path], unfilled: Iterable[Path]) -> str:
    """What was written and what is to be done next, for the terminal."""
    rows = [f"  new      {path}" for path in written]
    rows += [f"  changed  {path}" for path in SHARED_FILES]
    rows += ["", "Fill in what is marked TODO (docs/adding-a-source.md):"]
    rows += [f"  {number}. {path}" for number, path in enumerate(unfilled, start=1)]
    rows += [
        "",
        f"The fixture has changed? python scripts/make_fixtures.py --stamp {source_id} "
        "--fetched-at DATE",
    ]
    return "\n".join((f"{source_id}: all parts are in place", *rows)) + "\n"


def section_facts(source: Source, metrics: Iterable[tuple[str, str]]) -> str:
    """The lines of docs/sources.md that repeat what the seeds say of a source."""
    lines = []
    if source.cache_file:
        hours = source.ttl_hours or 0
        fresh = f"{hours // 24} d" if hours % 24 == 0 else f"{hours} h"
        lines.append(
            f"- Fetched: <{source.endpoint}>, kept as `{source.cache_file}`, {fresh} fresh, "
            f"at least {source.minimum_rows} records."
        )
    if source.secret_variable:
        need = "required" if source.is_secret_required else "optional"
        lines.append(f"- Secret: `{source.secret_variable}` ({need}).")
    lines.append(f"- Terms: {source.licence} ({source.redistribution}).")
    listed = ", ".join(f"`{field}` → {metric}" for field, metric in metrics)
    if listed:
        lines.append(f"- Metrics: {listed}.")
    return "\n".join(lines)


def sidecar_text(source: Source, body: bytes, fetched_at: datetime) -> str:
    """The sidecar of a fixture: only time and hash are known of its download."""
    sidecar = {
        "url": source.endpoint,
        "fetched_at": f"{fetched_at:%Y-%m-%dT%H:%M:%SZ}",
        "content_changed_at": None,
        "http_status": None,
        "etag": None,
        "last_modified": None,
        "sha256": hashlib.sha256(body).hexdigest(),
    }
    return json.dumps(sidecar, indent=1) + "\n"


def write_all(texts: dict[Path, str]) -> None:
    """Writes all files, or none: whatever fails, every path is as before."""
    before: dict[Path, bytes | None] = {}
    made: list[Path] = []
    try:
        for path, text in texts.items():
            for folder in reversed([path.parent, *path.parent.parents]):
                if not folder.exists():
                    folder.mkdir()
                    made.append(folder)
            old = path.read_bytes() if path.exists() else None
            before[path] = old
            # In one step: a reader, or a kill, never sees half a file.
            beside = path.with_name(f".{path.name}.new")
            try:
                beside.write_text(text, encoding="utf-8", newline="\n")
                beside.replace(path)
            finally:
                beside.unlink(missing_ok=True)
    except BaseException as error:
        for path, old in before.items():
            if old is None:
                path.unlink(missing_ok=True)
            elif path.read_bytes() != old:
                path.write_bytes(old)
        for folder in reversed(made):
            folder.rmdir()
        if isinstance(error, OSError):
            raise IpbrError(
                f"cannot write {error.filename}: {error.strerror}; nothing was changed"
            ) from error
        raise


def _check(facts: Facts) -> None:
    """Refuses facts that would make a source the project cannot hold."""
    source_id = facts.source_id
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", source_id) or len(source_id) > LONGEST_ID:
        raise ConfigurationError(
            f"{source_id!r} cannot be an id: expected lower snake case such as toy_bench, at most "
            f"{LONGEST_ID} characters, since it names a Python module and a dbt model"
        )
    if keyword.iskeyword(source_id) or source_id in RESERVED_IDS:
        raise ConfigurationError(f"{source_id!r} cannot be an id: choose a word that is not taken")
    for option, text in (
        *(("--name", facts.name), ("--about", facts.about), ("--licence", facts.licence)),
        ("--attribution", facts.attribution or facts.name),
    ):
        if not text.strip() or not text.isprintable():
            raise ConfigurationError(f"{option} {text!r}: expected one line of text")
    for option, url in (("--endpoint", facts.endpoint), ("--home-page", facts.home_page)):
        if url is not None and not _is_address(url):
            raise ConfigurationError(f"{option} {url!r}: expected an https address")
    if facts.cache_file and not re.fullmatch(r"[a-z0-9_]+\.[a-z0-9]+", facts.cache_file):
        raise ConfigurationError(
            f"--cache-file {facts.cache_file!r}: expected a file name such as {source_id}.json"
        )
    for field in facts.metrics:
        # It stands between quotes in SQL and in a JSON path.
        if not re.fullmatch(r"[\w ./%@:+-]+", field):
            raise ConfigurationError(
                f"--metric {field}=…: the name of the field has characters that a JSON path cannot "
                "hold; give a plain name and let the parser rename the field"
            )


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and not re.search(r"[\s<>]", url)


def _plan(project: Path, facts: Facts) -> tuple[dict[Path, str], dict[Path, str]]:
    """The new files and the changed ones, whole, by relative path."""
    texts = {path: _read(project, path) for path in (*SHARED_FILES, METRICS_FILE)}
    sources = load_sources(project)
    source = facts.as_source()
    _require_known_metrics(facts, texts[METRICS_FILE])
    mapped = list(csv.DictReader(io.StringIO(texts[SOURCE_METRICS_FILE])))
    new = _new_files(source, facts)
    there = [str(path) for path in new if (project / path).exists()]
    there += [str(SOURCES_FILE)] if facts.source_id in sources else []
    there += [
        str(path)
        for path, sign in (
            (SOURCE_METRICS_FILE, f"\n{facts.source_id},"),
            (UNION_FILE, f'"{facts.source_id}"'),
            (SECTIONS_FILE, f"(`{facts.source_id}`)"),
        )
        if sign in texts[path]
    ]
    if there:
        raise ConfigurationError(
            f"{facts.source_id} is there already, in {', '.join(there)}; choose another id or "
            "remove it there first"
        )
    for other in sources.values():
        if other.cache_file == source.cache_file:
            raise ConfigurationError(
                f"--cache-file {source.cache_file}: this is the file of {other.source_id}; choose "
                "another name"
            )
    return new, {
        SOURCES_FILE: texts[SOURCES_FILE] + _csv_lines([_cells(source)]),
        SOURCE_METRICS_FILE: texts[SOURCE_METRICS_FILE]
        + _csv_lines(_mappings(source.source_id, facts, mapped)),
        UNION_FILE: _with_id_in_the_list(texts[UNION_FILE], source.source_id),
        SECTIONS_FILE: _with_section(texts[SECTIONS_FILE], source, facts),
    }


def _new_files(source: Source, facts: Facts) -> dict[Path, str]:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(__name__),
        # dbt's own marks stand in the templates as they are.
        **{"variable_start_string": "<<", "variable_end_string": ">>"},
        **{"block_start_string": "<%", "block_end_string": "%>"},
        **{"comment_start_string": "<#", "comment_end_string": "#>"},
        trim_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        autoescape=False,
    )
    source_id = source.source_id
    staging = Path("models/staging/benchmarks") / f"stg_{source_id}__observations.sql"
    fixture = Path("data/fixtures") / str(source.cache_file)
    templates = {
        fixture: "fixture.json.jinja",
        Path("ingest/sources") / f"{source_id}.py": "parser.py.jinja",
        staging: "staging.sql.jinja",
        staging.with_suffix(".yml"): "staging.yml.jinja",
        Path("tests/python/ingest/sources") / f"{source_id}.toml": "counted.toml.jinja",
    }
    files = {
        path: environment.get_template(name).render(source=source, fields=list(facts.metrics))
        for path, name in templates.items()
    }
    # A time before any real one, so that a forgotten `--stamp` is seen.
    sidecar = sidecar_text(source, files[fixture].encode(), datetime(2000, 1, 1, tzinfo=UTC))
    return {**files, sidecar_of(fixture): sidecar}


def _cells(source: Source) -> list[str]:
    """The cells of a source in the order of the columns."""
    return [
        str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
        for value in vars(source).values()
    ]


def _mappings(source_id: str, facts: Facts, mapped: list[dict[str, str]]) -> list[list[str]]:
    """Rows of seeds/source_metrics.csv: the new source comes last for each of its metrics."""
    rows = []
    for field, metric in facts.metrics.items():
        ranks = [int(row["source_rank"]) for row in mapped if row["metric_id"] == metric]
        multiplier = "100" if facts.is_fraction else "1"
        rows.append([source_id, field, metric, str(max(ranks, default=0) + 1), multiplier])
    return rows


def _csv_lines(rows: Iterable[Iterable[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _with_id_in_the_list(text: str, source_id: str) -> str:
    changed, count = UNION_LIST.subn(
        lambda match: f'{match[1]}    "{source_id}",\n{match[2]}', text, count=1
    )
    if not count:
        raise IpbrError(
            f"{UNION_FILE}: expected the list `source_ids` at the top, one line after the other, "
            "and did not find it; bring it back to its form in git"
        )
    return changed


def _with_section(text: str, source: Source, facts: Facts) -> str:
    if text.count(LAST_SECTION) != 1:
        raise IpbrError(
            f"{SECTIONS_FILE}: expected the heading {LAST_SECTION.strip()!r} once, for the new "
            f"section goes before it, and found it {text.count(LAST_SECTION)} times; bring it back "
            "to its form in git"
        )
    section = (
        f"## {source.display_name} (`{source.source_id}`)\n\n{facts.about.strip()}\n\n"
        f"{section_facts(source, facts.metrics.items())}\n\n"
    )
    return text.replace(LAST_SECTION, section + LAST_SECTION)


def _require_known_metrics(facts: Facts, seed: str) -> None:
    known = [row["metric_id"] for row in csv.DictReader(io.StringIO(seed))]
    for metric in facts.metrics.values():
        if metric not in known:
            near = difflib.get_close_matches(metric, known, n=3)
            meant = f"; did you mean {', '.join(near)}?" if near else ""
            raise ConfigurationError(
                f"--metric …={metric}: {METRICS_FILE} has no such metric{meant} "
                "(docs/adding-a-metric.md says how to add one first)"
            )


def _require_unchanged(project: Path, paths: Iterable[Path]) -> None:
    """Refuses files with changes that are not committed: git could not undo the scaffold alone."""
    try:
        process = subprocess.run(
            ["git", "status", "--porcelain", "--", *map(str, paths)],
            cwd=project,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
    except OSError:
        return  # Without git nothing is undone by git.
    if process.returncode == 0 and process.stdout.strip():
        listed = ", ".join(sorted(line[3:] for line in process.stdout.splitlines()))
        raise IpbrError(
            f"new-source would write into files with changes that are not committed: {listed}; "
            "commit or stash them first, so that git can undo what new-source does"
        )


def _read(project: Path, path: Path) -> str:
    try:
        text = (project / path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise IpbrError(
            f"{project} is no complete ipbr repository: cannot read {path} ({error}); run "
            "new-source in a clone of it"
        ) from error
    return text if text.endswith("\n") else text + "\n"
