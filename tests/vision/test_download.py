import threading
import time
from pathlib import Path

import pytest
from loopback import serving

from coach.vision import download as module
from coach.vision.download import UnreachableError, download

BODY = bytes(i * 7 % 251 for i in range(700_000))


def ignore(done: int, total: int | None) -> None:
    pass


def test_a_file_arrives_whole_and_progress_reaches_its_end(tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    with serving(BODY) as server:
        download(f"{server.url}/a", tmp_path / "part", lambda done, total: seen.append((done, total)))
    assert (tmp_path / "part").read_bytes() == BODY
    assert seen[0] == (0, len(BODY))
    assert seen[-1] == (len(BODY), len(BODY))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_a_file_of_unannounced_length_arrives_too(tmp_path: Path) -> None:
    with serving(BODY, announce=False) as server:
        download(f"{server.url}/a", tmp_path / "part", ignore)
    assert (tmp_path / "part").read_bytes() == BODY


def test_it_continues_after_what_an_earlier_try_left(tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(BODY[:300_000])
    with serving(BODY) as server:
        download(f"{server.url}/a", tmp_path / "part", ignore)
        assert server.asked == [("/a", "bytes=300000-")]
    assert (tmp_path / "part").read_bytes() == BODY


def test_a_dropped_connection_is_picked_up_where_it_broke(tmp_path: Path) -> None:
    with serving(BODY, drop_after=250_000) as server:
        download(f"{server.url}/a", tmp_path / "part", ignore)
        assert [wanted for _, wanted in server.asked] == [None, "bytes=250000-", "bytes=500000-"]
    assert (tmp_path / "part").read_bytes() == BODY


def test_a_line_that_never_gets_further_is_given_up_but_its_bytes_are_kept(tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(BODY[:1000])
    with serving(BODY, drop_after=0) as server:
        with pytest.raises(UnreachableError, match=r"127\.0\.0\.1 kept dropping the connection"):
            download(f"{server.url}/a", tmp_path / "part", ignore)
        assert len(server.asked) == 3
    assert (tmp_path / "part").read_bytes() == BODY[:1000]


def test_a_server_that_cannot_continue_starts_over(tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(b"old rubbish")
    with serving(BODY, ranges=False) as server:
        download(f"{server.url}/a", tmp_path / "part", ignore)
    assert (tmp_path / "part").read_bytes() == BODY


def test_a_part_longer_than_the_file_is_thrown_away(tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(b"x" * (len(BODY) + 5))
    with serving(BODY) as server:
        download(f"{server.url}/a", tmp_path / "part", ignore)
    assert (tmp_path / "part").read_bytes() == BODY


def test_an_answer_from_another_place_than_asked_is_not_appended(tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(BODY[:1000])
    with serving(BODY, shift=10) as server:
        download(f"{server.url}/a", tmp_path / "part", ignore)
    assert (tmp_path / "part").read_bytes() == BODY


@pytest.mark.parametrize("status", [403, 404, 503])
def test_an_error_page_is_not_saved(tmp_path: Path, status: int) -> None:
    with (
        serving(BODY, status=status) as server,
        pytest.raises(UnreachableError, match=rf"127\.0\.0\.1 answered {status}"),
    ):
        download(f"{server.url}/a", tmp_path / "part", ignore)
    assert not (tmp_path / "part").exists()


def test_nobody_listening_is_noticed_at_once(tmp_path: Path) -> None:
    with serving(BODY) as server:
        url = server.url
    started = time.perf_counter()
    with pytest.raises(UnreachableError, match="refused"):
        download(f"{url}/a", tmp_path / "part", ignore)
    assert time.perf_counter() - started < 2


def test_a_host_that_never_answers_is_given_up_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CONNECT_TIMEOUT_S", 0.3)
    with serving(BODY, gate=threading.Event()) as server:
        started = time.perf_counter()
        with pytest.raises(UnreachableError, match="no answer within"):
            download(f"{server.url}/a", tmp_path / "part", ignore)
        assert time.perf_counter() - started < 2


def test_a_full_disk_is_not_taken_for_a_bad_line(tmp_path: Path) -> None:
    with serving(BODY) as server:
        with pytest.raises(OSError, match="No such file"):
            download(f"{server.url}/a", tmp_path / "nowhere" / "part", ignore)
        assert len(server.asked) == 1
