"""Who validates is decided by members; every attempt to take the validators over is refused."""

import pytest

from support.validators import ValidatedChain, power, public
from xinlian.bootstrap import broken_invariants
from xinlian.modules.governance.messages import ProposeSuspension, Vote
from xinlian.modules.governance.types import PROPOSALS, ProposalStatus
from xinlian.modules.governance.validator_messages import ProposeValidator, ProposeValidatorKey
from xinlian.modules.members.messages import DeclareGroup
from xinlian.modules.validators.types import Validator
from xinlian.testing import Consortium
from xinlian.testing.trade import reference_of

ENACTED, LAPSED = ProposalStatus.ENACTED, ProposalStatus.LAPSED


@pytest.fixture
def chain():
    made = ValidatedChain()
    yield made
    assert sound(made) == []


@pytest.fixture
def four():
    made = ValidatedChain(4)
    yield made
    assert sound(made) == []


def sound(chain: ValidatedChain) -> list[str]:
    with chain.driven.store.snapshot() as snapshot:
        return broken_invariants(snapshot)


def test_a_member_is_given_a_validator_with_the_power_that_the_others_have(chain):
    assert chain.decide("rail", chain.addition("rail", "new")) == ENACTED
    chain.settle()
    assert chain.powers() == {public(n): 10 for n in (*range(5), "new")}
    assert chain.validators()[public("new")].party == chain.c["rail"].party


def test_a_validator_is_removed_and_its_record_stays(chain):
    assert chain.decide("bank", power(0, 0)) == ENACTED
    chain.settle()
    assert public(0) not in chain.powers()
    assert chain.validators()[public(0)] == Validator(chain.c["core"].party, 0, 0, 0)


def test_another_key_takes_the_power_over_and_the_old_one_never_comes_back(chain):
    assert chain.decide("core", chain.succession("core", 0, "next")) == ENACTED
    chain.settle()
    assert chain.powers() == {public(n): 10 for n in ("next", 1, 2, 3, 4)}
    again = chain.attempt("core", chain.addition("core", 0))
    assert again == "validators/validator_exists"


def test_three_of_seven_are_too_few_for_any_of_it(chain):
    proposal = chain.propose("bank", power(0, 0))
    chain.approve(proposal, "bank", "settle", "mill", "port")
    chain.driven.block()
    assert chain.powers()[public(0)] == 10


def test_whose_power_it_is_about_has_no_vote_on_it(chain):
    proposal = chain.propose("bank", power(0, 0))
    own = chain.attempt("core", Vote(proposal, 1, in_favour=False))
    assert own == "governance/own_case"


def test_whoever_would_get_a_validator_has_no_vote_on_it(chain):
    proposal = chain.propose("rail", chain.addition("rail", "new"))
    own = chain.attempt("rail", Vote(proposal, 1, in_favour=True))
    assert own == "governance/own_case"


def test_nobody_makes_another_answer_for_a_validator(chain):
    theirs = chain.addition("rail", "new")
    assert chain.attempt("dock", theirs) == "members/key_invalid"


def test_a_key_is_no_validators_before_its_holder_asks_for_it(chain):
    forged = ProposeValidator(public("new"), bytes(64))
    assert chain.attempt("rail", forged) == "members/key_invalid"


def test_nobody_exchanges_the_key_of_another_members_validator(chain):
    stolen = chain.succession("bank", 0, "mine")
    assert chain.attempt("bank", stolen) == "validators/not_its_operator"


def test_a_participant_proposes_no_validator(chain):
    own = chain.attempt("supplier1", chain.addition("supplier1", "new"))
    assert own == "governance/not_in_electorate"


def test_a_role_key_is_no_validators(chain):
    finance = chain.c["core"].keys["finance-1"]
    stolen = ProposeValidatorKey(public(0), finance.public_key, bytes(64))
    assert chain.attempt("core", stolen) == "validators/validator_exists"


def test_a_key_of_small_order_is_refused(chain):
    weak = ProposeValidatorKey(public(0), bytes(31) + b"\x80", bytes(64))
    assert chain.attempt("core", weak) == "members/key_invalid"


@pytest.mark.parametrize(
    ("number", "to", "refusal"),
    [
        ("stranger", 5, "not_a_validator"),
        (0, 10, "power_invalid"),
        (0, 1_000_001, "power_invalid"),
        (0, 20, "third_of_power"),
        (0, 1_000_000, "third_of_power"),
    ],
)
def test_a_power_that_cannot_be_is_refused_when_it_is_proposed(chain, number, to, refusal):
    assert chain.attempt("bank", power(number, to)) == f"validators/{refusal}"


def test_a_power_just_below_a_third_may_be(chain):
    assert chain.decide("bank", power(0, 19)) == ENACTED
    chain.settle()
    assert 3 * chain.powers()[public(0)] < sum(chain.powers().values())


def test_no_member_gathers_a_third_with_a_second_validator(four):
    own = four.attempt("core", four.addition("core", "second"))
    assert own == "validators/third_of_power"


def test_no_group_gathers_a_third_with_each_others_validators(four):
    four.do("core", DeclareGroup(four.c["dock"].party))
    own = four.attempt("dock", four.addition("dock", "new"))
    assert own == "validators/third_of_power"


def test_a_group_that_was_declared_between_proposal_and_vote_gathers_no_third(four):
    proposal = four.propose("dock", four.addition("dock", "new"))
    four.do("core", DeclareGroup(four.c["dock"].party))
    four.approve(proposal, "bank", "settle", "mill", "port")
    four.driven.block()
    assert public("new") not in four.powers()
    assert four.read(PROPOSALS, proposal).status == LAPSED


def test_a_group_above_a_third_may_still_become_smaller(chain):
    chain.do("bank", DeclareGroup(chain.c["core"].party))
    assert chain.attempt("mill", power(3, 5)) == "validators/third_of_power"
    assert chain.decide("mill", power(1, 4)) == ENACTED
    chain.settle()
    assert chain.powers()[public(1)] == 4


def test_the_set_gets_below_four_only_by_a_proposal_that_says_so(four):
    assert four.attempt("bank", power(0, 0)) == "validators/below_four"
    assert four.decide("bank", power(0, 0, below_four=True)) == ENACTED
    four.settle()
    assert len(four.powers()) == 3
    assert four.attempt("bank", power(2, 0)) == "validators/below_four"


def test_two_removals_together_do_not_get_below_four_unsaid(chain):
    first = chain.propose("bank", power(0, 0))
    second = chain.propose("bank", power(4, 0))
    chain.approve(first, "bank", "settle", "mill", "rail", "dock")
    chain.approve(second, "core", "bank", "settle", "mill", "rail")
    for _ in range(5):
        chain.driven.block()
    assert len(chain.powers()) == 4


def test_below_four_none_gets_more_than_another_has():
    three = ValidatedChain(3)
    assert three.attempt("bank", power(0, 11)) == "validators/third_of_power"
    assert three.decide("port", three.addition("port", "new")) == ENACTED
    three.settle()
    assert three.powers()[public("new")] == 10
    assert sound(three) == []


def test_the_last_validator_is_never_removed():
    alone = ValidatedChain(1)
    assert alone.attempt("bank", power(0, 0, below_four=True)) == "validators/empty_set"


def test_what_was_decided_of_a_key_that_is_on_its_way_lapses(four):
    first = four.propose("core", four.succession("core", 0, "next"))
    second = four.propose("bank", power(0, 5))
    four.decide_together((first, second), "bank", "settle", "mill", "port", "rail")
    four.settle()
    assert four.powers() == {public(n): 10 for n in ("next", 1, 2, 3)}
    assert four.read(PROPOSALS, second).status == LAPSED


def test_a_suspended_member_keeps_its_validator(chain):
    assert chain.decide("bank", ProposeSuspension(chain.c["core"].party)) == ENACTED
    assert chain.powers()[public(0)] == 10


def test_a_chain_with_one_operator_has_nothing_to_decide():
    with_one = Consortium()
    outcomes = [
        with_one.send("core", message, roles=("finance-1",))[1].result
        for message in (power(0, 0), ProposeValidatorKey(public(0), public(1), bytes(64)))
    ]
    with_one.close()
    assert {reference_of(result) for result in outcomes} == {"validators/no_validators"}
