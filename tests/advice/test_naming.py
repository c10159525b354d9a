"""Names in titles."""

from __future__ import annotations

from advice.ledgers import table

from egresscost.advice.naming import called, names

ROWS = """
charge   | boundary | direction | from      | to        | account      | src_network | dst_network           | resource              | workload | amount
transfer | none     | out       | us-east-1 | us-east-1 | 111111111111 | vpc-a       | vpc-0cb29ecf14e621151 | i-1                   | web      | 1 gb
transfer | none     | in        | us-east-1 | us-east-1 | 222222222222 | vpc-a       | vpc-0cb29ecf14e621151 | i-2                   | db       | 1 gb
nat      | none     |           | us-east-1 |           | 111111111111 | vpc-a       |                       | nat-0a7e1f5c20d94b631 | way-out  | 744 h
nat      | none     |           | eu-west-1 |           | 111111111111 |             |                       | nat-0b38d6a914e7c0f25 | way-out  | 744 h
nat      | none     |           | eu-west-1 |           | 111111111111 |             |                       | nat-0c95f2e07b1a86d43 | eu-nat   | 744 h
"""


def test_a_network_goes_by_its_account_and_a_device_by_its_own_name() -> None:
    found = names(table(ROWS), {"222222222222": "shop"})
    # The own network of a receiver is where the bytes go; the account of vpc-a has no name.
    assert found == {
        "vpc-0cb29ecf14e621151": "shop vpc-0cb29ecf",
        "nat-0a7e1f5c20d94b631": "way-out nat-0a7e1f5c",
        "nat-0b38d6a914e7c0f25": "way-out nat-0b38d6a9",
        "nat-0c95f2e07b1a86d43": "eu-nat",
    }
    assert called("Share nat-0c95f2e07b1a86d43 of vpc-a", found) == "Share eu-nat of vpc-a"


def test_a_network_that_two_accounts_pay_for_keeps_its_id() -> None:
    shared = ROWS + ROWS.strip().splitlines()[2].replace("222222222222", "111111111111") + "\n"
    found = names(table(shared), {"111111111111": "one", "222222222222": "two"})
    assert "vpc-0cb29ecf14e621151" not in found
    assert found["vpc-a"] == "one vpc-a"


def test_a_network_whose_id_is_a_path_goes_by_its_end_unless_two_end_alike() -> None:
    path = "/subscriptions/{}/virtualnetworks/{}"
    lines = [
        f"transfer | none | out | eastus | eastus | {account} | {path.format(account, name)} | | i-1 | web | 1 gb"
        for account, name in (("s1", "shop"), ("s1", "hub"), ("s2", "hub"))
    ]
    found = names(table("\n".join([ROWS.strip().splitlines()[0], *lines])), {"s1": "prod"})
    assert found == {
        "/subscriptions/s1/virtualnetworks/shop": "prod shop",
        "/subscriptions/s1/virtualnetworks/hub": "prod /subscriptions/s1/virtualnetworks/hub",
    }
    assert names(table("\n".join([ROWS.strip().splitlines()[0], lines[0]])), {}) == {
        "/subscriptions/s1/virtualnetworks/shop": "shop"
    }
