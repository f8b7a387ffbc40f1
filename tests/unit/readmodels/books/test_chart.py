"""The template is data: complete, unambiguous, and honest about what was checked."""

from xinlian.readmodels.books.chart import Slot, enterprise_chart


def test_every_slot_has_one_account_with_a_citation():
    chart = enterprise_chart()
    assert sorted(account.slot for account in chart.accounts) == sorted(Slot)
    assert len({account.code for account in chart.accounts}) == len(chart.accounts)
    assert [a.code for a in chart.accounts] == sorted(a.code for a in chart.accounts)
    assert all(account.citation and account.zh and account.en for account in chart.accounts)
    assert not any(account.verified for account in chart.accounts)


def test_an_account_is_found_by_slot_and_by_code():
    chart = enterprise_chart()
    assert chart.named(chart.of(Slot.CASH).code).slot is Slot.CASH
