"""Full tunnels, by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest
from advice.ledgers import case

from egresscost.advice import advise
from egresscost.advice.ideas.vpn_hairpin import IDEA
from egresscost.results import Standing

HEAD = (
    "charge | boundary | direction | from | to | path | via | src_network | dst_network | workload | resource | amount"
)


def rows(*lines: str) -> str:
    return "\n".join([HEAD, *lines])


def hairpin(out: str, back: str, workload: str = "Client VPN") -> list[str]:
    return [
        f"transfer|internet|out|us-east-1||nat|nat|vpc-a||{workload}|nat-1|{out} gb",
        f"transfer|internet|in||us-east-1|nat|nat||vpc-a|{workload}|nat-1|{back} gb",
        f"nat|internet|out|us-east-1||nat|nat|vpc-a||{workload}|nat-1|{out} gb",
        f"nat|internet|in|us-east-1||nat|nat||vpc-a|{workload}|nat-1|{back} gb",
    ]


LINE = "transfer|private_line|in||us-east-1|vpn|vpn||vpc-a|shop|i-1|10 gb"


def test_what_vpn_clients_fetch_need_not_come_through_the_cloud() -> None:
    made = case(rows(*hairpin("600", "4000")), [IDEA], split_share=Decimal("0.5"))
    (advice,) = advise(made, [IDEA]).items
    # Half of it goes: NAT 2,300 GB x $0.045 = $103.50; internet: 600 GB cost 500 x $0.09 = $45 beyond the free 100, and
    # 300 GB cost 200 x $0.09 = $18: $27 less.
    assert (advice.key, advice.net) == ("vpn-hairpin:vpc-a", Decimal("130.5"))
    assert advice.title == "Split tunnel for VPN clients in vpc-a"


@pytest.mark.parametrize(
    ("back", "standing"),
    # Inbound only: 0.5 x $0.045 = $0.0225 a GB; $1.00 is 44.4 GB.
    [("45", Standing.SAVES), ("44", Standing.DOES_NOT_PAY)],
)
def test_it_is_worth_it_from_the_least_saving_on(back: str, standing: Standing) -> None:
    line = f"nat|internet|in|us-east-1||nat|nat||vpc-a|Client VPN|nat-1|{back} gb"
    (advice,) = advise(case(rows(line), [IDEA], split_share=Decimal("0.5")), [IDEA]).items
    assert advice.standing is standing


def test_other_senders_are_no_vpn_clients() -> None:
    assert advise(case(rows(*hairpin("600", "4000", "shop"), LINE), [IDEA]), [IDEA]).items == ()


def test_an_unknown_sender_is_said_only_where_a_line_leads_in() -> None:
    table = rows(*hairpin("600", "4000", ""), LINE)
    (advice,) = advise(case(table, [IDEA]), [IDEA]).items
    # 4,600 GB x $0.045 = $207.00
    assert (advice.standing, advice.at_stake) == (Standing.NOT_JUDGED, Decimal(207))
    assert advise(case(rows(*hairpin("600", "4000", "")), [IDEA]), [IDEA]).items == ()
