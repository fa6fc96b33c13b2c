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
