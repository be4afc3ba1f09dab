"""Sessions of requests. Apart from `ingest.fetch.client`, as it takes a tenth of a second to load,
and most runs ask nobody anything.
"""

from http.cookiejar import DefaultCookiePolicy

import requests

from ingest.fetch.client import TransportSettings


class _Session(requests.Session):
    """A session that leaves redirects alone; by itself it would read their whole bodies."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """No redirect is followed here; `Client` does that."""


def new_session(settings: TransportSettings) -> requests.Session:
    """A session that sends nothing but what it is told: no cookies, nothing out of ~/.netrc."""
    session = _Session()
    session.auth = lambda request: request
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    if settings.base_url_override is not None:
        # A proxy would be asked for the local server.
        session.trust_env = False
    return session
