"""Downloads the sources into the cache, side by side; what fails never harms what is there.

One worker per host asks for its sources one after the other. A body replaces the cache file only
if it parses, has the records a source always has, and has not lost many since the last time.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from base.errors import ConfigurationError, FetchError, IpbrError, SourceError
from ingest.fetch.cache import (
    CachedResponse,
    Validators,
    discard_pages,
    keep_rejected,
    pages_of,
    read_cached,
    remove_remains,
    renew,
    seconds_since_renewal,
    write_cached,
)
from ingest.fetch.client import MEBIBYTE, Client, TransportSettings
from ingest.fetch.drift import content_hash, describe_change, fingerprint
from ingest.fetch.secrets import Secrets
from ingest.landing.land import check_only
from ingest.registry import NOT_ASKED_FOR, FetchStatus, RemoteSource, Source
from ingest.sources import Parts, count_filled, count_records, module_of, parse_whole

if TYPE_CHECKING:
    import requests

SECONDS_PER_HOUR = 3600
# Boards grow, or lose a few rows. One that loses two in five was cut somewhere, and would take
# models off the scoreboard without a trace.
MINIMUM_SHARE_KEPT = 0.6
# Boards grow by a few rows. Ten times as much is another thing, and may not fit into memory.
GREATEST_GROWTH = 10
LEAST_BODY_LIMIT = 4 * MEBIBYTE
# Two clocks differ by less; a file from further ahead would otherwise never be due.
SKEW_SECONDS = 60

Progress = Callable[[str, str], None]


@dataclass(frozen=True)
class FetchedSource(FetchStatus):
    """How fetching one source went, and what is in the cache now."""

    n_bytes: int = 0
    """Of the cached body; 0 if there is none that can be used."""
    n_records: int = 0
    """In the cached body."""
    seconds: float = 0
    tries: int = 0
    """Requests sent, redirects not counted."""
    transferred: bool = False
    """Whether a body came over the network."""
    age_seconds: float | None = None
    """Since the cached body was fetched or confirmed; None if there is none."""
    silence: str | None = None
    """Why no request was answered, where some were sent and none was."""


@dataclass(frozen=True)
class _Good:
    """A cached response that can be used."""

    response: CachedResponse
    parts: Parts


class _RejectedError(IpbrError):
    """A body came that must not replace the cache file."""

    def __init__(self, body: bytes, reason: str) -> None:
        super().__init__(reason)
        self.body = body


def fetch_sources(
    sources: Mapping[str, Source],
    cache: Path,
    *,
    now: datetime,
    settings: TransportSettings,
    secrets: Secrets,
    only: list[str] | None = None,
    progress: Progress = lambda _source_id, _text: None,
) -> list[FetchedSource]:
    """Bring the cache up to date; one row per source with a cache file, in the order of the seed.

    `now` is noted as the time of what is fetched. `progress(source_id, text)` is called in this
    thread when a source begins and ends. Raises ConfigurationError for an unknown id in `only` and
    a cache that cannot be written; whatever goes wrong with a source is told in its row.
    """
    check_only(only, sources)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        remove_remains(cache)
    except OSError as error:
        raise ConfigurationError(
            f"--cache {cache}: expected a writable directory: {error.strerror}"
        ) from error
    rows: dict[str, FetchedSource] = {}
    by_host: dict[str, list[RemoteSource]] = {}
    for source in sources.values():
        if not isinstance(source, RemoteSource):
            continue
        reason = _reason_to_skip(source, only, secrets)
        if reason:
            rows[source.source_id] = FetchedSource(source.source_id, "skipped", reason)
        else:
            by_host.setdefault(host_of(source), []).append(source)
    task = _Task(cache, now, settings, secrets)
    for row in _side_by_side(task, list(by_host.values()), progress):
        rows[row.source_id] = row
    return [rows[source_id] for source_id in sources if source_id in rows]


def transport_settings(user_agent: str, environment: Mapping[str, str]) -> TransportSettings:
    """The settings of a run. IPBR_BASE_URL, for tests, names a server that plays all sources."""
    base = environment.get("IPBR_BASE_URL", "").rstrip("/")
    if base and urlsplit(base).hostname not in ("localhost", "127.0.0.1", "::1"):
        raise ConfigurationError(
            f"IPBR_BASE_URL is only for tests: expected a server on this machine, found {base}; "
            "unset the variable"
        )
    return TransportSettings(user_agent, base_url_override=base or None)


def _reason_to_skip(source: RemoteSource, only: list[str] | None, secrets: Secrets) -> str | None:
    if only is not None and source.source_id not in only:
        return NOT_ASKED_FOR
    if source.is_secret_required and secrets.get(source.secret_variable) is None:
        return (
            f"{source.source_id}: {source.secret_variable} is not set (environment, .env or key "
            "file)"
        )
    return None


@dataclass(frozen=True)
class _Task:
    """What all workers share."""

    cache: Path
    now: datetime
    settings: TransportSettings
    secrets: Secrets


class _Worker:
    """Fetches the sources of one host in a thread of its own.

    The thread may be given up: then it writes nothing more and takes no further source.
    """

    def __init__(self, task: _Task, sources: list[RemoteSource], said: _Said) -> None:
        self.waiting = list(sources)
        """What is not done, the one at work first; the coordinator's view."""
        self.began = time.monotonic()
        """When the one at work began."""
        self.is_given_up = threading.Event()
        self._task = task
        self._said = said
        # A daemon: a thread that hangs does not keep the program from ending.
        threading.Thread(target=self._run, args=[tuple(sources)], daemon=True).start()

    def _run(self, sources: tuple[RemoteSource, ...]) -> None:
        """Say None when a source begins, and its row when it has ended."""
        from ingest.fetch.session import new_session

        task = self._task
        with new_session(task.settings) as session:
            for source in sources:
                if self.is_given_up.is_set():
                    return
                self._said.put((self, None))
                client = _client(task, source, session)
                self._said.put((self, _fetch(task, source, client, self.is_given_up)))
                # Patience with a host that does not answer at all is used up by its first source.
                is_silent = client.tries > 0 and client.n_answers == 0
                tries = 1 if is_silent else self._task.settings.maximum_tries
                task = replace(task, settings=replace(task.settings, maximum_tries=tries))


_Said = queue.SimpleQueue[tuple[_Worker, FetchedSource | None]]


def _side_by_side(
    task: _Task, groups: list[list[RemoteSource]], progress: Progress
) -> list[FetchedSource]:
    """Run a worker per group. A source that has not ended when its time is over is given up."""
    said: _Said = queue.SimpleQueue()
    patience = task.settings.budget_seconds + task.settings.grace_seconds
    rows: list[FetchedSource] = []
    workers = [_Worker(task, group, said) for group in groups]
    while workers:
        next_end = min(worker.began for worker in workers) + patience
        try:
            worker, row = said.get(timeout=max(0.0, next_end - time.monotonic()))
        except queue.Empty:
            for worker in [w for w in workers if time.monotonic() - w.began >= patience]:
                worker.is_given_up.set()
                workers.remove(worker)
                source, *rest = worker.waiting
                rows.append(_given_up(task, source, time.monotonic() - worker.began))
                progress(source.source_id, told(rows[-1]))
                if rest:
                    workers.append(_Worker(task, rest, said))
            continue
        if worker not in workers:
            continue
        if row is None:
            worker.began = time.monotonic()
            progress(worker.waiting[0].source_id, "asking")
            continue
        rows.append(row)
        progress(row.source_id, told(row))
        worker.waiting.pop(0)
        if not worker.waiting:
            workers.remove(worker)
    return rows


def is_fresh(age_seconds: float, source: Source) -> bool:
    """Whether a response of this age need not be asked for; one from the future has none."""
    return -SKEW_SECONDS <= age_seconds < (source.ttl_hours or 0) * SECONDS_PER_HOUR


def told(row: FetchedSource) -> str:
    """One line about a row."""
    if row.message:
        return f"{row.status}: {row.message}"
    how = f"{row.n_records:,} records" if row.transferred else "unchanged"
    return f"{row.status}: {how}"


def _given_up(task: _Task, source: RemoteSource, seconds: float) -> FetchedSource:
    error = FetchError(
        source.source_id,
        source.endpoint,
        f"the source to end within {task.settings.budget_seconds:g} s",
        "no end",
        "try again later",
    )
    return replace(_fallen_back(task, source, _read_good(task, source), error), seconds=seconds)


def _fetch(
    task: _Task, source: RemoteSource, client: Client, is_given_up: threading.Event
) -> FetchedSource:
    """Fetch one source into the cache; never raises."""
    started = time.monotonic()
    good = None
    try:
        good = _read_good(task, source)
        path = task.cache / source.cache_file
        age = seconds_since_renewal(path)
        if good and age is not None and is_fresh(age, source):
            row = _row(task, source, good, "verified", good.response.notes)
        else:
            row = _renewed(task, source, client, good, is_given_up)
    except _RejectedError as error:
        reason = task.secrets.redact(str(error))
        if not is_given_up.is_set():
            _keep_rejected(task, source, error.body, reason)
        row = _fallen_back(task, source, good, error)
    except IpbrError as error:
        row = _fallen_back(task, source, good, error)
    except OSError as error:
        where = error.filename or source.cache_file
        row = _fallen_back(
            task,
            source,
            good,
            IpbrError(f"{source.source_id}: cannot write {where}: {error.strerror or error}"),
        )
    # One source's surprise must not take the others with it.
    except Exception as error:
        row = _fallen_back(
            task,
            source,
            good,
            IpbrError(
                f"{source.source_id}: unexpected {type(error).__name__} while fetching: {error}; "
                "please report it"
            ),
        )
    return replace(
        row,
        seconds=time.monotonic() - started,
        tries=client.tries,
        silence=None if client.n_answers else client.silence or None,
    )


def _client(task: _Task, source: RemoteSource, session: requests.Session) -> Client:
    module = module_of(source.source_id)
    secret = task.secrets.get(source.secret_variable)
    headers_of = getattr(module, "secret_headers", _bearer)
    special = {"is_final": module.is_final} if hasattr(module, "is_final") else {}
    return Client(
        source.source_id,
        task.settings,
        session=session,
        secret_headers=headers_of(secret) if secret else None,
        secret_hosts=[host_of(source), *getattr(module, "SECRET_HOSTS", ())],
        **special,
    )


def host_of(source: RemoteSource) -> str:
    """The host that is asked."""
    return urlsplit(source.endpoint).hostname or ""


def _bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def _read_good(task: _Task, source: RemoteSource) -> _Good | None:
    """The cached response if there is one that can be used."""
    try:
        response = read_cached(source, task.cache)
        return _Good(response, parse_whole(source, response.body)) if response else None
    except SourceError:
        return None


def _renewed(
    task: _Task,
    source: RemoteSource,
    client: Client,
    good: _Good | None,
    is_given_up: threading.Event,
) -> FetchedSource:
    """Ask the source; replace the cache file, or renew its age. Raises IpbrError and OSError."""
    known = good.response.validators if good else []
    if good and known and all(v.headers for v in known) and client.is_unchanged(known):
        response = replace(good.response, fetched_at=task.now, http_status=304, shape_change=None)
        if not is_given_up.is_set():
            renew(response)
        return _row(task, source, replace(good, response=response), "verified", response.notes)
    if good:
        limit = max(LEAST_BODY_LIMIT, GREATEST_GROWTH * len(good.response.body))
        most = min(limit, client.settings.maximum_body_bytes)
        client.settings = replace(client.settings, maximum_body_bytes=most)
    pages = pages_of(source.source_id, task.cache)
    fetch = getattr(module_of(source.source_id), "fetch", None)
    try:
        body = fetch(client, source, pages) if fetch else client.get(source.endpoint)
    except SourceError as error:
        raise _RejectedError(client.last_body, str(error)) from error
    try:
        parts = _checked(task, source, good, body)
    except _RejectedError:
        # This download has ended; the next one begins anew.
        discard_pages(source.source_id, task.cache)
        raise
    is_changed = good is None or content_hash(good.parts) != content_hash(parts)
    shape_change = describe_change(fingerprint(good.parts), fingerprint(parts)) if good else None
    validators = [_without_secrets(task, known) for known in client.validators.values()]
    response = CachedResponse(
        source_id=source.source_id,
        body=body,
        url=source.endpoint,
        fetched_at=task.now,
        content_changed_at=(
            good.response.content_changed_at
            if good and not is_changed
            else _changed_at(task, good, validators)
        ),
        http_status=200,
        etag=validators[0].etag if validators else None,
        sha256=sha256(body).hexdigest(),
        path=task.cache / source.cache_file,
        shape_change=shape_change,
        warnings=[task.secrets.redact(warning) for warning in client.warnings],
        validators=validators,
    )
    if not is_given_up.is_set():
        write_cached(response)
        discard_pages(source.source_id, task.cache)
    row = _row(task, source, _Good(response, parts), "verified", response.notes)
    return replace(row, transferred=True)


def _changed_at(task: _Task, good: _Good | None, validators: list[Validators]) -> datetime:
    """When new content came to be: as the source says if that can be true, else now."""
    dates = [_http_date(known.last_modified) for known in validators]
    times = [time for time in dates if time]
    if not times or len(times) < len(dates):
        return task.now
    changed_at = max(times)
    is_possible = changed_at <= task.now and (good is None or changed_at > good.response.fetched_at)
    return changed_at if is_possible else task.now


def _http_date(text: str | None) -> datetime | None:
    try:
        time = parsedate_to_datetime(text or "")
        return time.astimezone(UTC) if time.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _without_secrets(task: _Task, known: Validators) -> Validators:
    """The same, but headers that repeat a secret are not kept."""
    if any(task.secrets.redact(value) != value for value in known.headers.values()):
        return Validators(known.url)
    return known


def _checked(task: _Task, source: RemoteSource, good: _Good | None, body: bytes) -> Parts:
    """The parts of a body that may replace the cache file; else raises _RejectedError."""
    # Only its own hosts were sent the source's key: what else looks like one is chance.
    if task.secrets.of(source.secret_variable).is_repeated_in(body):
        raise _RejectedError(
            body, f"{source.source_id}: the response contains a secret, so it was rejected"
        )
    try:
        parts = parse_whole(source, body)
    except SourceError as error:
        raise _RejectedError(body, str(error)) from error
    count = count_filled(source.source_id, parts)
    before = count_filled(source.source_id, good.parts) if good else 0
    if count < MINIMUM_SHARE_KEPT * before:
        raise _RejectedError(
            body,
            f"{source.source_id}: expected about {before} records, as last time, found {count}; if "
            f"{count} is right, delete {source.cache_file} from the cache",
        )
    most = GREATEST_GROWTH * max(before, source.minimum_rows or 0)
    if good and count > most:
        raise _RejectedError(
            body,
            f"{source.source_id}: expected at most {most:,} records after {before:,} last time, "
            f"found {count:,}; if {count:,} is right, delete {source.cache_file} from the cache",
        )
    return parts


def _keep_rejected(task: _Task, source: RemoteSource, body: bytes, reason: str) -> None:
    try:
        keep_rejected(task.cache / source.cache_file, task.secrets.redact_bytes(body), reason)
    except OSError:
        # It only helps to find the cause; the row tells the reason in any case.
        return


def _fallen_back(
    task: _Task, source: RemoteSource, good: _Good | None, error: IpbrError
) -> FetchedSource:
    """The row of a source that could not be fetched: its last good response, if there is one."""
    if good is None:
        return _row(task, source, None, "failed", [f"{error}; there is no earlier response"])
    fetched_at = good.response.fetched_at
    return _row(
        task, source, good, "stale", [f"{error}; the response of {fetched_at:%Y-%m-%d} is used"]
    )


def _row(
    task: _Task,
    source: RemoteSource,
    good: _Good | None,
    status: str,
    messages: list[str],
) -> FetchedSource:
    text = task.secrets.redact("; ".join(messages))
    row = FetchedSource(source.source_id, status, " ".join(text.split()) or None)
    if good is None:
        return row
    age = task.now - good.response.fetched_at
    return replace(
        row,
        n_bytes=len(good.response.body),
        n_records=count_records(good.parts),
        age_seconds=max(0.0, age.total_seconds()),
    )
