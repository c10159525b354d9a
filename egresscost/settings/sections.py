"""The sections of egresscost.toml: every key with its type, default and meaning.

Goes in: nothing. Comes out: frozen models. Never: reads a file.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from egresscost.money import CostKind


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class InputSettings(_Section):
    """What is read, and how."""

    paths: tuple[str, ...] = Field(
        default=(), description="Files, folders or patterns that are read when --input is not given"
    )
    format: str = Field(
        default="",
        description="The layout of the files by name (cur, cur-athena, cur2, focus); empty to tell by their columns",
    )
    on_bad_row: Literal["fail", "skip"] = Field(
        default="fail", description="What a row with a broken number or date means"
    )
    same_period: Literal["fail", "add", "newest"] = Field(
        default="fail",
        description="What two sources of one billing period mean: not decidable, parts of one bill, or the newest counts",
    )


class ReportSettings(_Section):
    """What a report shows when the command does not say."""

    cost: CostKind = Field(default=CostKind.BILLED, description="Which amount is meant by cost")
    group_by: tuple[str, ...] = Field(default=(), description="Keys of an additional table")
    sort: str = Field(default="auto", description="What lines are sorted by; auto is by cost, days and months by time")
    top: int = Field(default=10, ge=1, description="How many lines a table for people shows; other formats hold all")
    relative_to: Literal["", "zone", "region", "vpc", "account", "cloud"] = Field(
        default="",
        description="The boundary to look from: what goes out of it, into it and stays inside; bills know region and cloud, flow logs all; empty for none",
    )
    settling_days: int = Field(
        default=2, ge=0, le=31, description="Last days of an open month that are still filling and not compared"
    )


class LimitSettings(_Section):
    """How far a compressed file may unpack; both limits must be passed before it is refused."""

    size: int = Field(default=64 * 2**20, ge=2**20, description="Bytes that any file may unpack to")
    ratio: int = Field(default=200, ge=2, description="How many times its own size a file may unpack to")


class GateSettings(_Section):
    """What the gate judges by when the command does not say."""

    policy: str = Field(default="", description="Path of the policy, relative to this file")
    baseline: str = Field(default="", description="Path of the saved report to compare with, relative to this file")


class AddressSettings(_Section):
    """Whose addresses are."""

    files: tuple[str, ...] = Field(
        default=(),
        description="Newer lists than the packaged ones, relative to this file: ip-ranges.json, cloud.json, goog.json, ServiceTags_*.json, .mmdb of countries or network owners (ASN)",
    )


class PricesSettings(_Section):
    """Which rates count beside the public price lists."""

    overlay: str = Field(default="", description="Path of your negotiated rates (TOML or CSV), relative to this file")
    rates: Literal["bill", "list"] = Field(
        default="bill", description="What flow logs beside a bill are priced by: the bill's own rates, or the list"
    )
    tier_start: tuple[str, ...] = Field(
        default=(),
        description="GB of each month that were counted in the tiers before the flow logs: 10000, or internet:us-east-1=10000 for one pool",
    )


class FlowSettings(_Section):
    """What flow logs need besides themselves."""

    fields: str = Field(default="", description="Fields of flow logs without a header, in order")
    sampling: str = Field(
        default="", description="Share of records that Google's flow logs keep, as 0.5; empty: as logged"
    )
    inventory: tuple[str, ...] = Field(
        default=(), description="Files or folders of saved inventories, relative to this file"
    )


class AdviceSettings(_Section):
    """What advice takes to be so."""

    enabled: bool = Field(default=True, description="Whether a report looks for savings")
    assume: dict[str, Decimal] = Field(
        default_factory=dict, description="Assumptions by name; `egresscost help assumptions` lists them"
    )


class FetchSettings(_Section):
    """What may be fetched from clouds without being asked."""

    max_bytes: int = Field(default=5 * 2**30, ge=0, description="Bytes that one run may fetch without --yes")
    max_fee: Decimal = Field(
        default=Decimal(1), ge=0, description="USD that the requests of one run may cost without --yes"
    )
    threads: int = Field(default=8, ge=1, le=64, description="How many answers are fetched at once")


class CacheSettings(_Section):
    """Where what was fetched is kept."""

    folder: str = Field(
        default="", description="The folder, relative to this file; empty for egresscost in the user's cache folder"
    )
    size: int = Field(
        default=20 * 2**30, ge=0, description="Bytes that all kept answers may take; the longest unused go first"
    )


class SourceSettings(_Section):
    """One place in a cloud to fetch from. Credentials are the cloud's own tools' and never stand here."""

    provider: str = Field(description="Whose: aws, azure, gcp or a plug-in's")
    profile: str = Field(default="", description="A named profile of the AWS tools")
    project: str = Field(default="", description="The Google Cloud project that queries run in")
    roles: tuple[str, ...] = Field(default=(), description="Roles to assume, one for each further account (AWS: ARNs)")
    accounts: tuple[str, ...] = Field(
        default=(), description="Accounts, projects or subscriptions; empty for all that can be seen"
    )
    regions: tuple[str, ...] = Field(default=(), description="Regions to look into; empty for all in use")
    bill: tuple[str, ...] = Field(
        default=("auto",),
        description="Where the bill is: auto, none, an address of objects, or what `egresscost doctor` proposes",
    )
    flows: tuple[str, ...] = Field(default=("auto",), description="Where flow logs are, in the same way")
    inventory: bool = Field(default=True, description="Whether to ask for interfaces, subnets and devices")
    endpoints: dict[str, str] = Field(
        default_factory=dict, description="Other addresses of the cloud's services: sovereign clouds, private endpoints"
    )


class Settings(_Section):
    """All settings. `origins` says where each one came from."""

    input: InputSettings = InputSettings()
    report: ReportSettings = ReportSettings()
    limits: LimitSettings = LimitSettings()
    gate: GateSettings = GateSettings()
    prices: PricesSettings = PricesSettings()
    addresses: AddressSettings = AddressSettings()
    flows: FlowSettings = FlowSettings()
    advice: AdviceSettings = AdviceSettings()
    fetch: FetchSettings = FetchSettings()
    cache: CacheSettings = CacheSettings()
    sources: dict[str, SourceSettings] = Field(
        default_factory=dict, description="Places in clouds to fetch from, by names of your own"
    )
    accounts: dict[str, str] = Field(
        default_factory=dict, description="Names of accounts by id, where the bill has none"
    )
