"""HTTP for one source: tries, waits, limits and redirects, within one budget of time.

Raises FetchError for everything that does not end in a whole answer.
"""

from __future__ import annotations

import contextlib
import email.utils
import gzip
import io
import ipaddress
import json
import random
import re
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit, urlunsplit

from base.errors import FetchError
from ingest.fetch.cache import Validators

if TYPE_CHECKING:
    # Loaded when something is asked for; see `ingest.fetch.session`.
    import requests

MEBIBYTE = 2**20
PIECE = 2**16
REDIRECTS = (301, 302, 303, 307, 308)
# The others turn a POST into a GET, which asks for something else.
KEEPING_REDIRECTS = (307, 308)
# Above this, X-RateLimit-Reset is a time since 1970 and not a number of seconds to wait.
SMALLEST_TIMESTAMP = 1_000_000_000
EXCERPT_LENGTH = 2000
HTTPS_PORT = 443


@dataclass(frozen=True)
class TransportSettings:
    """How patient and how polite the program is; the defaults are those of a real run."""

    user_agent: str
    base_url_override: str | None = None
    """For tests: every `https://host/path` is asked for at `<this>/host/path` instead."""
    connect_seconds: float = 10
    read_seconds: float = 30
    budget_seconds: float = 300
    """For all requests of one source, with all tries and waits."""
    grace_seconds: float = 15
    """After its budget a source may still be busy reading what it got; then it is given up."""
    maximum_tries: int = 6
    first_wait_seconds: float = 0.5
    longest_wait_seconds: float = 60
    pause_seconds: float = 0.5
    """Between the pages of an interface that serves many."""
    maximum_redirects: int = 5
    maximum_transfer_bytes: int = 32 * MEBIBYTE
    maximum_body_bytes: int = 32 * MEBIBYTE
    """After decompression."""


@dataclass(frozen=True)
class Answer:
    """A whole answer: status 200 with its body, or 304 without."""

    status: int
    body: bytes = field(repr=False)
    validators: Validators


@dataclass(frozen=True)
class _Request:
    """What is asked for: an address, and what is sent there (None: a GET)."""

    url: str
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class _TryAgainError(Exception):
    """A try that failed in a way that may pass. `wait` is what the server asked for."""

    def __init__(
        self,
        found: str,
        status: int | None = None,
        wait: float | None = None,
        excerpt: bytes = b"",
    ) -> None:
        super().__init__(found)
        self.found = found
        self.status = status
        self.wait = wait
        self.excerpt = excerpt


class Client:
    """Asks on behalf of one source; counts its tries and keeps within its budget of time.

    `secret_headers` are sent to `secret_hosts` only, also after a redirect. `is_final` tells an
    error that waiting will not mend although its status says so.
    """

    def __init__(
        self,
        source_id: str,
        settings: TransportSettings,
        *,
        session: requests.Session | None = None,
        secret_headers: Mapping[str, str] | None = None,
        secret_hosts: Iterable[str] = (),
        is_final: Callable[[FetchError], bool] = lambda _error: False,
    ) -> None:
        from ingest.fetch.session import new_session

        self.source_id = source_id
        self.settings = settings
        self.session = session or new_session(settings)
        self.deadline = time.monotonic() + settings.budget_seconds
        self.tries = 0
        self.n_answers = 0
        """Of any status, redirects too: whether the host speaks at all."""
        self.silence = ""
        """Why the last request was not answered, as long as none was."""
        self.warnings: list[str] = []
        """What a user should know although the source was fetched."""
        self.validators: dict[str, Validators] = {}
        """Of every address whose body was used."""
        self.last_body = b""
        self._secret_headers = dict(secret_headers or {})
        self._secret_hosts = frozenset(secret_hosts)
        self._is_final = is_final
        self._last_found = ""
        """Why the last request failed that did; tells why no time is left for another."""
        self._outcomes: dict[str, Answer | FetchError] = {}

    def get(self, url: str) -> bytes:
        """The body behind an address."""
        outcome = self._outcomes.pop(url, None)
        if isinstance(outcome, FetchError):
            raise outcome
        if outcome is None:
            outcome = self._ask(_Request(url))
        self.validators[url] = outcome.validators
        self.last_body = outcome.body
        return outcome.body

    def post(self, url: str, query: Mapping[str, str]) -> bytes:
        """The body a server returns for a JSON object that it is sent.

        No server states whether such a response is still the same, so none is asked.
        """
        outcome = self._ask(_Request(url, json.dumps(query).encode()))
        self.validators[url] = Validators(url)
        self.last_body = outcome.body
        return outcome.body

    def is_unchanged(self, known: Iterable[Validators]) -> bool:
        """Whether all addresses answer that they are as they were; no body is sent then.

        Stops at the first that is not, and keeps its answer, or its error, for `get`. Raises
        FetchError if nothing answers.
        """
        for validators in known:
            try:
                answer = self._ask(_Request(validators.url, headers=validators.headers))
            except FetchError as error:
                if not self.n_answers:
                    raise
                self._outcomes[validators.url] = error
                return False
            if answer.status != HTTPStatus.NOT_MODIFIED:
                self._outcomes[validators.url] = answer
                return False
        return True

    def pause(self) -> None:
        """Wait between two pages."""
        time.sleep(min(self.settings.pause_seconds, self._remaining))

    @property
    def _remaining(self) -> float:
        return max(0.0, self.deadline - time.monotonic())

    def _ask(self, request: _Request) -> Answer:
        url = request.url
        started = time.monotonic()
        for number in range(1, self.settings.maximum_tries + 1):
            if not self._remaining:
                raise self._over(url, self._last_found or "no further response in this time")
            self.tries += 1
            try:
                return self._follow(request)
            except _TryAgainError as error:
                if not self.n_answers:
                    self.silence = error.found
                told = self._error(
                    url,
                    "a complete response with status 200",
                    f"{error.found} ({_counted(number)} in {time.monotonic() - started:.1f} s)",
                    "try again later",
                    status=error.status,
                    excerpt=error.excerpt,
                )
                if number == self.settings.maximum_tries or self._is_final(told):
                    raise told from error
                wait = max(self._wait(number), error.wait or 0)
                if wait >= self._remaining:
                    raise self._over(url, told.found, status=error.status) from error
                time.sleep(wait)
        raise AssertionError("unreachable: the last try returns or raises")

    def _wait(self, number: int) -> float:
        """Doubling from try to try, up to a fifth less by chance."""
        wait = self.settings.first_wait_seconds * 2.0 ** (number - 1)
        longest = min(wait, self.settings.longest_wait_seconds)
        return longest * random.uniform(0.8, 1.0)  # noqa: S311  no secret

    def _follow(self, request: _Request) -> Answer:
        """One try, over all redirects."""
        url = current = request.url
        for _ in range(self.settings.maximum_redirects + 1):
            with contextlib.closing(self._send(request, current)) as response:
                self.n_answers += 1
                location = response.headers.get("Location")
                if response.status_code in REDIRECTS and location:
                    current = self._redirected(url, current, location)
                    if request.body is not None and response.status_code not in KEEPING_REDIRECTS:
                        raise self._error(
                            url,
                            "redirects that keep the request (307, 308)",
                            f"{_status_text(response.status_code)} to {_shown(current)}",
                            "open the address in a browser and correct `endpoint` in "
                            "seeds/sources.csv",
                            status=response.status_code,
                        )
                    continue
                return self._answer(url, current, response, is_conditional=bool(request.headers))
        raise self._error(
            url,
            f"at most {self.settings.maximum_redirects} redirects",
            f"more; the last one is to {_shown(current)}",
            "open the address in a browser and correct `endpoint` in seeds/sources.csv",
        )

    def _redirected(self, url: str, current: str, location: str) -> str:
        try:
            target = urlsplit(urljoin(current, location))
            base = self.settings.base_url_override
            if base and urlunsplit(target).startswith(f"{base}/"):
                target = urlsplit("https://" + urlunsplit(target).removeprefix(f"{base}/"))
            is_usable = target.scheme == "https" and target.hostname and not target.username
            is_usable = is_usable and target.port in (None, HTTPS_PORT)
        except ValueError:
            is_usable = False
        if not is_usable:
            raise self._error(
                url,
                f"redirects to https addresses only, on port {HTTPS_PORT}",
                f"one to {_shown(location)}",
                "it was not followed",
            )
        if _is_private(str(target.hostname), resolves=base is None):
            raise self._error(
                url,
                "redirects to public addresses only",
                f"one to {_shown(location)}",
                "it was not followed",
            )
        return urlunsplit(target)

    def _send(self, request: _Request, current: str) -> requests.Response:
        import requests
        import urllib3

        url = request.url
        parts = urlsplit(current)
        if parts.scheme != "https":
            raise self._error(url, "an https address", _shown(current), "correct the address")
        sent = {
            "User-Agent": self.settings.user_agent,
            "Accept": "*/*",
            "Accept-Encoding": "gzip",
            **request.headers,
        }
        if request.body is not None:
            sent["Content-Type"] = "application/json"
        if parts.hostname in self._secret_hosts:
            sent |= self._secret_headers
        base = self.settings.base_url_override
        wire = current if base is None else base + current.removeprefix("https:/")
        remaining = self._remaining
        try:
            return self.session.request(
                "GET" if request.body is None else "POST",
                wire,
                data=request.body,
                headers=sent,
                timeout=(
                    max(0.001, min(self.settings.connect_seconds, remaining)),
                    max(0.001, min(self.settings.read_seconds, remaining)),
                ),
                allow_redirects=False,
                stream=True,
            )
        except requests.exceptions.SSLError as error:
            raise self._error(
                url,
                "a valid certificate",
                _reason(error),
                "check the clock and the certificates of this machine",
            ) from error
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema) as error:
            raise self._error(url, "a valid address", _shown(current), "correct it") from error
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise _TryAgainError(_reason(error)) from error

    def _answer(
        self, url: str, current: str, response: requests.Response, *, is_conditional: bool
    ) -> Answer:
        status = response.status_code
        headers = response.headers
        validators = Validators(url, headers.get("ETag"), headers.get("Last-Modified"))
        if status == HTTPStatus.NOT_MODIFIED and is_conditional:
            return Answer(status, b"", validators)
        if status == HTTPStatus.OK:
            return Answer(status, self._body(url, response), validators)
        found = _status_text(status)
        if urlsplit(current).hostname != urlsplit(url).hostname:
            found += f" from {_shown(current)}"
        excerpt = self._excerpt(response)
        if _may_pass(status):
            wait = wanted_wait(headers)
            if wait is not None:
                found += f" with a request to wait {wait:,.0f} s"
            raise _TryAgainError(found, status, wait, excerpt)
        raise self._error(
            url,
            "a response with status 200",
            found,
            _remedy(status, has_secret=bool(self._secret_headers)),
            status=status,
            excerpt=excerpt,
        )

    def _body(self, url: str, response: requests.Response) -> bytes:
        """The whole body, decompressed; within size and time."""
        encoding = response.headers.get("Content-Encoding", "").strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip"):
            raise self._error(
                url, "a plain or gzipped body", f"Content-Encoding {encoding[:40]!r}", ""
            )
        stated = response.headers.get("Content-Length", "")
        if re.fullmatch(r"[0-9]{1,18}", stated):
            self._check_size(url, int(stated), self.settings.maximum_transfer_bytes)
        body = bytearray()
        while piece := self._piece(response):
            body += piece
            self._check_size(url, len(body), self.settings.maximum_transfer_bytes)
            if not self._remaining:
                raise self._over(url, f"only {len(body):,} bytes of the body in this time")
        if encoding in ("gzip", "x-gzip"):
            body = self._decompressed(url, body)
        self._check_size(url, len(body), self.settings.maximum_body_bytes)
        return bytes(body)

    def _decompressed(self, url: str, packed: bytes | bytearray) -> bytearray:
        """What gzip packed, in steps of bounded size, so that a bomb ends at the limit.

        urllib3's own decoding is bounded as well, but takes data that break off for whole.
        """
        if not packed:
            raise _TryAgainError("compressed data that ends early")
        body = bytearray()
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(packed)) as unpacking:
                while piece := unpacking.read(PIECE):
                    body += piece
                    self._check_size(url, len(body), self.settings.maximum_body_bytes)
        except EOFError as error:
            raise _TryAgainError("compressed data that ends early") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise _TryAgainError("data that is not gzip, contrary to its header") from error
        return body

    def _piece(self, response: requests.Response) -> bytes:
        """What has arrived, at least one byte; empty at the end of a complete body."""
        import urllib3

        try:
            return response.raw.read1(PIECE, decode_content=False) or b""
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            reason = _reason(error)
            stated = response.headers.get("Content-Length")
            if stated and "IncompleteRead" in reason:
                reason = f"{response.raw.tell():,} of {stated} bytes"
            raise _TryAgainError(f"a body that ends early ({reason})") from error

    def _check_size(self, url: str, size: int, maximum: int) -> None:
        if size > maximum:
            raise self._error(
                url,
                f"at most {maximum:,} bytes",
                "more",
                "the response was discarded, because no source is that large",
            )

    def _excerpt(self, response: requests.Response) -> bytes:
        """The beginning of an error's body, which may say more than its status."""
        excerpt = b""
        with contextlib.suppress(_TryAgainError):
            while len(excerpt) < EXCERPT_LENGTH and self._remaining:
                piece = self._piece(response)
                if not piece:
                    break
                excerpt += piece
        return excerpt[:EXCERPT_LENGTH]

    def _over(self, url: str, found: str, *, status: int | None = None) -> FetchError:
        return self._error(
            url,
            f"a complete response within {self.settings.budget_seconds:g} s",
            found,
            "try again later",
            status=status,
        )

    def _error(
        self,
        url: str,
        expected: str,
        found: str,
        remedy: str,
        *,
        status: int | None = None,
        excerpt: bytes = b"",
    ) -> FetchError:
        self._last_found = found
        return FetchError(
            self.source_id, _shown(url), expected, found, remedy, status=status, excerpt=excerpt
        )


def wanted_wait(headers: Mapping[str, str]) -> float | None:
    """Seconds a server asks to wait: Retry-After (seconds or date), else X-RateLimit-Reset, else
    the `t=` of a RateLimit header (`"api";r=0;t=55`)."""
    text = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,15}", text):
        return float(text)
    if text:
        try:
            date = email.utils.parsedate_to_datetime(text)
            return max(0.0, date.timestamp() - time.time())
        except (ValueError, OverflowError, OSError):
            pass
    text = headers.get("X-RateLimit-Reset", "").strip()
    if re.fullmatch(r"[0-9]{1,12}", text):
        number = float(text)
        return max(0.0, number - time.time()) if number > SMALLEST_TIMESTAMP else number
    limit = re.search(r";\s*t=([0-9]{1,12})(?![0-9.])", headers.get("RateLimit", ""))
    return float(limit[1]) if limit else None


def _is_private(host: str, *, resolves: bool) -> bool:
    """Whether a host is this machine or one of a local network, as services of a cloud are.

    A name that does not resolve here may still do so for a proxy.
    """
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        pass
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        found = socket.getaddrinfo(host, HTTPS_PORT) if resolves else []
    except OSError:
        return False
    addresses = [str(place[0]).partition("%")[0] for *_, place in found]
    return any(not ipaddress.ip_address(address).is_global for address in addresses)


def _may_pass(status: int) -> bool:
    """Whether the same request may succeed a little later."""
    if status == HTTPStatus.NOT_IMPLEMENTED:
        return False
    return status == HTTPStatus.TOO_MANY_REQUESTS or status in range(500, 600)


def _counted(number: int) -> str:
    return "1 try" if number == 1 else f"{number} tries"


def _status_text(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"status {status}"


def _remedy(status: int, *, has_secret: bool) -> str:
    if status in (401, 403):
        return "check the key" if has_secret else "open the address in a browser"
    if status in (404, 410):
        return "find the new address and correct `endpoint` in seeds/sources.csv"
    return "open the address in a browser"


def _shown(url: str) -> str:
    """An address for a message: one line of bounded length."""
    text = "".join(character if character.isprintable() else "\ufffd" for character in url)
    return text if len(text) <= 150 else f"{text[:149]}…"


def _reason(error: BaseException) -> str:
    """Why a connection failed, in a few words out of the innermost cause."""
    causes: list[BaseException] = []
    pending: list[object] = [error]
    while pending and len(causes) < 20:
        cause = pending.pop(0)
        if isinstance(cause, BaseException) and cause not in causes:
            causes.append(cause)
            pending += [getattr(cause, "reason", None), cause.__cause__, cause.__context__]
            pending += cause.args
    names = {type(cause).__name__ for cause in causes}
    if "NameResolutionError" in names or "gaierror" in names:
        return "no such host (name resolution failed)"
    if any("Timeout" in name for name in names):
        connecting = any("Connect" in name for name in names)
        return "no connection within the time" if connecting else "no response within the time"
    for cause in reversed(causes):
        if isinstance(cause, ssl.SSLError):
            return f"a TLS error ({cause.reason or 'unknown'})"
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror[:1].lower() + cause.strerror[1:]
    for cause in reversed(causes):
        if type(cause).__name__ == "RemoteDisconnected":
            return "connection closed without a response"
    return _shown(str(causes[-1]) or type(causes[-1]).__name__)
