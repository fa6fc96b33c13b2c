from itertools import pairwise

import pytest

from coach.cli import main


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "`coach --help` explains"),
        (["juggle"], "invalid choice: 'juggle'"),
        (["analyze", "x.mp4"], "`coach exercises` lists the IDs"),
        (["measure", "x.mp4", "--protocol", "upside-down"], "`coach measure --help` explains"),
    ],
)
def test_wrong_usage_gets_one_line_that_says_where_to_look(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    out, err = capsys.readouterr()
    assert ended.value.code == 2
    assert words in err
    assert err.count("\n") == 1
    assert out == ""


def test_every_command_has_a_line_of_its_own_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    lines = capsys.readouterr().out.splitlines()
    commands = lines[lines.index("  COMMAND") + 1 : lines.index("options:") - 1]
    assert len(commands) >= 10
    assert all(len(line.split(maxsplit=1)) == 2 for line in commands)


@pytest.mark.parametrize(
    "command", ["analyze", "demo", "measure", "batch", "live", "serve", "history", "exercises", "model"]
)
def test_every_option_is_explained(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([command, "--help"])
    shown = capsys.readouterr().out
    options = shown[shown.index("-h, --help") :].splitlines()
    for line, following in pairwise([*options, ""]):
        if line.startswith("  -"):
            assert len(line.split("  ")) > 2 or following.startswith(" " * 10), line
