"""`serve`: the built site in the browser."""

from typing import Unpack

import click

from ipbr_rank.cli import options
from ipbr_rank.run.settings import Given, make_settings


@options.command(
    "serve",
    options.OUT,
    click.Option(
        ["--port"],
        type=options.Whole(0, 65535),
        default=8000,
        metavar="N",
        help="Port; 0 for any free port.  [8000]",
    ),
    options.flag("--no-browser", help="Print the address only."),
    example="ipbr-rank serve",
)
def command(port: int, no_browser: bool, **given: Unpack[Given]) -> None:
    """Serve the built site locally and open it in the browser."""
    import functools
    import webbrowser
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

    from base.errors import IpbrError
    from base.text import shown_path

    site = make_settings(given).out / "site"
    if not (site / "index.html").is_file():
        raise IpbrError(f"there is no site in {shown_path(site)}; `ipbr-rank all` builds one")
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(site))
    try:
        # No other machine is answered.
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        raise IpbrError(
            f"port {port} cannot be used: {error.strerror}; choose another with --port"
        ) from error
    address = f"http://127.0.0.1:{server.server_address[1]}/"
    click.echo(f"serving {shown_path(site)} at {address}; press Ctrl-C to stop", err=True)
    if not no_browser:
        webbrowser.open(address)
    with server:
        server.serve_forever()
