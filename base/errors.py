"""The errors of the whole program: one clear message each, and the exit code that goes with it."""


class IpbrError(Exception):
    """Something a user can act on; `str(error)` is the one message, never a traceback."""

    exit_code = 1


class ConfigurationError(IpbrError):
    """Wrong usage, or a configuration file that cannot be used as it is."""

    exit_code = 2


class InvariantError(IpbrError):
    """A rule about the data does not hold; nothing is published."""

    exit_code = 3


class LossError(IpbrError):
    """Something good would be overwritten by something worse; nothing is published."""

    exit_code = 4


class RenderError(IpbrError):
    """Something to be published cannot be made."""


class SourceError(IpbrError):
    """A source's response cannot be read: names the source, what was expected and what came."""

    def __init__(
        self,
        source_id: str,
        expected: str,
        found: str,
        *,
        where: str = "the response",
        remedy: str = "",
    ) -> None:
        self.source_id = source_id
        self.expected = expected
        self.found = found
        self.where = where
        message = f"{source_id}: cannot read {where}: expected {expected}, found {found}"
        super().__init__(f"{message}; {remedy}" if remedy else message)

    def at(self, where: str, remedy: str) -> "SourceError":
        """The same error, told by a caller that knows the file and what to do about it."""
        return SourceError(self.source_id, self.expected, self.found, where=where, remedy=remedy)


class FetchError(IpbrError):
    """A source could not be fetched: names the address, what was expected and what came.

    `status` is the HTTP status of the answer, None if there was none; `excerpt` the beginning of
    its body.
    """

    def __init__(
        self,
        source_id: str,
        url: str,
        expected: str,
        found: str,
        remedy: str = "",
        *,
        status: int | None = None,
        excerpt: bytes = b"",
    ) -> None:
        self.source_id = source_id
        self.url = url
        self.expected = expected
        self.found = found
        self.status = status
        self.excerpt = excerpt
        message = f"{source_id}: cannot fetch {url}: expected {expected}, found {found}"
        super().__init__(f"{message}; {remedy}" if remedy else message)
