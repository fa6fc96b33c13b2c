"""The application: static page, API, live connection, and the guard around all of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib import resources
from pathlib import Path
from typing import Final

from fastapi import FastAPI, HTTPException, Request, WebSocket
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles

from coach.jobs.recorded import OpenDetector, open_detector
from coach.web.analyses import Queue
from coach.web.api import make_router
from coach.web.guard import Application, Guard
from coach.web.live import Desk
from coach.web.settings import Settings

PAGES: Final = ("/", "/coach", "/coach/{exercise}", "/measure", "/analyse", "/history", "/history/{number}")
"""Addresses of the page; which of them is shown is settled in the browser."""


def static_folder() -> Path:
    """Where the page's own files are."""
    return Path(str(resources.files("coach.web"))) / "static"


def make_app(settings: Settings, open_detector: OpenDetector = open_detector) -> Application:
    """The guarded application."""
    settings.folder.mkdir(parents=True, exist_ok=True)
    desk = Desk(settings, open_detector)
    queue = Queue(settings, open_detector, lambda: desk.busy)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        sweep = asyncio.create_task(desk.sweep())
        yield
        sweep.cancel()
        with suppress(asyncio.CancelledError):
            await sweep
        await desk.close()
        await asyncio.to_thread(queue.close)

    app = FastAPI(title="coach", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.include_router(make_router(settings, queue))
    app.mount("/static", StaticFiles(directory=static_folder()), name="static")
    _add_pages(app)
    _add_errors(app)

    @app.websocket("/api/live")
    async def live(socket: WebSocket) -> None:
        await desk.serve(socket)

    return Guard(app, settings)


def _add_pages(app: FastAPI) -> None:
    def page() -> FileResponse:
        return FileResponse(static_folder() / "index.html", media_type="text/html")

    for path in PAGES:
        app.add_api_route(path, page, methods=["GET"], include_in_schema=False)

    @app.get("/favicon.ico", include_in_schema=False)
    def icon() -> FileResponse:
        return FileResponse(static_folder() / "icon.svg", media_type="image/svg+xml")


def _add_errors(app: FastAPI) -> None:
    @app.exception_handler(404)
    def not_found(_request: Request, error: HTTPException) -> JSONResponse:
        return JSONResponse({"detail": error.detail or "There is nothing here."}, 404)
