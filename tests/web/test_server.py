"""The real server: strangers who open connections and say nothing, or nonsense, do not keep others out."""

import contextlib
import json
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from web_client import PoseReader, frame, make_settings, picture
from web_server import free_port, running
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from coach.errors import UsageError
from coach.web import server
from coach.web.settings import Limits

pytestmark = pytest.mark.filterwarnings("ignore:connect.. must be used:DeprecationWarning")


@pytest.fixture
def served(tmp_path, poses, monkeypatch):
    monkeypatch.setattr(server, "REQUEST_LIMIT_S", 1.0)
    settings = make_settings(tmp_path, Limits(stall_s=1.0, frame_bytes=50_000))
    with running(settings, lambda _model: PoseReader(poses)) as settings:
        yield settings


def about(settings, limit_s=3.0):
    with urllib.request.urlopen(f"http://127.0.0.1:{settings.port}/api/about", timeout=limit_s) as answer:
        return json.load(answer)


def raw(settings, request, limit_s=5.0):
    """The first line that comes back for these bytes."""
    with socket.create_connection(("127.0.0.1", settings.port), timeout=limit_s) as connection:
        connection.sendall(request)
        return connection.recv(4096).partition(b"\r\n")[0]


def join(settings, **hello):
    origin = f"http://127.0.0.1:{settings.port}"
    page = connect(f"ws://127.0.0.1:{settings.port}/api/live", origin=origin, max_size=None)
    page.send(json.dumps({"mode": "coach", "exercise": "seated", "clock": "x", "countdown_s": 0, **hello}))
    while (message := json.loads(page.recv(timeout=5)))["type"] == "loading":
        pass
    assert message["type"] == "welcome", message
    return page


def show(page, seq):
    page.send(frame(seq, seq * 0.05, picture(seq % 20)))
    while True:
        message = json.loads(page.recv(timeout=5))
        if (message.get("seq") or 0) >= seq:
            return message


def is_closed(connection):
    """Whether the other side closes it, perhaps after an answer, before the time is up."""
    with contextlib.suppress(ConnectionError):
        while connection.recv(4096):
            pass
    return True


BEGINNINGS = [
    b"",
    b"GET / HTTP/1.1\r\nHost: 127",
    b"POST /api/analyses?exercise=seated HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999\r\n",
    b"GET /api/live HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n",
]


def test_two_hundred_half_open_sockets_keep_nobody_out(served):
    page = join(served)
    idle = []
    try:
        for i in range(200):
            connection = socket.create_connection(("127.0.0.1", served.port), timeout=5)
            connection.sendall(BEGINNINGS[i % len(BEGINNINGS)])
            idle.append(connection)
        assert show(page, 1)["type"] == "state"
        assert about(served)["exercises"]
        assert show(page, 2)["type"] == "state"
        until_s = time.monotonic() + 6
        for connection in idle:
            connection.settimeout(max(0.1, until_s - time.monotonic()))
            assert is_closed(connection)
        assert show(page, 3)["type"] == "state"
    finally:
        for connection in idle:
            connection.close()
        page.close()


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET /static/../../../../../../etc/passwd",
        b"GET /static/..%2f..%2f..%2f..%2fetc%2fpasswd",
        b"GET /static/....//....//etc/passwd",
        b"GET /api/analyses/../../history.sqlite3",
        b"GET //etc/passwd",
        b"GET http://evil.example/",
    ],
)
def test_raw_paths_lead_nowhere(served, request_line):
    head = f" HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nConnection: close\r\n\r\n"
    assert raw(served, request_line + head.encode()).split()[1] in (b"400", b"403", b"404")


@pytest.mark.parametrize(
    "request_bytes",
    [b"\x00\x01\x02\x03\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 20_000,
     b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n"],
    ids=["noise", "version", "many headers", "two hosts", "long path"],
)  # fmt: skip
def test_nonsense_is_answered_with_an_error_and_the_server_goes_on(served, request_bytes):
    with contextlib.suppress(ConnectionError):  # closed before all of it was read: just as good
        assert raw(served, request_bytes).split()[1][:1] == b"4"
    assert about(served)["exercises"]


def test_a_message_beyond_the_limit_closes_that_connection_only(served):
    page = join(served)
    with pytest.raises(ConnectionClosed):
        page.send(b"\0" * 200_000)
        while True:
            page.recv(timeout=5)
    assert about(served)["exercises"]


def uploads_in(folder):
    return [path for path in (folder / "web" / "analyses").iterdir() if path.is_dir()]


def upload_head(settings):
    host = f"127.0.0.1:{settings.port}"
    lines = ["POST /api/analyses?exercise=seated HTTP/1.1", f"Host: {host}", f"Origin: http://{host}"]
    return "\r\n".join([*lines, "Content-Length: 99999", "", ""]).encode()


def head(settings, *lines, method="GET", target="/api/about"):
    host = f"127.0.0.1:{settings.port}"
    return "\r\n".join([f"{method} {target} HTTP/1.1", f"Host: {host}", *lines, "", ""]).encode("latin-1")


def test_a_next_request_that_never_ends_is_given_up(served):
    with socket.create_connection(("127.0.0.1", served.port), timeout=5) as connection:
        connection.sendall(head(served, target="/favicon.ico"))
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")
        time.sleep(0.3)
        connection.sendall(b"GET / HTTP/1.1\r\nHost: 127")
        assert is_closed(connection)


def test_a_body_that_never_ends_is_given_up(served):
    origin = f"Origin: http://127.0.0.1:{served.port}"
    json_lines = ["Content-Type: application/json", "Content-Length: 100"]
    with socket.create_connection(("127.0.0.1", served.port), timeout=5) as connection:
        connection.sendall(head(served, origin, *json_lines, method="DELETE", target="/api/history") + b"{")
        assert is_closed(connection)
    assert about(served)["exercises"]


@pytest.mark.parametrize(
    ("method", "lines", "status"),
    [
        ("GET", ["Host: evil.example"], b"400"),
        ("GET", ["Transfer-Encoding: gzip, chunked"], b"400"),
        ("POST", ["Content-Length: 0"], b"403"),
        ("POST", ["Origin: null", "Content-Length: 0"], b"403"),
        ("POST", ["Origin: http://evil.example", "Content-Type: text/plain", "Content-Length: 0"], b"403"),
        ("POST", ["Origin: {own}", "Origin: null", "Content-Length: 0"], b"403"),
        ("POST", ["Origin: {own}", "Content-Length: -1"], b"400"),
        ("POST", ["Origin: {own}", "Content-Length: 0x10"], b"400"),
        ("POST", ["Origin: {own}", "Content-Length: 3", "Content-Length: 5"], b"400"),
        ("POST", ["Origin: {own}", "Content-Length: " + "9" * 5000], b"400"),
        ("POST", ["Origin: {own}", "Content-Length: \xb2"], b"400"),
        ("TRACE", [], b"403"),
        ("CONNECT", [], b"403"),
    ],
)
def test_headers_cannot_be_played_with(served, method, lines, status):
    own = f"http://127.0.0.1:{served.port}"
    request = head(served, *(line.replace("{own}", own) for line in lines), method=method)
    assert raw(served, request).split()[1] == status


@pytest.mark.parametrize("target", ["http://{own}/", "http://evil.example/", "//evil.example/", "*"])
def test_an_absolute_address_is_not_taken_for_a_path(served, target):
    own = f"127.0.0.1:{served.port}"
    for path in ("", "api/about"):
        assert raw(served, head(served, target=target.replace("{own}", own) + path)).split()[1] == b"404"


def test_an_old_request_without_a_host_is_refused(served):
    assert raw(served, b"GET /api/about HTTP/1.0\r\n\r\n").split()[1] == b"403"
    folded = f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\n evil.example\r\n\r\n"
    assert raw(served, folded.encode()).split()[1] == b"403"


def test_text_that_is_none_ends_the_connection_without_a_traceback(served, caplog):
    page = join(served)
    page.send(b"\xff\xfe", text=True)
    with pytest.raises(ConnectionClosed):
        page.recv(timeout=5)
    assert [record for record in caplog.records if record.exc_info] == []
    assert about(served)["exercises"]


def test_who_sends_commands_without_end_is_sent_away(served):
    page = join(served)
    with pytest.raises(ConnectionClosed):
        for _ in range(200):
            page.send('{"type": "nothing"}')
        page.recv(timeout=5)
    again = join(served, takeover=True)
    assert show(again, 1)["type"] == "state"
    again.close()


def test_who_leaves_while_the_model_loads_holds_up_nobody(tmp_path, poses):
    def load(_model):
        time.sleep(0.5)
        return PoseReader(poses)

    with running(make_settings(tmp_path), load) as settings:
        origin = f"http://127.0.0.1:{settings.port}"
        page = connect(f"ws://127.0.0.1:{settings.port}/api/live", origin=origin)
        page.send(json.dumps({"mode": "coach", "exercise": "seated", "clock": "x"}))
        page.socket.close()
        time.sleep(1.0)
        join(settings).close()


def test_an_upload_that_stalls_is_given_up(served, tmp_path):
    assert raw(served, upload_head(served) + b"\0\0\0\x18ftyp").split()[1] == b"408"
    assert not uploads_in(tmp_path)


def test_an_upload_that_drips_is_given_up(served, tmp_path):
    with socket.create_connection(("127.0.0.1", served.port), timeout=5) as connection:
        connection.sendall(upload_head(served) + b"\0\0\0\x18ftyp")
        for _ in range(6):
            time.sleep(0.3)
            with contextlib.suppress(ConnectionError):
                connection.sendall(b"x")
        assert connection.recv(4096).split()[1] == b"408"
    assert not uploads_in(tmp_path)


def test_an_upload_that_breaks_off_leaves_nothing(served, tmp_path):
    with socket.create_connection(("127.0.0.1", served.port), timeout=5) as connection:
        connection.sendall(upload_head(served) + b"\0\0\0\x18ftyp" + b"\0" * 5000)
        time.sleep(0.2)
    until_s = time.monotonic() + 5
    while uploads_in(tmp_path):
        assert time.monotonic() < until_s
        time.sleep(0.05)


def test_a_taken_port_is_told_in_a_sentence(served):
    with pytest.raises(UsageError, match="running already"):
        server.open_socket(served)


# -- the command


def run_coach(*args):
    return subprocess.run(
        [sys.executable, "-m", "coach.cli", *args], capture_output=True, text=True, timeout=60, check=False
    )


def test_without_the_extra_it_says_what_to_install(tmp_path):
    code = (
        "import importlib.util, sys; real = importlib.util.find_spec;"
        "importlib.util.find_spec = lambda name, *a: None if name == 'fastapi' else real(name, *a);"
        "from coach.cli import main; sys.exit(main(['serve']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert "pip install 'hip-coach[web]'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("args", [("--port", "0"), ("--port", "70000"), ("--certificate", "none.pem")])
def test_wrong_options_are_told(args):
    done = run_coach("serve", *args)
    assert done.returncode == 2
    assert done.stderr.startswith("coach: ")


def test_it_says_where_it_is_and_ends_on_a_signal(tmp_path):
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "coach.cli", "serve", "--port", str(port)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout.readline() == f"Open http://127.0.0.1:{port}/\n"
        until_s = time.monotonic() + 20
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                    assert b"coach" in answer.read()
                break
            except OSError:
                assert time.monotonic() < until_s
                time.sleep(0.1)
    finally:
        process.terminate()
    assert process.wait(20) == 0
