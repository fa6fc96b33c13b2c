"""Foreign pages, rebound names and strangers without the token are turned away before anything happens."""

import pytest
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from web_client import LIVE, ORIGIN, Browser, make_settings

from coach.web.app import make_app
from coach.web.guard import COOKIE, make_policy
from coach.web.settings import is_loopback

PAGES = ["/", "/coach", "/coach/seated", "/measure", "/analyse", "/history", "/static/style.css"]


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_served_with_their_headers(client, path):
    answer = client.get(path, headers={"origin": ORIGIN})
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "camera=(self)" in answer.headers["permissions-policy"]


def test_an_unknown_address_is_a_plain_404(client):
    answer = client.get("/nothing/here")
    assert answer.status_code == 404
    assert answer.json() == {"detail": "Not Found"}


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8765",
        "127.0.0.1.evil.example:8765",
        "127.0.0.1:80",
        "127.0.0.1",
        "localhost:8766",
        "127.0.0.1:8765.evil.example",
        "127.0.0.1:99999999",
        "[::1",
        "",
        "0.0.0.0:8765",
    ],
)
def test_a_foreign_host_is_refused(serve, host):
    client = serve(origin=None)
    assert client.get("/api/about", headers={"host": host}).status_code == 403
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(LIVE, headers={"host": host}):
        pass


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost:8765", "LOCALHOST:8765", "[::1]:8765"])
def test_its_own_names_are_answered(serve, host):
    assert serve(origin=None).get("/api/about", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://localhost:8765",
        "https://127.0.0.1:8765",
        "http://127.0.0.1:8766",
        "null",
        "http://127.0.0.1:8765.evil.example",
        "",
    ],
)
def test_a_foreign_origin_is_refused(serve, origin):
    client = serve(origin=None)
    headers = {"origin": origin}
    for answer in (
        client.get("/api/history", headers=headers),
        client.post("/api/safety", headers=headers),
        client.request("DELETE", "/api/history", json={"confirm": "delete everything"}, headers=headers),
        client.post("/api/analyses?exercise=seated", content=b"x", headers=headers),
    ):
        assert answer.status_code == 403
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(LIVE, headers=headers):
        pass


def test_changes_and_sockets_need_an_origin(serve):
    client = serve(origin=None)
    assert client.post("/api/safety").status_code == 403
    assert client.delete("/api/history/1").status_code == 403
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(LIVE):
        pass


def test_a_foreign_page_may_not_even_read(serve):
    client = serve(origin=None)
    assert client.get("/api/history", headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert client.get("/api/history", headers={"sec-fetch-site": "same-site"}).status_code == 403
    assert (
        client.get("/", headers={"sec-fetch-site": "cross-site"}).status_code == 200
    )  # a link to it is fine
    assert client.get("/api/history", headers={"sec-fetch-site": "same-origin"}).status_code == 200


def test_no_answer_invites_other_origins(client):
    answer = client.options("/api/history", headers={"access-control-request-method": "DELETE"})
    assert not any(name.startswith("access-control") for name in answer.headers)


def test_only_uploads_may_be_large(client):
    for body in (b"x" * 5000, (b"x" for _ in range(10))):
        assert client.request("DELETE", "/api/history", content=body).status_code == 413
    assert client.get("/", headers={"content-length": "99999999"}).status_code == 413


# -- bound elsewhere


@pytest.fixture
def elsewhere(tmp_path):
    settings = make_settings(tmp_path, host="0.0.0.0", token="s3cret")
    with TestClient(make_app(settings), base_url="http://192.168.1.7:8765") as client:
        yield client


def test_elsewhere_nothing_is_served_without_the_token(elsewhere):
    for path in (*PAGES, "/api/about", "/?token=wrong", "/coach?token=s3cret", "/?token="):
        assert elsewhere.get(path, follow_redirects=False).status_code == 401
    headers = {"host": "192.168.1.7:8765", "origin": "http://192.168.1.7:8765"}
    with pytest.raises(WebSocketDisconnect), elsewhere.websocket_connect(LIVE, headers=headers):
        pass


def test_the_token_becomes_a_cookie_that_opens_the_page(elsewhere):
    answer = elsewhere.get("/?token=s3cret", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert elsewhere.get("/api/about").status_code == 200
    for forged in (f"{COOKIE}=wrong", f"{COOKIE}=", f"{COOKIE}=s3cret2", "x", f'{COOKIE}="'):
        elsewhere.cookies.clear()
        assert elsewhere.get("/api/about", headers={"cookie": forged}).status_code == 401


def test_elsewhere_names_that_are_not_the_machines_are_refused(elsewhere):
    headers = {"host": "evil.example:8765", "cookie": f"{COOKIE}=s3cret"}
    assert elsewhere.get("/api/about", headers=headers).status_code == 403


def test_on_loopback_the_page_works_without_a_token(client):
    with client.websocket_connect(LIVE) as socket:
        assert Browser(socket).greet()["type"] == "welcome"


@pytest.mark.parametrize(
    ("host", "own"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("127.8.8.8", True), ("0.0.0.0", False),
     ("192.168.1.7", False), ("example.org", False)],
)  # fmt: skip
def test_what_is_loopback(host, own):
    assert is_loopback(host) is own


def test_the_policy_names_the_socket_of_this_page_only():
    assert "connect-src 'self' ws://127.0.0.1:8765;" in make_policy("127.0.0.1:8765", "http")
    assert "wss://host:1" in make_policy("host:1", "https")
