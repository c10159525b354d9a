"""Letting ideas speak in order, and holding them to the ledger.

Goes in: a case, ideas. Comes out: an `AdviceList`. Never: recommends what does not pay, or hides what could not be judged.
"""

from __future__ import annotations

import string
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from egresscost import money
from egresscost.advice.assumed import MIN_SAVING
from egresscost.advice.case import Proposal, Unjudged
from egresscost.advice.naming import called
from egresscost.frame import Basis
from egresscost.results import Advice, AdviceList, Standing, Step, Sureness

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import polars as pl

    from egresscost.advice.case import Case, Idea
    from egresscost.advice.ledger import Weighed
    from egresscost.sources.plays import Play

MOST: Final = 100
"""So many changes of one kind are weighed one by one."""
_NOTHING: Final = Decimal(0)
_STANDINGS: Final = tuple(Standing)


def advise(case: Case, ideas: Iterable[Idea]) -> AdviceList:
    """Let every idea look in its order; what pays is taken from the ledger before the next one looks.

    Args:
        case: What there is. Its ledger is what is left afterwards.
        ideas: Any, in any order.
    """
    before = case.ledger.cost
    found: list[Advice] = []
    for idea in sorted(ideas, key=lambda each: (each.order, each.kind)):
        case.kind = idea.kind
        # One by one: what a proposal takes is gone before the idea goes on looking.
        found.extend(_look(case, idea))
    ranked = sorted(found, key=_rank)
    saving = sum(each.standing is Standing.SAVES for each in ranked)
    numbered = [replace(each, number=at if at <= saving else 0) for at, each in enumerate(ranked, 1)]
    cost = _with_spared(before, numbered)
    return AdviceList(tuple(numbered), _total(numbered), cost, case.months, case.days, case.corrections)


def _look(case: Case, idea: Idea) -> Iterable[Advice]:
    """What becomes of all that an idea says, up to `MOST` changes: a large company would wait for hours."""
    count = 0
    for each in idea.look(case):
        if isinstance(each, Proposal):
            count += 1
            if count > MOST:
                missing = f"there are more than {MOST} changes of this kind: the first of them are weighed, and these are to be made first"
                yield _unjudged(case, Unjudged("others", missing))
                return
            yield _judge(case, each)
        else:
            yield _unjudged(case, each)


def _rank(advice: Advice) -> tuple[object, ...]:
    amount = advice.net if advice.net is not None else advice.at_stake
    return _STANDINGS.index(advice.standing), -(amount or _NOTHING), advice.key


def _total(found: Iterable[Advice]) -> Mapping[str, Decimal]:
    totals: dict[str, Decimal] = {}
    for each in found:
        if each.standing is Standing.SAVES and each.net is not None:
            totals[each.currency] = money.EXACT.add(totals.get(each.currency, _NOTHING), each.net)
    return totals


def _with_spared(cost: Mapping[str, Decimal], found: Iterable[Advice]) -> Mapping[str, Decimal]:
    """What is paid, with what savings spare outside of the ledger."""
    whole = dict(cost)
    for each in found:
        if each.standing is Standing.SAVES and each.spared:
            parts = (whole.get(each.currency, _NOTHING), *(fee.cost for fee in each.spared))
            whole[each.currency] = money.total(parts) or _NOTHING
    return whole


def _judge(case: Case, proposal: Proposal) -> Advice:
    """Weigh a proposal, and keep what it takes when it pays."""
    weighed = case.weigh(proposal.change)
    advice = _described(case, proposal, weighed)
    currencies = weighed.currencies | ({proposal.outside.currency} if proposal.outside else set())
    if weighed.unpriced or len(currencies) != 1:
        why = f"no price for {', '.join(weighed.unpriced[:3])}" if weighed.unpriced else "no single currency"
        return replace(advice, standing=Standing.NOT_JUDGED, missing=why)
    currency = next(iter(currencies))
    gross = money.total((weighed.gross.get(currency, _NOTHING), *(fee.cost for fee in advice.spared))) or _NOTHING
    new = money.total((weighed.new.get(currency, _NOTHING), *(fee.cost for fee in proposal.fees))) or _NOTHING
    net = money.EXACT.subtract(gross, new)
    monthly = net / case.months if case.months else net
    pays = net > 0 and monthly >= case.assume(MIN_SAVING.name)
    if pays:
        case.ledger = weighed.after
    standing = Standing.SAVES if pays else Standing.DOES_NOT_PAY
    return replace(advice, standing=standing, gross=gross, new_cost=new, net=net, currency=currency)


def _described(case: Case, proposal: Proposal, weighed: Weighed) -> Advice:
    """The advice in words, without its amounts."""
    rows = case.taken(proposal.change)
    sureness, because = case.sureness(rows)
    if proposal.proxy:
        sureness, because = Sureness.LOW, proposal.proxy
    play = case.play(_provider(proposal, rows))
    assumed = [case.assumptions[name] for name in proposal.assumptions]
    shared = "basis" in rows.columns and (rows["basis"] == Basis.ESTIMATED.value).any()
    return Advice(
        kind=case.kind,
        subject=proposal.subject,
        title=called(_filled(play.title if play else proposal.subject, proposal.words), case.names),
        standing=Standing.NOT_JUDGED,
        change=_filled(play.change if play else "", proposal.words),
        seen=proposal.seen,
        pools=weighed.pools,
        fees=proposal.fees,
        spared=proposal.outside.spared if proposal.outside else (),
        months=case.months,
        days=case.days,
        one_off=proposal.one_off,
        basis=Basis.ESTIMATED if assumed or shared or proposal.fees else Basis.PRICED,
        sureness=sureness,
        because=because,
        risk=_filled(play.risk if play else "", proposal.words),
        assumptions=tuple(assumed),
        curve=proposal.curve,
        steps=_steps(play, proposal.words),
    )


def _provider(proposal: Proposal, rows: pl.DataFrame) -> str:
    """Whose terms describe a proposal."""
    if proposal.outside is not None:
        return proposal.outside.provider
    return str(rows["provider"][0]) if len(rows) else next((add.provider for add in proposal.change.adds), "")


def _steps(play: Play | None, words: Mapping[str, str]) -> tuple[Step, ...]:
    if play is None:
        return ()
    return tuple(Step(_filled(text, words), _filled(command, words)) for text, command in play.steps)


def _unjudged(case: Case, said: Unjudged) -> Advice:
    return Advice(
        kind=case.kind,
        subject=said.subject,
        title=f"{case.kind.replace('-', ' ')}: {said.subject}",
        standing=Standing.NOT_JUDGED,
        seen=said.seen,
        currency=said.currency,
        months=case.months,
        days=case.days,
        missing=said.missing,
        evidence_cost=said.evidence_cost,
        at_stake=said.at_stake,
    )


class _Words(dict[str, str]):
    """Places that nothing fills stay as they are, for the reader to fill in."""

    def __missing__(self, name: str) -> str:
        return f"<{name}>"


def _filled(text: str, words: Mapping[str, str]) -> str:
    return string.Formatter().vformat(text, (), _Words(words))
