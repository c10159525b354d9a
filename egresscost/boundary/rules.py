"""The rules of a cloud, applied: the first row of its table that fits a situation decides.

Goes in: situations with all that rules ask about. Comes out: the same with a decision. Never: leaves one without.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Final

from egresscost.boundary.far import is_six
from egresscost.errors import FrameError
from egresscost.frame import Boundary, Confidence

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from egresscost.sources.networks import CrossingRule, Network

ASKED: Final = (
    "at",
    "side",
    "family",
    "direction",
    "far",
    "relation",
    "network",
    "hop",
    "kind",
    "facing",
    "step",
    "covered",
    "echoed",
    "forwarded",
)
"""What rules may ask about; `kind` is that of a balancer which records, else of the hop."""
_MORE: Final = ("at_kind", "hop_kind", "inferred", "line")
_BY_RELATION: Final = {
    "same_zone": Boundary.NONE,
    "other_zone": Boundary.ZONE,
    "other_region": Boundary.REGION,
    "other_partition": Boundary.INTERNET,
}
_BETWEEN: Final = ">"
_INSTEAD: Final = "="


@dataclass(frozen=True)
class Decision:
    """What becomes of a situation.

    Attributes:
        role: `vantage`, `step`, `charge` or `evidence`.
        boundary, path, confidence, rule: As in the frame.
        via: The word that rate cards look the transfer up by.
        charge, charge_via, charge_service, charge_rule: What is laid on the same bytes; empty where nothing is.
    """

    role: str
    boundary: str
    path: str
    via: str
    confidence: str
    rule: str
    charge: str = ""
    charge_via: str = ""
    charge_service: str = ""
    charge_rule: str = ""


def decided(rows: pl.DataFrame, network: Network, line: str | None) -> pl.DataFrame:
    """Add the decision for each row.

    Args:
        rows: With all of `ASKED` (the direction as `way`) and the kinds of recorder and hop.
        network: The rules.
        line: What private lines are (`vpn`, `direct_connect`), where somebody says so.
    """
    import polars as pl  # noqa: PLC0415

    yes_no = {
        name: pl.when(name).then(pl.lit("yes")).otherwise(pl.lit("no"))
        for name in ("covered", "echoed", "forwarded", "facing")
    }
    six = is_six("near_address") | is_six("end_address")
    same = pl.col("n_network") == pl.col("f_network")
    network_ = pl.when(same).then(pl.lit("same")).when(same.is_not_null()).then(pl.lit("other"))
    asked = rows.with_columns(
        **yes_no,
        network=network_.otherwise(pl.lit("unknown")),
        kind=pl.when(pl.col("at") == "balancer").then("at_kind").otherwise("hop_kind"),
        direction="way",
        family=pl.when(six).then(pl.lit("6")).otherwise(pl.lit("4")),
        line=pl.lit(line),
    )
    keys = [*ASKED, *_MORE]
    distinct = asked.select(keys).unique()
    decisions = [asdict(decide(situation, network)) for situation in distinct.iter_rows(named=True)]
    answers = pl.DataFrame(decisions, schema=dict.fromkeys(Decision.__dataclass_fields__, pl.Categorical))
    whole = pl.concat([distinct, answers], how="horizontal")
    decided_ = asked.select("row", *keys).join(whole, on=keys, how="left", nulls_equal=True, maintain_order="left")
    return rows.join(decided_.select("row", *answers.columns), on="row", how="left", maintain_order="left")


def decide(situation: Mapping[str, str | None], network: Network) -> Decision:
    """The decision for one situation.

    Raises:
        FrameError: The provider's table has no rule that fits everything.
    """
    for rule in network.rules:
        if _fits(rule.when, situation):
            return _decision(rule, situation, network)
    message = f"no rule of {network.provider} fits {dict(situation)}"
    raise FrameError(message, hint="the last rule of the table must fit everything")


def _fits(when: Mapping[str, frozenset[str]], situation: Mapping[str, str | None]) -> bool:
    return all(situation[name] in values for name, values in when.items())


def _decision(rule: CrossingRule, situation: Mapping[str, str | None], network: Network) -> Decision:
    boundary = rule.boundary or _BY_RELATION.get(situation["relation"] or "", Boundary.UNKNOWN)
    hops = _hops(rule, situation, network)
    path = _BETWEEN.join(hops) or _without_hops(boundary, situation)
    confidence = Confidence.MEDIUM if rule.confidence == Confidence.HIGH and situation["inferred"] else rule.confidence
    found = Decision(rule.role, boundary, path, hops[-1] if hops else path, confidence, rule.rule)
    return found if rule.role in {"evidence", "step"} else _charged(found, situation, network)


def _hops(rule: CrossingRule, situation: Mapping[str, str | None], network: Network) -> list[str]:
    """The hops in order, without repeating one."""
    if rule.path.startswith(_INSTEAD):
        return [rule.path.removeprefix(_INSTEAD)]
    nothing = network.devices["machine"]
    at = network.devices.get(situation["at_kind"] or "", nothing)
    hop = network.devices.get(situation["hop_kind"] or "", nothing)
    way = situation["hop"] or ""
    word = network.routes.get(way, "")
    if way == "virtual_private_gateway" and situation["line"]:
        word = situation["line"]
    at_word = "" if at.role == "managed" else at.hop
    hop_word = (hop.hop or _device_word(way, network)) if way not in network.routes else word
    hops = [each for each in (at_word, hop_word, *rule.path.split(_BETWEEN)) if each]
    return [each for at_, each in enumerate(hops) if each not in hops[:at_]]


def _device_word(role: str, network: Network) -> str:
    """A path's word for a hop of which only the role is known."""
    return next((device.hop for device in network.devices.values() if device.role == role), "")


def _without_hops(boundary: str, situation: Mapping[str, str | None]) -> str:
    """The path where no hop is known: straight where the log or the network says so."""
    straight = situation["hop"] != "unknown" or boundary in {Boundary.NONE, Boundary.ZONE}
    within = situation["far"] == "own" and situation["network"] != "other"
    return "direct" if within or (straight and situation["network"] != "other") else "unknown"


def _charged(found: Decision, situation: Mapping[str, str | None], network: Network) -> Decision:
    """The decision with the charge that is laid on the same bytes."""
    asked = {**situation, "path": found.path}
    for rule in network.charges:
        charged = rule.way in {"both", situation["direction"]}
        device = network.devices.get(_device(rule.device, situation))
        if charged and _fits(rule.when, asked) and device is not None and device.charge is not None:
            return replace(
                found,
                charge=device.charge,
                charge_via=device.hop,
                charge_service=device.charge_service,
                charge_rule=rule.rule,
            )
    return found


def _device(named: str, situation: Mapping[str, str | None]) -> str:
    kinds = {"at": situation["at_kind"], "hop": situation["hop_kind"]}
    return kinds.get(named, named) or ""
