"""People read amounts, dates and times; programs read the units of the API."""

import json

import pytest

from xinlian.cli.output import CommandRefused, console, fail, show, show_list

ROW = {
    "balance_minor": "-123456789",
    "due_day": 20_878,
    "rate_e9_per_day": 500_000,
    "time_ms": 0,
    "at_ms": 1_796_000_400_000,
    "name": "[bold]演示[/]",
    "mirrored": True,
    "tags": ["a"],
    "nothing": None,
}


def test_people_see_decimals_dates_and_local_time(capsys):
    show(ROW, as_json=False)
    out = capsys.readouterr().out
    for text in (
        "-1,234,567.89",
        "2027-03-01",
        "500000",
        "2026-11-30T09:00:00.000+08:00",
        "是 yes",
        "—",
    ):
        assert text in out
    assert "[bold]演示[/]" in out
    assert "_minor" not in out


def test_programs_see_the_fields_as_they_are(capsys):
    show_list([ROW], as_json=True)
    assert json.loads(capsys.readouterr().out) == {"items": [ROW]}


def test_a_list_shows_the_columns_that_are_asked_for(capsys):
    show_list([ROW], as_json=False, columns=["balance_minor", "absent"], note="height 7")
    out = capsys.readouterr().out
    assert "balance" in out
    assert "-1,234,567.89" in out
    assert "height 7" in out
    assert "演示" not in out


def test_an_empty_list_says_so(capsys):
    show_list([], as_json=False)
    assert "没有您可见的记录" in capsys.readouterr().out


@pytest.mark.parametrize("as_json", [True, False])
def test_a_refusal_has_a_reference_a_text_and_a_next_step(capsys, as_json):
    with pytest.raises(SystemExit) as ended:
        fail(CommandRefused("area/name", "what [happened]", "do this"), as_json=as_json)
    assert ended.value.code == 1
    captured = capsys.readouterr()
    if as_json:
        assert json.loads(captured.out) == {
            "error": "area/name",
            "detail": "what [happened]",
            "next_step": "do this",
        }
    else:
        assert captured.out == ""
        assert "what [happened]" in captured.err


def test_a_hash_is_never_broken_by_a_narrow_terminal(capsys, monkeypatch):
    monkeypatch.setattr(console, "_width", 40)
    hashed, party = "ab" * 32, "party_" + "a" * 32
    show({"root": hashed, "party": party, "what": "many words " * 9}, as_json=False)
    show_list([{"root": hashed, "party": party, "name": "演示"}], as_json=False)
    out = capsys.readouterr().out
    assert out.count(hashed) == 2
    assert out.count(party) == 2
    assert "演示" in out
