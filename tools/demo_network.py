"""The network of a company that does not exist: what its inventory lists and its flow logs speak of.

Goes in: nothing. Comes out: networks, subnets, interfaces and devices of Lumen & Ferry, the same every time. Never: takes
an id, a name or an address from anybody's network; uses a clock, chance or a float.

Ids are made of names. Public addresses are from ranges that AWS has published for its machines in the region, taken
without looking who has them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from demo_bill import ACCOUNTS, read_table

# A network without a flow log keeps none: it was not switched on in the small networks abroad, nor in the sandbox.
NETWORKS: Final = """
network        | account       | region         | prefix | flow log
films          | media-prod    | us-east-1      | 10.10  | fl-0c71e5a9d2f38b640
films-eu       | media-prod    | eu-west-1      | 10.11  | fl-02d8b46f7e1a9c350
films-sydney   | media-prod    | ap-southeast-2 | 10.12  | fl-09a3f7c15e8d2b604
ferries        | shop-prod     | us-east-1      | 10.20  | fl-0e5b92d7c4a1f6038
ferries-eu     | shop-prod     | eu-west-1      | 10.21  |
ferries-sydney | shop-prod     | ap-southeast-2 | 10.22  |
lake           | data-platform | us-east-1      | 10.30  | fl-07f4a0c8e3b65d219
lake-eu        | data-platform | eu-west-1      | 10.31  | fl-0b6e18d5f9c24a073
sandbox        | sandbox       | us-east-1      | 10.40  |
"""

# What a zone's letter means in each account: in shop-prod and data-platform the same, in media-prod another zone.
ZONES: Final = """
account       | region         | a         | b         | c         | d
media-prod    | us-east-1      | use1-az2  | use1-az1  | use1-az4  | use1-az6
media-prod    | eu-west-1      | euw1-az1  | euw1-az2  | euw1-az3  |
media-prod    | ap-southeast-2 | apse2-az1 | apse2-az3 | apse2-az2 |
shop-prod     | us-east-1      | use1-az1  | use1-az2  | use1-az4  | use1-az6
shop-prod     | eu-west-1      | euw1-az2  | euw1-az1  | euw1-az3  |
shop-prod     | ap-southeast-2 | apse2-az3 | apse2-az1 | apse2-az2 |
data-platform | us-east-1      | use1-az1  | use1-az2  | use1-az4  | use1-az6
data-platform | eu-west-1      | euw1-az3  | euw1-az1  | euw1-az2  |
sandbox       | us-east-1      | use1-az6  | use1-az1  | use1-az2  | use1-az4
"""

# `host` is the last part of the private address; `of` what the interface belongs to, which the kind explains. The
# kinds: a machine of EC2, or the interface of a device in `DEVICES` or of a managed service.
INTERFACES: Final = """
name             | network        | subnet     | host | public         | kind     | of
streamer         | films          | public a   | 10   | 44.215.10.20   | machine  | i-0c4f9e7712ab35d80
media-cache      | films          | private a  | 11   |                | machine  | i-03e9b7d40c6f58a12
live-encoder     | films          | private a  | 20   |                | machine  | i-0d81c6f35b9e27a40
catalog          | films          | private b  | 30   |                | machine  | i-05b2f90e8c7d4136a
recommender      | films          | private c  | 31   |                | machine  | i-0e47a1d9c3b8f6520
catalog-db       | films          | private b  | 40   |                | database | catalog-db
media-api-a      | films          | private a  | 50   |                | balancer | app/media-api/7d20b9f8e6135ac4
media-api-b      | films          | private b  | 50   |                | balancer | app/media-api/7d20b9f8e6135ac4
films-transit    | films          | private a  | 5    |                | transit  | tgw-attach-05a1c8e37f94d2b60
staging          | films-eu       | public a   | 10   | 52.18.10.20    | machine  | i-0f65b18d3c7ea2094
sydney-player-1  | films-sydney   | private a  | 10   |                | machine  | i-0a96e4b1f7d830c25
sydney-player-2  | films-sydney   | private b  | 10   |                | machine  | i-07c5d20f9ab8e6143
web-1            | ferries        | public a   | 10   | 52.70.14.10    | machine  | i-07e6a3d1b94c2f850
web-2            | ferries        | private b  | 10   |                | machine  | i-0d93c5f08a7b6e142
checkout-1       | ferries        | public a   | 11   | 52.70.14.11    | machine  | i-0b1f6e82c94d7a305
orders           | ferries        | private a  | 20   |                | machine  | i-08d4f1a6e3b97c502
pricing          | ferries        | private a  | 21   |                | machine  | i-0c2b85e7d9f1a3640
orders-db        | ferries        | private a  | 40   |                | database | orders-db
ticket-shop-a    | ferries        | public a   | 50   | 52.70.14.50    | balancer | app/ticket-shop/4b6f0c1d92e7a835
ticket-shop-b    | ferries        | public b   | 50   | 52.70.14.51    | balancer | app/ticket-shop/4b6f0c1d92e7a835
checkout-lb-a    | ferries        | private a  | 51   |                | balancer | app/checkout/91e5d37ac04f2b68
checkout-lb-b    | ferries        | private b  | 51   |                | balancer | app/checkout/91e5d37ac04f2b68
ferries-transit  | ferries        | private a  | 5    |                | transit  | tgw-attach-0b72d94e1c5f8a036
eu-shop-a        | ferries-eu     | public a   | 50   | 54.72.20.50    | balancer | app/ticket-shop/c83a5e6019d7f42b
eu-web-1         | ferries-eu     | private a  | 10   |                | machine  | i-04a9d6c2e8f17b530
eu-web-2         | ferries-eu     | private b  | 10   |                | machine  | i-0185be7f3d6c4a92e
eu-nat           | ferries-eu     | public a   | 4    | 54.72.20.4     | nat      | nat-0e6c3b90d7412f8a5
eu-secrets-a     | ferries-eu     | private a  | 60   |                | endpoint | vpce-02b95e8d6a1f07c34
eu-secrets-b     | ferries-eu     | private b  | 60   |                | endpoint | vpce-02b95e8d6a1f07c34
eu-secrets-c     | ferries-eu     | private c  | 60   |                | endpoint | vpce-02b95e8d6a1f07c34
sydney-web       | ferries-sydney | public a   | 10   | 13.236.10.20   | machine  | i-09c7e40a5d1b8f362
cache            | lake           | private a  | 10   |                | machine  | i-0a51b2c86df03e947
app              | lake           | private b  | 10   |                | machine  | i-0b8d47f3e9160ca25
etl-a            | lake           | private a  | 20   |                | machine  | i-06f3a8d1c75e4b920
etl-b            | lake           | private b  | 20   |                | machine  | i-0f0d92b5e8a6c3714
etl-c            | lake           | private c  | 20   |                | machine  | i-02a7c4e9d6b1f8350
positions        | lake           | private d  | 20   |                | machine  | i-0e8b53d07f4c9a216
log-shipper      | lake           | private a  | 30   |                | machine  | i-0917d4e2c8f5ab063
node-a           | lake           | private a  | 31   |                | machine  | i-0c60b8f1e4d7923a5
node-b           | lake           | private b  | 31   |                | machine  | i-0a3f7e5b2d9c81640
node-c           | lake           | private c  | 31   |                | machine  | i-07d1c9a4f8e26b503
warehouse        | lake           | isolated a | 10   |                | machine  | i-0b74e6d3a9f0c5182
query            | lake           | isolated a | 11   |                | machine  | i-03c8f5a1e7d94b260
nat-us-east-1a   | lake           | public a   | 4    | 3.236.94.10    | nat      | nat-0a7e1f5c20d94b631
nat-us-east-1b   | lake           | public b   | 4    | 3.236.94.11    | nat      | nat-0b38d6a914e7c0f25
nat-us-east-1c   | lake           | public c   | 4    | 3.236.94.12    | nat      | nat-0c95f2e07b1a86d43
kinesis-a        | lake           | private a  | 60   |                | endpoint | vpce-0f4c71a9d3e852b06
kinesis-b        | lake           | private b  | 60   |                | endpoint | vpce-0f4c71a9d3e852b06
kinesis-c        | lake           | private c  | 60   |                | endpoint | vpce-0f4c71a9d3e852b06
queue-a          | lake           | private a  | 61   |                | endpoint | vpce-0a82d6f5c19e4b730
queue-b          | lake           | private b  | 61   |                | endpoint | vpce-0a82d6f5c19e4b730
queue-c          | lake           | private c  | 61   |                | endpoint | vpce-0a82d6f5c19e4b730
secrets-a        | lake           | private a  | 62   |                | endpoint | vpce-0d57b3e08a6f1c942
secrets-b        | lake           | private b  | 62   |                | endpoint | vpce-0d57b3e08a6f1c942
secrets-c        | lake           | private c  | 62   |                | endpoint | vpce-0d57b3e08a6f1c942
manager-a        | lake           | private a  | 63   |                | endpoint | vpce-0619c8e4b7d2f5a03
manager-b        | lake           | private b  | 63   |                | endpoint | vpce-0619c8e4b7d2f5a03
manager-c        | lake           | private c  | 63   |                | endpoint | vpce-0619c8e4b7d2f5a03
lake-transit     | lake           | isolated a | 5    |                | transit  | tgw-attach-0e38f6a05d7b1c924
eu-replica       | lake-eu        | private a  | 10   |                | machine  | i-0671c2f9ad80b3e45
lab              | sandbox        | public a   | 10   | 54.85.20.10    | machine  | i-0e2d75b6a08c9f413
sandbox-nat      | sandbox        | public a   | 4    | 54.85.20.4     | nat      | nat-0d0146b8fe25a9c17
"""

# Machines that have a public address, for the bill counts it, and hardly any traffic.
QUIET: Final = """
name        | network | subnet   | first host | first address | count
encoder-{}  | films   | public a | 101        | 44.215.20.1   | 25
kiosk-{}    | ferries | public a | 101        | 52.70.24.1    | 8
notebook-{} | lake    | public a | 101        | 3.236.104.1   | 5
"""

# Besides the interfaces of the endpoints above, the gateway endpoint, which has none and costs nothing.
ENDPOINTS: Final = """
id                     | name            | network    | service         | type
vpce-0f4c71a9d3e852b06 | kinesis         | lake       | kinesis-streams | Interface
vpce-0a82d6f5c19e4b730 | queue           | lake       | sqs             | Interface
vpce-0d57b3e08a6f1c942 | secrets         | lake       | secretsmanager  | Interface
vpce-0619c8e4b7d2f5a03 | systems-manager | lake       | ssm             | Interface
vpce-08e1b4d7a2c9f3650 | storage         | lake       | s3              | Gateway
vpce-0c3d9f6e1b8a57204 | storage         | films      | s3              | Gateway
vpce-02b95e8d6a1f07c34 | secrets         | ferries-eu | secretsmanager  | Interface
"""
TRANSIT_GATEWAY: Final = "tgw-0c19e7d5b3a8f6042"


@dataclass(frozen=True)
class Net:
    """A VPC."""

    name: str
    account: str
    region: str
    prefix: str
    flow_log: str

    @property
    def id(self) -> str:
        """As AWS names it."""
        return made_id("vpc", self.name)

    @property
    def owner(self) -> str:
        """The number of its account."""
        return ACCOUNTS[self.account]


@dataclass(frozen=True)
class Interface:
    """A network interface, and all that its records and lists say of it."""

    name: str
    net: Net
    subnet: str
    host: int
    public: str
    kind: str
    of: str

    @property
    def id(self) -> str:
        """As AWS names it."""
        return made_id("eni", self.name)

    @property
    def subnet_id(self) -> str:
        """The subnet that it stands in."""
        return made_id("subnet", f"{self.net.name} {self.subnet}")

    @property
    def letter(self) -> str:
        """The letter of its zone."""
        return self.subnet[-1]

    @property
    def zone(self) -> str:
        """The id of its zone."""
        return zone_id(self.net, self.letter)

    @property
    def address(self) -> str:
        """Its private address."""
        return f"{third(self.net, self.subnet)}.{self.host}"

    @property
    def type(self) -> str:
        """As AWS calls its type."""
        return {"nat": "nat_gateway", "transit": "transit_gateway", "endpoint": "vpc_endpoint"}.get(
            self.kind, "interface"
        )

    @property
    def instance(self) -> str:
        """The machine that it belongs to, if it is one of EC2."""
        return self.of if self.kind == "machine" else ""


def made_id(kind: str, name: str) -> str:
    """An id that means nothing, the same for the same name.

    >>> made_id("vpc", "films")
    'vpc-032abc013d148b9f7'
    """
    return f"{kind}-0{hashlib.sha256(f'{kind} {name}'.encode()).hexdigest()[:16]}"


def third(net: Net, subnet: str) -> str:
    """The first three parts of a subnet's addresses: 1 to 4 for private a to d, 101 and on for public, 201 for isolated."""
    kind, letter = subnet.split()
    return f"{net.prefix}.{'abcd'.index(letter) + 1 + {'private': 0, 'public': 100, 'isolated': 200}[kind]}"


def zone_id(net: Net, letter: str) -> str:
    """The zone that a letter means in a network's account."""
    (row,) = (row for row in read_table(ZONES) if (row["account"], row["region"]) == (net.account, net.region))
    return row[letter]


def networks() -> dict[str, Net]:
    """Every network by name."""
    return {row["network"]: Net(*row.values()) for row in read_table(NETWORKS)}


def interfaces() -> dict[str, Interface]:
    """Every interface by name."""
    nets = networks()
    found = [
        Interface(
            row["name"], nets[row["network"]], row["subnet"], int(row["host"]), row["public"], row["kind"], row["of"]
        )
        for row in read_table(INTERFACES)
    ]
    for row in read_table(QUIET):
        start, _, last = row["first address"].rpartition(".")
        for number in range(int(row["count"])):
            name = row["name"].format(f"{number + 1:02}")
            public, host = f"{start}.{int(last) + number}", int(row["first host"]) + number
            machine = made_id("i", name)
            found.append(Interface(name, nets[row["network"]], row["subnet"], host, public, "machine", machine))
    return {each.name: each for each in found}
