"""People read amounts, dates and times; programs read the units of the API."""

import json

import pytest

from xinlian.cli.output import CommandRefused, console, fail, prefers_chinese, show, show_list
from xinlian.client.refusal_words import refusal_words

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
            "meaning_zh": "",
            "next_step_zh": "",
        }
    else:
        assert captured.out == ""
        assert "what [happened]" in captured.err


def refusal_lines(capsys, *said):
    with pytest.raises(SystemExit):
        fail(CommandRefused("accounts/insufficient_balance", *said), as_json=False)
    return capsys.readouterr().err.splitlines()


@pytest.mark.parametrize(("language", "is_chinese_first"), [("zh_CN.UTF-8", True), ("C", False)])
def test_a_refusal_and_its_cure_are_in_both_languages_that_of_the_terminal_first(
    capsys, monkeypatch, language, is_chinese_first
):
    monkeypatch.setenv("LC_ALL", language)
    lines = refusal_lines(capsys, "what happened")
    cures = [line for line in lines if line.startswith("→")]
    words = refusal_words("accounts/insufficient_balance")
    assert (words.meaning_zh in lines[0]) is is_chinese_first
    assert ("what happened" in lines[0]) is not is_chinese_first
    assert {f"→ {words.cure_en}", f"→ {words.cure_zh}"} == set(cures)
    assert (cures[0] == f"→ {words.cure_zh}") is is_chinese_first


def test_what_is_bilingual_already_is_not_said_twice(capsys):
    lines = refusal_lines(capsys, "付款不足 / too little", "先入账 / pay in")
    assert lines[1:] == ["→ 先入账 / pay in"]


def test_programs_read_the_chinese_words_apart(capsys):
    with pytest.raises(SystemExit):
        fail(CommandRefused("accounts/insufficient_balance", "what happened"), as_json=True)
    answer = json.loads(capsys.readouterr().out)
    words = refusal_words("accounts/insufficient_balance")
    assert (answer["meaning_zh"], answer["next_step_zh"]) == (words.meaning_zh, words.cure_zh)
    assert answer["next_step"] == words.cure_en


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, False),
        ({"LANG": "zh_CN.UTF-8"}, True),
        ({"LANG": "zh_CN.UTF-8", "LC_MESSAGES": "en_GB"}, False),
        ({"LANG": "en_GB", "LC_ALL": "zh_TW"}, True),
        ({"LANG": "zh_CN", "LC_ALL": ""}, True),
    ],
)
def test_the_language_is_the_one_of_messages(environment, expected):
    assert prefers_chinese(environment) is expected


def test_a_hash_is_never_broken_by_a_narrow_terminal(capsys, monkeypatch):
    monkeypatch.setattr(console, "_width", 40)
    hashed, party = "ab" * 32, "party_" + "a" * 32
    show({"root": hashed, "party": party, "what": "many words " * 9}, as_json=False)
    show_list([{"root": hashed, "party": party, "name": "演示"}], as_json=False)
    out = capsys.readouterr().out
    assert out.count(hashed) == 2
    assert out.count(party) == 2
    assert "演示" in out


def test_a_list_has_a_title_and_says_of_what_it_is_also_where_it_is_empty(capsys):
    show_list([], as_json=False, about={"opening_minor": 5}, title="heading", empty="none here")
    out = capsys.readouterr().out
    assert [text for text in ("0.05", "heading", "none here") if text not in out] == []
    show_list([], as_json=True, about={"opening_minor": 5})
    assert json.loads(capsys.readouterr().out) == {"about": {"opening_minor": 5}, "items": []}


def test_the_name_of_a_refusal_is_never_broken_either(capsys, monkeypatch):
    monkeypatch.setattr(console, "_width", 30)
    row = {"words": "many words " * 9, "reference": "accounts/insufficient_balance"}
    show_list([row], as_json=False)
    assert row["reference"] in capsys.readouterr().out


def test_the_largest_amount_reads_unlimited(capsys):
    show_list([{"cap_minor": str(2**63 - 1)}], as_json=False)
    assert "不限 unlimited" in capsys.readouterr().out
