"""What the page asks for over HTTP: exercises, uploads and their results, the history."""

import io
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi import Path as PathParameter
from fastapi.responses import FileResponse
from pydantic import BaseModel
from starlette.requests import ClientDisconnect

from coach import __version__
from coach.errors import CoachError
from coach.exercise.rom.protocol import PROTOCOLS
from coach.exercise.runner import SideChoice
from coach.live.plan import REST_S
from coach.output.history import History, SessionRow
from coach.output.history_export import write_history_csv
from coach.output.progress import collect_series
from coach.output.safety import SAFETY, acknowledge, is_acknowledged
from coach.output.wording import DISCLAIMER, degrees_text
from coach.web.analyses import ANALYSES, FILES, Analysis, Queue
from coach.web.runs import MEASUREMENTS, list_results
from coach.web.settings import Settings
from coach.web.uploads import UploadError, clean_name, receive
from coach.web.wire import protocol_to_json, series_to_json, spec_to_json

REPORT_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox"
)
"""A report is one self-contained page without scripts; whatever got into it can do nothing."""

_MEASUREMENT_FILES: Final = {"measure.html": "text/html", "measure.json": "application/json"}

Json = dict[str, Any]
Number = Annotated[int, PathParameter(ge=1, le=2**63 - 1)]
"""A session's number, as far as a database can hold it."""


class Confirmation(BaseModel):
    """What has to come along to delete everything."""

    confirm: str


def make_router(settings: Settings, queue: Queue) -> APIRouter:
    """All routes under /api."""
    router = APIRouter(prefix="/api")
    _add_catalogue(router, settings)
    _add_analyses(router, settings, queue)
    _add_measurements(router, settings)
    _add_history(router, settings, queue)
    return router


def _add_catalogue(router: APIRouter, settings: Settings) -> None:
    @router.get("/about")
    def about() -> Json:
        return {
            "version": __version__,
            "disclaimer": DISCLAIMER,
            "safety": list(SAFETY),
            "acknowledged": is_acknowledged(),
            "exercises": [spec_to_json(spec) for spec in settings.specs.values()],
            "rest_s": REST_S,
            "protocols": [protocol_to_json(protocol) for protocol in PROTOCOLS.values()],
            "limits": {
                "upload_bytes": settings.limits.upload_bytes,
                "duration_s": settings.limits.duration_s,
                "frame_edge_px": settings.limits.frame_edge_px,
            },
        }

    @router.post("/safety", status_code=204)
    def accept_safety() -> None:
        acknowledge()


def _add_analyses(router: APIRouter, settings: Settings, queue: Queue) -> None:
    @router.get("/analyses")
    def list_analyses() -> list[Json]:
        return [item.to_json() for item in queue.items]

    @router.post("/analyses", status_code=201)
    async def upload(
        request: Request,
        exercise: Annotated[str, Query(max_length=100)],
        side: SideChoice = "auto",
        keep: bool = False,
        remember: bool = False,
    ) -> Json:
        spec = settings.specs.get(exercise)
        if spec is None:
            raise HTTPException(422, "There is no such exercise.")
        if queue.full:
            raise HTTPException(429, "The queue is full. Wait until an analysis is done.")
        name = clean_name(request.headers.get("x-file-name"))
        item = queue.add(name, spec, side, keep=keep, remember=remember)
        await _take_upload(request, item, settings, queue)
        return item.to_json()

    @router.delete("/analyses/{key}", status_code=204)
    def remove(key: str) -> None:
        item = queue.find(key)
        if item is None:
            raise HTTPException(404, "There is no such analysis.")
        queue.remove(item)

    @router.get("/analyses/{key}/{name}")
    def fetch(key: str, name: str) -> Response:
        item = queue.find(key)
        kind = FILES.get(name)
        if item is None or item.card is None or kind is None:
            raise HTTPException(404, "There is no such file.")
        return _file(settings, (ANALYSES, item.id, name), kind)


async def _take_upload(request: Request, item: Analysis, settings: Settings, queue: Queue) -> None:
    """Store the video and put it into the queue, or forget about it."""
    try:
        announced = request.headers.get("content-length")
        await receive(request.stream(), announced, item.upload, settings.limits)
    except UploadError as error:
        queue.remove(item)
        raise HTTPException(error.status, str(error), {"connection": "close"}) from error
    except ClientDisconnect as error:  # or the person cancelled
        queue.remove(item)
        raise HTTPException(400, "The upload broke off.") from error
    except BaseException:
        queue.remove(item)
        raise
    queue.submit(item)


def _add_measurements(router: APIRouter, settings: Settings) -> None:
    @router.get("/measurements")
    def list_measurements() -> list[Json]:
        return list_results(settings.folder)

    @router.delete("/measurements/{key}", status_code=204)
    def remove(key: str) -> None:
        shutil.rmtree(_known(settings, key), ignore_errors=True)

    @router.get("/measurements/{key}/{name}")
    def fetch(key: str, name: str) -> Response:
        folder, kind = _known(settings, key), _MEASUREMENT_FILES.get(name)
        if kind is None:
            raise HTTPException(404, "There is no such file.")
        return _file(settings, (MEASUREMENTS, folder.name, name), kind)


def _known(settings: Settings, key: str) -> Path:
    """The folder of a measurement; keys are looked up, never joined to a path."""
    folder = next((f for f in (settings.folder / MEASUREMENTS).glob("*") if f.name == key), None)
    if folder is None:
        raise HTTPException(404, "There is no such measurement.")
    return folder


def _file(settings: Settings, parts: tuple[str, str, str], kind: str) -> Response:
    """A file of ours; a report may be shown, everything else is downloaded or played."""
    path = settings.folder.joinpath(*parts)
    if not path.is_file():
        raise HTTPException(404, "There is no such file.")
    headers = {"content-security-policy": REPORT_POLICY}
    shown = kind in ("text/html", "video/mp4")
    disposition = "inline" if shown else "attachment"
    return FileResponse(
        path, media_type=kind, headers=headers, filename=parts[-1], content_disposition_type=disposition
    )


def _add_history(router: APIRouter, settings: Settings, queue: Queue) -> None:
    names = {spec.id: spec.name for spec in settings.specs.values()}

    @router.get("/history")
    def list_history() -> Json:
        with _open_history(settings) as history:
            rows = history.sessions()
        return {
            "sessions": [_session(row, names) for row in reversed(rows)],
            "series": [series_to_json(series, names) for series in collect_series(rows)],
        }

    @router.get("/history/export.{kind}")
    def export(kind: str) -> Response:
        if kind not in ("csv", "json"):
            raise HTTPException(404, "Expected export.csv or export.json.")
        with _open_history(settings) as history:
            sessions = history.export()
        if kind == "json":
            text, media = json.dumps(sessions, indent=2) + "\n", "application/json"
        else:
            table = io.StringIO(newline="")
            write_history_csv(table, sessions)
            text, media = table.getvalue(), "text/csv"
        headers = {"content-disposition": f'attachment; filename="coach_history.{kind}"'}
        return Response(text, media_type=media, headers=headers)

    @router.get("/history/{number}")
    def show(number: Number) -> Json:
        with _open_history(settings) as history:
            return history.export(number)[0]

    @router.delete("/history/{number}", status_code=204)
    def delete(number: Number) -> None:
        with _open_history(settings) as history:
            history.delete(number)

    @router.delete("/history")
    def delete_everything(confirmation: Confirmation) -> Json:
        if confirmation.confirm != "delete everything":
            raise HTTPException(422, "Expected the confirmation to delete everything.")
        with _open_history(settings) as history:
            count = history.delete_all()
        queue.clear()
        shutil.rmtree(settings.folder / MEASUREMENTS, ignore_errors=True)
        return {"sessions": count}


@contextmanager
def _open_history(settings: Settings) -> Iterator[History]:
    try:
        with History(settings.history) as history:
            yield history
    except CoachError as error:
        raise HTTPException(404, str(error)) from error


def _session(row: SessionRow, names: dict[str, str]) -> Json:
    return {
        "id": row.id,
        "started_at": row.started_at.isoformat(timespec="seconds"),
        "exercise": row.exercise,
        "name": names.get(row.exercise, row.exercise),
        "origin": row.origin,
        "status": row.status,
        "reps": row.reps,
        "best": {
            side: degrees_text(abs(deg), sd or float("nan")) for side, (deg, sd) in row.best_deg.items()
        },
    }
