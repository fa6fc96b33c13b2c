"""`coach serve`: the local web page."""

import argparse
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from coach.commands import Commands, add_model, add_specs
from coach.errors import UsageError

if TYPE_CHECKING:
    from coach.web.settings import Settings

_PORT = 8765


def add(commands: Commands, common: argparse.ArgumentParser) -> None:
    """Add the parser."""
    parser = commands.add_parser("serve", parents=[common], help="the same in a browser, on this machine")
    parser.add_argument("--port", type=int, default=_PORT, metavar="N", help=f"default: {_PORT}")
    parser.add_argument(
        "--host", default="127.0.0.1", metavar="ADDRESS", help="listen elsewhere; browsers then need a token"
    )
    parser.add_argument("--certificate", type=Path, metavar="FILE", help="serve https with this certificate")
    parser.add_argument("--key", type=Path, metavar="FILE", help="the certificate's private key")
    parser.add_argument("--open", action="store_true", help="open the page in the browser")
    add_model(parser)
    add_specs(parser)
    parser.set_defaults(run=_serve)


def _serve(args: argparse.Namespace) -> int:
    missing = [name for name in ("fastapi", "uvicorn", "websockets") if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"The web page needs {', '.join(missing)}, not installed here. Get it with: "
            "pip install 'hip-coach[web]'."
        )
    if not 1 <= args.port <= 65_535:
        raise UsageError(f"Expected --port between 1 and 65535, got {args.port}.")
    certificate = _certificate(args)
    settings = _settings(args)
    from coach.web.server import make_server, open_socket

    listening = open_socket(settings)
    with listening:
        server = make_server(settings, certificate)
        _announce(settings, open_browser=args.open)
        try:
            server.run(sockets=[listening])
        except KeyboardInterrupt:  # how it is meant to end: uvicorn has closed everything by now
            print()
    return 0


def _settings(args: argparse.Namespace) -> "Settings":
    from coach.exercise.spec import load_specs
    from coach.web.settings import Settings, default_folder, is_loopback, make_token

    return Settings(
        specs=load_specs(args.specs),
        host=args.host,
        port=args.port,
        token=None if is_loopback(args.host) else make_token(),
        folder=default_folder(),
        model=args.model,
        secure=args.certificate is not None,
    )


def _certificate(args: argparse.Namespace) -> tuple[str, str] | None:
    if (args.certificate is None) != (args.key is None):
        raise UsageError("Expected --certificate and --key together.")
    if args.certificate is None:
        return None
    for path in (args.certificate, args.key):
        if not path.is_file():
            raise UsageError(f"There is no file {path}.")
    return str(args.certificate), str(args.key)


def _announce(settings: "Settings", *, open_browser: bool) -> None:
    scheme = "https" if settings.secure else "http"
    name = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"{scheme}://{name}:{settings.port}/"
    if settings.token is not None:
        address += f"?token={settings.token}"
    print(f"Open {address}")
    if settings.token is not None:
        print("Whoever has this address can use the page. Replace the host by this machine's own if need be.")
        if not settings.secure:
            print("Browsers give the camera to https pages only: --certificate FILE --key FILE.")
    print("Ctrl-C ends it.", flush=True)
    if open_browser:
        import webbrowser

        webbrowser.open(address)
