from pathlib import Path

import pytest

from coach.errors import InputError
from coach.output.atomic import PendingFile, atomic_path, write_text


def test_a_file_appears_only_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "new" / "a.txt"
    with atomic_path(target) as path:
        path.write_text("whole")
        assert not target.exists()
        assert path.parent == target.parent
    assert target.read_text() == "whole"
    assert list(target.parent.iterdir()) == [target]


def test_an_error_leaves_the_old_file_and_no_remains(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(RuntimeError, match="stop"), atomic_path(target) as path:
        path.write_text("half")
        raise RuntimeError("stop")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), atomic_path(tmp_path / "a.txt"):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_place_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"Could not write .*a\.txt.*--out"):
        write_text(tmp_path / "file" / "a.txt", "x")


def test_a_target_that_is_a_folder_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()
    with pytest.raises(InputError, match="Could not write"):
        write_text(tmp_path / "a.txt", "x")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]


def test_an_os_error_inside_the_block_is_translated(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No space left"), atomic_path(tmp_path / "a.txt"):
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_the_longest_file_name_works(tmp_path: Path) -> None:
    target = tmp_path / ("n" * 255)
    write_text(target, "x")
    assert target.read_text() == "x"


def test_names_that_are_not_unicode_do_not_stop_the_writing(tmp_path: Path) -> None:
    write_text(tmp_path / "a.txt", "caf\udce9")
    assert (tmp_path / "a.txt").read_text() == "caf?"


def test_discard_is_idempotent(tmp_path: Path) -> None:
    pending = PendingFile(tmp_path / "a.txt")
    pending.discard()
    pending.discard()
    assert list(tmp_path.iterdir()) == []
