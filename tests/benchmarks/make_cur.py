"""A made-up Cost and Usage Report of any size, for measuring.

Goes in: a number of rows, a folder, kinds of files. Comes out: part files as AWS writes them, always the same for the
same numbers. Never: a real account's data, or more than a few parts in memory.

    python tests/benchmarks/make_cur.py 5000000 /tmp/cur parquet csv

Kinds: `parquet` is the Athena layout with plain columns (snappy, dictionaries), `csv` is CUR 2.0 as
gzipped text with JSON in its map columns, `maps` is CUR 2.0 as Parquet with real map columns. All have 120 columns with
the names of public reports of 2018 and 2026, about 40 of them filled in a row, and the same amounts.

Followed from those reports: rows of a file are ordered by hour and otherwise mixed, all columns are required, empty
texts are empty and not null, times are UTC milliseconds, an `identity_line_item_id` names some 86 rows and a row only
together with its interval, numbers have at most 10 decimals, CSV numbers are Java's (`2.0E-6`). A Parquet part is one
row group, as in the report of 2018 (119,307 rows); here it has 500,000 rows, a CSV part 1,000,000.

Different rows come from a fixed set of `Kind`s, and every kind of network row comes on every day of the month: how many
groups a bill has does not depend on how many rows there are (from about half a million on).
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from collections.abc import Sequence

KINDS: Final = ("parquet", "csv", "maps")
PART_ROWS: Final = {"parquet": 500_000, "csv": 1_000_000, "maps": 500_000}
_CHUNK: Final = 500_000
_SLICE: Final = 100_000
_NETWORK_SHARE: Final = 0.20
_NETWORK_KINDS: Final = 2_600
_OTHER_KINDS: Final = 12_000
_RESOURCES: Final = 80
"""For each product."""
_DAYS: Final = 31
_HOURS: Final = 24 * _DAYS
_MONTH: Final = "2026-10"
_STEP: Final = 29
"""Hours between two rows of a kind; it has no divisor in common with the hours of the month."""
_SCALE: Final = 10**10
_ALPHABET: Final = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz234567", dtype=np.uint8)
_ID_LENGTH: Final = 52

ATHENA: Final = tuple(
    """
identity_line_item_id identity_time_interval bill_invoice_id bill_invoicing_entity bill_billing_entity bill_bill_type
bill_payer_account_id bill_billing_period_start_date bill_billing_period_end_date line_item_usage_account_id
line_item_line_item_type line_item_usage_start_date line_item_usage_end_date line_item_product_code line_item_usage_type
line_item_operation line_item_availability_zone line_item_resource_id line_item_usage_amount
line_item_normalization_factor line_item_normalized_usage_amount line_item_currency_code line_item_unblended_rate
line_item_unblended_cost line_item_blended_rate line_item_blended_cost line_item_line_item_description
line_item_tax_type line_item_legal_entity product_product_name product_capacitystatus product_clock_speed
product_current_generation product_dedicated_ebs_throughput product_ecu product_enhanced_networking_supported
product_from_location product_from_location_type product_group product_group_description product_instance_family
product_instance_type product_instance_type_family product_license_model product_location product_location_type
product_max_iops_burst_performance product_max_iopsvolume product_max_throughputvolume product_max_volume_size
product_memory product_network_performance product_normalization_size_factor product_operating_system product_operation
product_physical_processor product_pre_installed_sw product_processor_architecture product_processor_features
product_product_family product_region product_servicecode product_servicename product_sku product_storage
product_storage_class product_storage_media product_tenancy product_to_location product_to_location_type
product_to_region_code product_transfer_type product_usagetype product_vcpu product_volume_type
pricing_lease_contract_length pricing_offering_class pricing_purchase_option pricing_rate_id
pricing_public_on_demand_cost pricing_public_on_demand_rate pricing_term pricing_unit
reservation_amortized_upfront_cost_for_usage reservation_amortized_upfront_fee_for_billing_period
reservation_effective_cost reservation_end_time reservation_modification_status
reservation_normalized_units_per_reservation reservation_number_of_reservations reservation_recurring_fee_for_usage
reservation_reservation_a_r_n reservation_start_time reservation_subscription_id
reservation_total_reserved_normalized_units reservation_total_reserved_units reservation_units_per_reservation
reservation_unused_amortized_upfront_fee_for_billing_period reservation_unused_normalized_unit_quantity
reservation_unused_quantity reservation_unused_recurring_fee reservation_upfront_value
resource_tags_aws_autoscaling_group_name resource_tags_aws_created_by resource_tags_user_cost_center
resource_tags_user_department resource_tags_user_environment resource_tags_user_name resource_tags_user_workload
resource_tags_user_workload_type savings_plan_end_time savings_plan_offering_type savings_plan_payment_option
savings_plan_purchase_term savings_plan_savings_plan_a_r_n savings_plan_savings_plan_effective_cost
savings_plan_savings_plan_rate savings_plan_start_time savings_plan_total_commitment_to_date
savings_plan_used_commitment
""".split()  # noqa: SIM905  as literals they would fill a page
)
CUR2: Final = tuple(
    """
bill_bill_type bill_billing_entity bill_billing_period_end_date bill_billing_period_start_date bill_invoice_id
bill_invoicing_entity bill_payer_account_id bill_payer_account_name cost_category discount discount_bundled_discount
discount_total_discount identity_line_item_id identity_time_interval line_item_availability_zone line_item_blended_cost
line_item_blended_rate line_item_currency_code line_item_legal_entity line_item_line_item_description
line_item_line_item_type line_item_net_unblended_cost line_item_net_unblended_rate line_item_normalization_factor
line_item_normalized_usage_amount line_item_operation line_item_product_code line_item_resource_id line_item_tax_type
line_item_unblended_cost line_item_unblended_rate line_item_usage_account_id line_item_usage_account_name
line_item_usage_amount line_item_usage_end_date line_item_usage_start_date line_item_usage_type
line_item_user_identifier pricing_currency pricing_lease_contract_length pricing_offering_class
pricing_public_on_demand_cost pricing_public_on_demand_rate pricing_purchase_option pricing_rate_code pricing_rate_id
pricing_term pricing_unit product product_comment product_fee_code product_fee_description product_from_location
product_from_location_type product_from_region_code product_instance_family product_instance_type product_instancesku
product_location product_location_type product_operation product_pricing_unit product_product_family product_region_code
product_servicecode product_sku product_to_location product_to_location_type product_to_region_code product_usagetype
reservation_amortized_upfront_cost_for_usage reservation_amortized_upfront_fee_for_billing_period
reservation_availability_zone reservation_effective_cost reservation_end_time reservation_modification_status
reservation_net_amortized_upfront_cost_for_usage reservation_net_amortized_upfront_fee_for_billing_period
reservation_net_effective_cost reservation_net_recurring_fee_for_usage
reservation_net_unused_amortized_upfront_fee_for_billing_period reservation_net_unused_recurring_fee
reservation_net_upfront_value reservation_normalized_units_per_reservation reservation_number_of_reservations
reservation_recurring_fee_for_usage reservation_reservation_a_r_n reservation_start_time reservation_subscription_id
reservation_total_reserved_normalized_units reservation_total_reserved_units reservation_units_per_reservation
reservation_unused_amortized_upfront_fee_for_billing_period reservation_unused_normalized_unit_quantity
reservation_unused_quantity reservation_unused_recurring_fee reservation_upfront_value resource_tags
savings_plan_amortized_upfront_commitment_for_billing_period savings_plan_end_time savings_plan_instance_type_family
savings_plan_net_amortized_upfront_commitment_for_billing_period
savings_plan_net_recurring_commitment_for_billing_period savings_plan_net_savings_plan_effective_cost
savings_plan_offering_type savings_plan_payment_option savings_plan_purchase_term
savings_plan_recurring_commitment_for_billing_period savings_plan_region savings_plan_savings_plan_a_r_n
savings_plan_savings_plan_effective_cost savings_plan_savings_plan_rate savings_plan_start_time
savings_plan_total_commitment_to_date savings_plan_used_commitment split_line_item_actual_usage
split_line_item_parent_resource_id split_line_item_split_cost split_line_item_unused_cost tags
""".split()  # noqa: SIM905  as literals they would fill a page
)
_MAPS: Final = ("cost_category", "discount", "product", "resource_tags", "tags")
_TIMES: Final = (
    *("bill_billing_period_start_date", "bill_billing_period_end_date"),
    *("line_item_usage_start_date", "line_item_usage_end_date"),
)
_NUMBERS: Final = frozenset(
    """
line_item_normalization_factor line_item_normalized_usage_amount reservation_amortized_upfront_cost_for_usage
reservation_amortized_upfront_fee_for_billing_period reservation_recurring_fee_for_usage
reservation_unused_amortized_upfront_fee_for_billing_period reservation_unused_normalized_unit_quantity
reservation_unused_quantity reservation_unused_recurring_fee reservation_upfront_value savings_plan_savings_plan_rate
savings_plan_amortized_upfront_commitment_for_billing_period savings_plan_recurring_commitment_for_billing_period
""".split()  # noqa: SIM905  as literals they would fill a page
)
"""Numbers that are 0 in every row."""
_EMPTY_NUMBERS: Final = frozenset(
    name
    for name in CUR2
    if "_net_" in name or (name.startswith(("discount_", "split_line_item_")) and not name.endswith("_id"))
)
"""Numbers that no row has; in the report of 2026 they are missing where others are 0."""

_REGIONS: Final = {
    "": ("us-east-1", "US East (N. Virginia)"),
    "USE2": ("us-east-2", "US East (Ohio)"),
    "USW2": ("us-west-2", "US West (Oregon)"),
    "EU": ("eu-west-1", "EU (Ireland)"),
    "EUC1": ("eu-central-1", "EU (Frankfurt)"),
    "APN1": ("ap-northeast-1", "Asia Pacific (Tokyo)"),
    "APS2": ("ap-southeast-2", "Asia Pacific (Sydney)"),
    "SAE1": ("sa-east-1", "South America (Sao Paulo)"),
}
_NETWORK: Final = """
AmazonEC2|{R}DataTransfer-Out-Bytes|RunInstances|GB|0.09|AWS Outbound
AmazonEC2|{R}DataTransfer-In-Bytes|RunInstances|GB|0|AWS Inbound
AmazonEC2|{R}DataTransfer-Regional-Bytes|InterZone-Out|GB|0.01|IntraRegion
AmazonEC2|{R}DataTransfer-Regional-Bytes|InterZone-In|GB|0.01|IntraRegion
AmazonEC2|{R}DataTransfer-Regional-Bytes|PublicIP-Out|GB|0.01|IntraRegion
AmazonEC2|{R}DataTransfer-Regional-Bytes|PublicIP-In|GB|0.01|IntraRegion
AmazonEC2|{R}DataTransfer-Regional-Bytes|VPCPeering-Out|GB|0.01|IntraRegion
AmazonEC2|{R}DataTransfer-Regional-Bytes|VPCPeering-In|GB|0.01|IntraRegion
AmazonEC2|{R}DataTransfer-xAZ-Out-Bytes|InterZone-Out|GB|0.01|IntraRegion
AmazonEC2|{R}DataTransfer-xAZ-In-Bytes|InterZone-In|GB|0.01|IntraRegion
AmazonEC2|{R}VpcPeering-Out-Bytes|VPCPeering-Out|GB|0.01|IntraRegion
AmazonEC2|{R}VpcPeering-In-Bytes|VPCPeering-In|GB|0.01|IntraRegion
AmazonEC2|{AB}-AWS-Out-Bytes|RunInstances|GB|0.02|InterRegion Outbound
AmazonEC2|{AB}-AWS-In-Bytes|RunInstances|GB|0|InterRegion Inbound
AmazonEC2|{R}CloudFront-Out-Bytes|RunInstances|GB|0|CloudFront Outbound
AmazonEC2|{R}NatGateway-Bytes|NatGateway|GB|0.045|
AmazonEC2|{R}NatGateway-Hours|NatGateway|Hrs|0.045|
AmazonEC2|{R}ElasticIP:IdleAddress|AssociateAddressVPC|Hrs|0.005|
AmazonS3|{R}DataTransfer-Out-Bytes|GetObject|GB|0.09|AWS Outbound
AmazonS3|{R}DataTransfer-In-Bytes|PutObject|GB|0|AWS Inbound
AmazonS3|{AB}-AWS-Out-Bytes|GetObject|GB|0.02|InterRegion Outbound
AmazonS3|{AB}-AWS-In-Bytes|PutObject|GB|0|InterRegion Inbound
AmazonS3|{AB}-S3RTC-Out-Bytes|PutObjectForRepl|GB|0.015|InterRegion Outbound
AmazonS3|{R}DataTransfer-Out-ABytes-T1|GetObject|GB|0.04|AWS Outbound
AmazonS3|{R}C3DataTransfer-Out-Bytes|GetObject|GB|0|IntraRegion
AmazonS3|{R}C3DataTransfer-In-Bytes|PutObject|GB|0|IntraRegion
AmazonS3|{R}CloudFront-Out-Bytes|GetObject|GB|0|CloudFront Outbound
AmazonS3|{R}MRAP-Out-Bytes|GetObject|GB|0.0033|
AmazonCloudFront|{G}DataTransfer-Out-Bytes|GET|GB|0.085|CloudFront to External
AmazonCloudFront|{G}DataTransfer-Out-OBytes|GET|GB|0.02|CloudFront to Origin
AmazonVPC|{R}VpcEndpoint-Bytes|VpcEndpoint|GB|0.01|
AmazonVPC|{R}VpcEndpoint-Hours|VpcEndpoint|Hrs|0.01|
AmazonVPC|{R}TransitGateway-Bytes|TransitGatewayVPC|GB|0.02|
AmazonVPC|{R}TransitGateway-Hours|TransitGatewayVPC|hour|0.05|
AmazonVPC|{R}PublicIPv4:InUseAddress|AllocateAddressVPC|Hrs|0.005|
AmazonVPC|{R}VPN-Usage-Hours:ipsec.1|CreateVpnConnection:ipsec.1|Hrs|0.05|
AmazonVPC|{R}DataTransfer-Out-Bytes|CreateVpnConnection|GB|0.09|AWS Outbound
AWSELB|{R}DataTransfer-Out-Bytes|LoadBalancing|GB|0.09|AWS Outbound
AWSELB|{R}DataTransfer-Regional-Bytes|LoadBalancing-PublicIP-Out|GB|0.01|IntraRegion
AWSELB|{R}LoadBalancerUsage|LoadBalancing:Application|Hrs|0.0225|
AWSELB|{R}LCUUsage|LoadBalancing:Application|LCU-Hrs|0.008|
AmazonRDS|{R}DataTransfer-Out-Bytes|Not Applicable|GB|0.09|AWS Outbound
AmazonRDS|{R}DataTransfer-In-Bytes|Not Applicable|GB|0|AWS Inbound
AmazonRDS|{R}DataTransfer-xAZ-In-Bytes|CreateDBInstance|GB|0.01|IntraRegion
AmazonDynamoDB|{R}DataTransfer-Out-Bytes|GetItem|GB|0.09|AWS Outbound
AmazonECR|{R}DataTransfer-Out-Bytes|downloadLayer|GB|0.09|AWS Outbound
AWSLambda|{R}DataTransfer-Out-Bytes|Invoke|GB|0.09|AWS Outbound
AWSDirectConnect|{R}DataXfer-Out:dc.3|PrivateVirtualInterface|GB|0.02|AWS Outbound
AWSDirectConnect|{R}DataXfer-In:dc.3|PrivateVirtualInterface|GB|0|AWS Inbound
AWSNetworkFirewall|{R}Traffic-GB-Processed|Firewall|GB|0.065|
AWSNetworkFirewall|{R}Endpoint-Hour|Firewall|Hrs|0.395|
AWSGlobalAccelerator|NA-EU-OUT-Bytes-Internet|Accelerator|GB|0.015|
AmazonGuardDuty|{R}PaidEventsAnalyzed-Bytes|none|GB|1|
AmazonCloudWatch|{R}DataProcessing-Bytes|PutLogEvents|GB|0.5|
AmazonS3|{R}TimedStorage-ByteHrs|StandardStorage|GB-Mo|0.023|
"""
"""Product, usage type, operation, unit, rate, transfer type. The last three look like network rows and are none."""
_OTHER: Final = """
AmazonEC2|{R}BoxUsage:m5.large|RunInstances|Hrs|0.096|Compute Instance
AmazonEC2|{R}BoxUsage:c6g.xlarge|RunInstances|Hrs|0.136|Compute Instance
AmazonEC2|{R}SpotUsage:c5.large|RunInstances:SV007|Hrs|0.031|Compute Instance
AmazonEC2|{R}EBS:VolumeUsage.gp3|CreateVolume-Gp3|GB-Mo|0.08|Storage
AmazonEC2|{R}EBS:SnapshotUsage|CreateSnapshot|GB-Mo|0.05|Storage Snapshot
AmazonS3|{R}Requests-Tier1|PutObject|Requests|0.000005|API Request
AmazonS3|{R}Requests-Tier2|GetObject|Requests|0.0000004|API Request
AmazonRDS|{R}InstanceUsage:db.r6g.large|CreateDBInstance:0014|Hrs|0.26|Database Instance
AmazonRDS|{R}RDS:GP3-Storage|CreateDBInstance|GB-Mo|0.115|Database Storage
AWSLambda|{R}Lambda-GB-Second|Invoke|Lambda-GB-Second|0.0000166667|Serverless
AWSLambda|{R}Request|Invoke|Requests|0.0000002|Serverless
AmazonCloudWatch|{R}CW:MetricMonitorUsage|MetricStorage|Metrics|0.3|Metric
AmazonCloudWatch|{R}CW:Requests|GetMetricData|Requests|0.00001|API Request
AWSCloudTrail|{R}FreeEventsRecorded|None|Events|0|Management Tools
awskms|{R}KMS-Requests|GenerateDataKey|Requests|0.000003|API Request
AWSQueueService|{R}Requests-Tier1|SendMessage|Requests|0.0000004|API Request
AmazonSNS|{R}Requests-Tier1|Publish|Requests|0.0000005|API Request
AmazonDynamoDB|{R}ReadRequestUnits|PayPerRequestThroughput|ReadRequestUnits|0.000000125|Amazon DynamoDB PayPerRequest
AmazonECS|{R}Fargate-vCPU-Hours:perCPU|FargateTask|hours|0.04048|Compute
AmazonECS|{R}Fargate-GB-Hours|FargateTask|hours|0.004445|Compute
AmazonEKS|{R}AmazonEKS-Hours:perCluster|CreateOperation|Hours|0.1|Compute
AWSGlue|{R}ETL-DPU-Hour|Jobrun|DPU-Hour|0.44|AWS Glue
AmazonAthena|{R}DataScannedInTB|StartQueryExecution|Terabytes|5|Athena Queries
AWSConfig|{R}ConfigurationItemRecorded|None|ConfigurationItemRecorded|0.003|Management Tools
AWSSecretsManager|{R}AWSSecretsManager-Secrets|Secret|Secrets|0.4|Secret
"""
_MORE_SERVICES: Final = """
AmazonApiGateway AmazonAppStream AmazonBedrock AmazonCognito AmazonConnect AmazonDocDB AmazonEFS AmazonElastiCache
AmazonES AmazonFSx AmazonInspectorV2 AmazonKendra AmazonKinesis AmazonKinesisFirehose AmazonLex AmazonMacie AmazonMQ
AmazonMSK AmazonMWAA AmazonNeptune AmazonPinpoint AmazonPolly AmazonQuickSight AmazonRedshift AmazonRekognition
AmazonRoute53 AmazonSageMaker AmazonSES AmazonStates AmazonTextract AmazonTimestream AmazonWorkSpaces AWSAmplify
AWSAppSync AWSBackup AWSBudgets AWSCertificateManager AWSCodeArtifact AWSCodePipeline AWSDatabaseMigrationSvc
AWSDeviceFarm AWSEvents AWSIoT AWSSecurityHub AWSShield AWSSystemsManager AWSTransfer AWSWAF AWSXRay CodeBuild
"""
_LINE_TYPES: Final = (
    *("Usage",) * 72,
    *("DiscountedUsage", "SavingsPlanCoveredUsage", "SavingsPlanNegation", "SavingsPlanRecurringFee"),
    *("RIFee", "Tax", "Credit", "EdpDiscount"),
)


@dataclass
class Kind:
    """What is the same in all rows of one kind.

    Attributes:
        texts: Values of text columns that are not empty.
        rate: Price of a unit.
        unit: Decides what its amounts look like: whole numbers of requests, about one hour, any number of GB.
        monthly: Whether its rows stand for the whole month and not for an hour.
        tags: Tags by the names of CUR 2.0.
    """

    texts: dict[str, str]
    rate: float
    unit: str
    monthly: bool = False
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Kinds:
    """All kinds, network kinds first, in columns.

    Attributes:
        codes: By column, for each kind the place of its value in `values`.
        values: By column, its different values; maps as JSON.
        rates, monthly: As in `Kind`.
        requests, hours: Whether the unit is requests or hours.
        line_types: The line item type.
    """

    codes: dict[str, np.ndarray]
    values: dict[str, list[str]]
    rates: np.ndarray
    monthly: np.ndarray
    requests: np.ndarray
    hours: np.ndarray
    line_types: np.ndarray


@dataclass(frozen=True)
class Rows:
    """Rows of a bill: the kind of each, its hour, a number that its identity is made of, and its amounts."""

    kinds: np.ndarray
    hours: np.ndarray
    identities: np.ndarray
    numbers: dict[str, np.ndarray]


@cache
def all_kinds() -> Kinds:
    """The fixed set of kinds."""
    dice = np.random.default_rng(20261001)
    resources = [f"{dice.integers(1 << 62):017x}" for _ in range(_RESOURCES)]
    kinds = [_network_kind(number, resources, dice) for number in range(_NETWORK_KINDS)]
    kinds += [_other_kind(number, resources, dice) for number in range(_OTHER_KINDS)]
    codes: dict[str, np.ndarray] = {}
    values: dict[str, list[str]] = {}
    for name in sorted({name for kind in kinds for name in kind.texts}):
        every = [kind.texts.get(name, "") for kind in kinds]
        values[name] = sorted(set(every))
        place = {value: code for code, value in enumerate(values[name])}
        codes[name] = np.array([place[value] for value in every], dtype=np.int32)
    return Kinds(
        codes,
        values,
        np.array([kind.rate for kind in kinds]),
        np.array([kind.monthly for kind in kinds]),
        np.array([kind.unit in {"Requests", "Events"} for kind in kinds]),
        np.array([kind.unit in {"Hrs", "hour", "hours", "Hours"} for kind in kinds]),
        np.array([kind.texts["line_item_line_item_type"] for kind in kinds]),
    )


def _network_kind(number: int, resources: Sequence[str], dice: np.random.Generator) -> Kind:
    templates = _NETWORK.strip().splitlines()
    product, usage, operation, unit, rate, transfer = templates[number % len(templates)].split("|")
    prefix, other = (list(_REGIONS)[code] for code in dice.choice(len(_REGIONS), 2, replace=False))
    usage = usage.replace("{AB}", f"{prefix or 'USE1'}-{other or 'USE1'}")
    usage = usage.replace("{G}", ("", "EU-", "AP-", "JP-")[int(dice.integers(4))])
    kind = _kind(number, (product, usage, operation, unit, float(rate)), prefix, resources, dice)
    texts = kind.texts
    texts["product_product_family"] = "Data Transfer" if transfer else {"Hrs": "IP Address"}.get(unit, "")
    if transfer:
        inbound = transfer.endswith("Inbound")
        ends = [_REGIONS[prefix], _REGIONS[other] if "Region " in transfer else ("", "External")]
        if transfer == "IntraRegion":
            ends[1] = ends[0]
        (_, source), (code, target) = reversed(ends) if inbound else ends
        texts |= {"product_from_location": source, "product_to_location": target, "product_to_region_code": code}
        texts |= {"product_from_location_type": "AWS Region", "product_to_location_type": "AWS Region"}
        texts |= {"product_transfer_type": transfer, "product_servicecode": "AWSDataTransfer"}
    return _finished(kind)


def _other_kind(number: int, resources: Sequence[str], dice: np.random.Generator) -> Kind:
    templates = _OTHER.strip().splitlines()
    services = _MORE_SERVICES.split()
    place = number % (len(templates) + len(services))
    if place < len(templates):
        *words, family = templates[place].split("|")
    else:
        product = services[place - len(templates)]
        *words, family = product, f"{{R}}{product}-Units", "Use", "Units", "0.0125", "Other"
    product, usage, operation, unit, rate = words
    prefix = list(_REGIONS)[int(dice.integers(len(_REGIONS)))]
    kind = _kind(number, (product, usage, operation, unit, float(rate)), prefix, resources, dice)
    line_type = _LINE_TYPES[int(dice.integers(len(_LINE_TYPES)))]
    kind.texts |= {"product_product_family": family, "line_item_line_item_type": line_type}
    kind.monthly = line_type in {"Tax", "RIFee", "Credit", "EdpDiscount"}
    if family in {"Compute Instance", "Database Instance"}:
        size = usage.partition(":")[2]
        kind.texts |= {"product_instance_type": size, "product_instance_type_family": size.split(".")[0]}
        kind.texts |= {"product_vcpu": "2", "product_memory": "8 GiB", "product_tenancy": "Shared"}
        kind.texts |= {"product_operating_system": "Linux", "product_instance_family": "General purpose"}
        kind.texts |= {"product_physical_processor": "Intel Xeon Platinum 8175", "product_storage": "EBS only"}
        kind.texts |= {"product_network_performance": "Up to 10 Gigabit", "product_current_generation": "Yes"}
    if line_type == "DiscountedUsage":
        kind.texts["reservation_reservation_a_r_n"] = (
            f"arn:aws:ec2:us-east-1:1{number % 12:011d}:reserved-instances/{number}"
        )
    if line_type == "SavingsPlanCoveredUsage":
        kind.texts["savings_plan_savings_plan_a_r_n"] = (
            f"arn:aws:savingsplans::1{number % 12:011d}:savingsplan/{number % 7}"
        )
    return _finished(kind)


def _kind(
    number: int,
    line: tuple[str, str, str, str, float],
    prefix: str,
    resources: Sequence[str],
    dice: np.random.Generator,
) -> Kind:
    product, usage, operation, unit, rate = line
    region, location = _REGIONS[prefix]
    usage = usage.replace("{R}", f"{prefix}-" if prefix else "")
    account = f"1{int(dice.integers(12)):011d}"
    sku = f"{hash_of(product + usage + operation):016X}"
    texts = {
        "bill_invoice_id": f"20261{number % 3:04d}",
        "line_item_usage_account_id": account,
        "line_item_usage_account_name": f"team-{int(account) % 100:02d}",
        "line_item_line_item_type": "Usage",
        "line_item_product_code": product,
        "line_item_usage_type": usage,
        "line_item_operation": operation,
        "line_item_availability_zone": f"{region}{'abc'[number % 3]}" if number % 4 == 0 else "",
        "line_item_resource_id": _resource(product, resources[int(dice.integers(_RESOURCES))]),
        "line_item_unblended_rate": f"{rate:.10f}",
        "line_item_blended_rate": f"{rate:.10f}",
        "line_item_line_item_description": f"${rate:.4f} per {unit} - {operation} in {location}",
        "product_product_name": product.replace("Amazon", "Amazon ").replace("AWS", "AWS "),
        "product_servicename": product.replace("Amazon", "Amazon ").replace("AWS", "AWS "),
        "product_servicecode": product,
        "product_region": region,
        "product_region_code": region,
        "product_location": location,
        "product_location_type": "AWS Region",
        "product_operation": operation,
        "product_usagetype": usage,
        "product_sku": sku,
        "pricing_rate_id": f"{hash_of(sku) % 10**9:09d}",
        "pricing_rate_code": f"{sku}.JRTCKXETXF.6YS6EN2CT7",
        "pricing_public_on_demand_rate": f"{rate:.10f}",
        "pricing_term": "OnDemand",
        "pricing_unit": unit,
    }
    tags = {}
    if number % 5 < 3:
        tags = {"user_department": ("Sales", "CentralIT", "Finance", "Web")[number % 4]}
        tags |= {"user_environment": ("Production", "Test")[number % 2], "user_cost_center": f"Cost{number % 40:03d}"}
        tags["aws_created_by"] = f"AssumedRole:AROA{hash_of(account) % 10**12:012d}:deploy-{number % 25}"
    if number % 10 == 0:
        tags["user_name"] = f'{operation} {number % 300} "{"blue" if number % 20 else "green"}"'
    return Kind(texts, rate, unit, tags=tags)


def _finished(kind: Kind) -> Kind:
    """Add what the two layouts write in ways of their own: tags as columns and as maps, products as a map."""
    kind.texts |= {f"resource_tags_{key}": value for key, value in kind.tags.items()}
    kind.texts["resource_tags"] = kind.texts["tags"] = _json(kind.tags)
    product = {
        name: kind.texts.get(f"product_{name}", "") for name in ("product_name", "region", "servicename", "vcpu")
    }
    product |= {"transfer_type": kind.texts.get("product_transfer_type", "")}
    kind.texts["product"] = _json({name: value for name, value in product.items() if value})
    kind.texts["cost_category"] = kind.texts["discount"] = "{}"
    return kind


def _json(pairs: dict[str, str]) -> str:
    return json.dumps(pairs, separators=(",", ":"))


def _resource(product: str, name: str) -> str:
    return {
        "AmazonEC2": f"i-{name}",
        "AmazonS3": f"bucket-{name[-6:]}",
        "AmazonCloudFront": f"arn:aws:cloudfront::100000000000:distribution/E{name[-12:].upper()}",
    }.get(product, f"arn:aws:{product.lower()}:us-east-1:100000000000:thing/{name[:8]}-{name[8:]}")


def hash_of(text: str) -> int:
    """A number that depends on nothing but the text."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=7).digest(), "big")


def rows(first: int, count: int) -> Rows:
    """The rows from the `first` of the bill on, ordered by hour."""
    kinds = all_kinds()
    network = round(count * _NETWORK_SHARE)
    before = round(first * _NETWORK_SHARE)
    number = np.arange(before, before + network)
    group = number % (_NETWORK_KINDS * _DAYS)
    turn = number // (_NETWORK_KINDS * _DAYS)
    network_kinds = group % _NETWORK_KINDS
    network_hours = group // _NETWORK_KINDS * 24 + (turn + network_kinds) % 24
    other = np.arange(first - before, first - before + count - network)
    other_kinds = other % _OTHER_KINDS
    other_turn = other // _OTHER_KINDS
    other_hours = (other_turn * _STEP + other_kinds * 7) % _HOURS
    kind = np.concatenate([network_kinds, other_kinds + _NETWORK_KINDS])
    hour = np.concatenate([network_hours, other_hours])
    again = np.concatenate([turn // 24, other_turn // _HOURS])
    dice = np.random.default_rng([20261001, first])
    mixed = dice.permutation(count)
    order = mixed[np.argsort(hour[mixed], kind="stable")]
    kind, hour, again = kind[order], hour[order], again[order]
    span = np.where(kinds.monthly[kind], hour, hour // 168)
    return Rows(kind, hour, (again * _HOURS + span) * (1 << 20) + kind, _numbers(kinds, kind, dice))


def _numbers(kinds: Kinds, kind: np.ndarray, dice: np.random.Generator) -> dict[str, np.ndarray]:
    """Amounts and costs: whole counts of 10**-10, so that each double stands for a decimal."""
    count = len(kind)
    amount = np.where(kinds.requests[kind], dice.geometric(0.002, count), dice.lognormal(-4, 2.5, count))
    hours = np.where(dice.random(count) < 0.8, 1.0, dice.random(count))
    amount = np.round(np.where(kinds.hours[kind] | kinds.monthly[kind], hours, amount) * _SCALE) / _SCALE
    cost = np.round(amount * kinds.rates[kind] * _SCALE)
    line_type = kinds.line_types[kind]
    signed = np.where(np.isin(line_type, ["Credit", "SavingsPlanNegation", "EdpDiscount"]), -cost, cost)
    covered = np.round(cost * 0.6)
    no_cost = line_type == "DiscountedUsage"
    zero = np.zeros(count)
    plan_fee = line_type == "SavingsPlanRecurringFee"
    counts = {
        "line_item_unblended_cost": np.where(no_cost, zero, signed),
        "line_item_blended_cost": signed,
        "pricing_public_on_demand_cost": np.where(np.isin(line_type, ["Credit", "Tax"]), zero, cost),
        "reservation_effective_cost": np.where(no_cost, covered, zero),
        "savings_plan_savings_plan_effective_cost": np.where(line_type == "SavingsPlanCoveredUsage", covered, zero),
        "savings_plan_total_commitment_to_date": np.where(plan_fee, cost, zero),
        "savings_plan_used_commitment": np.where(plan_fee, covered, zero),
    }
    return {"line_item_usage_amount": amount, **{name: value / _SCALE + 0.0 for name, value in counts.items()}}


def _identity(identities: np.ndarray) -> pa.Array:
    """52 letters and digits for each number."""
    letters = np.empty((len(identities), _ID_LENGTH), dtype=np.uint8)
    word = identities.astype(np.uint64)
    for place in range(_ID_LENGTH):
        if place % 12 == 0:
            word = word + np.uint64(0x9E3779B97F4A7C15)
            for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1)):
                word = (word ^ (word >> np.uint64(shift))) * np.uint64(factor)
        letters[:, place] = _ALPHABET[(word >> np.uint64(place % 12 * 5)) & np.uint64(31)]
    offsets = np.arange(0, letters.size + 1, _ID_LENGTH, dtype=np.int32)
    return pa.StringArray.from_buffers(len(identities), pa.py_buffer(offsets), pa.py_buffer(letters))


def _by_code(codes: np.ndarray, values: Sequence[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(values, pa.string()))


def _moment(hour: int, ending: str) -> str:
    day, rest = divmod(hour, 24)
    return f"{_MONTH}-{day + 1:02d}T{rest:02d}:00:00{ending}" if day < _DAYS else f"2026-11-01T{rest:02d}:00:00{ending}"


def _constants(count: int) -> dict[str, pa.Array]:
    fixed = {
        "bill_billing_entity": "AWS",
        "bill_bill_type": "Anniversary",
        "bill_invoicing_entity": "Amazon Web Services, Inc.",
        "bill_payer_account_id": "100000000000",
        "bill_payer_account_name": "payer-account",
        "line_item_currency_code": "USD",
        "line_item_legal_entity": "Amazon Web Services, Inc.",
        "pricing_currency": "USD",
        "reservation_subscription_id": "1088646439",
    }
    return {name: _by_code(np.zeros(count), [value]) for name, value in fixed.items()}


def table(columns: Sequence[str], part: Rows) -> pa.Table:
    """The rows in a layout: texts with dictionaries, times as hours of the month, numbers as doubles."""
    kinds = all_kinds()
    count = len(part.kinds)
    monthly = kinds.monthly[part.kinds]
    start = np.where(monthly, 0, part.hours)
    end = np.where(monthly, _HOURS, part.hours + 1)
    intervals = [f"{_moment(hour, 'Z')}/{_moment(hour + 1, 'Z')}" for hour in range(_HOURS)]
    intervals.append(f"{_moment(0, 'Z')}/{_moment(_HOURS, 'Z')}")
    found: dict[str, pa.Array] = {
        "identity_line_item_id": _identity(part.identities),
        "identity_time_interval": _by_code(np.where(monthly, _HOURS, start), intervals),
        "line_item_usage_start_date": pa.array(start),
        "line_item_usage_end_date": pa.array(end),
        "bill_billing_period_start_date": pa.array(np.zeros(count, dtype=np.int64)),
        "bill_billing_period_end_date": pa.array(np.full(count, _HOURS)),
        **{name: pa.array(values) for name, values in part.numbers.items()},
        **{name: _by_code(codes[part.kinds], kinds.values[name]) for name, codes in kinds.codes.items()},
        **_constants(count),
    }
    found |= dict.fromkeys(_NUMBERS, pa.array(np.zeros(count))) | dict.fromkeys(
        _EMPTY_NUMBERS, pa.nulls(count, pa.float64())
    )
    nothing = _by_code(np.zeros(count), [""])
    return pa.table({name: found.get(name, nothing) for name in columns})


_FIRST_HOUR: Final = np.datetime64(f"{_MONTH}-01T00", "ms")


def _as_parquet(plain: pa.Table, *, maps: bool) -> pa.Table:
    """Typed as AWS types it: required columns, UTC milliseconds, and in CUR 2.0 real maps."""
    arrays, fields = [], []
    for name, column in zip(plain.column_names, plain.columns, strict=True):
        values = column.combine_chunks()
        if name in _TIMES:
            hours = values.to_numpy() * np.timedelta64(3_600_000, "ms") + _FIRST_HOUR
            values = pa.array(hours, pa.timestamp("ms", "UTC"))
        elif name in _MAPS and maps:
            pairs = [list(json.loads(text).items()) for text in values.dictionary.to_pylist()]
            values = pa.array(pairs, pa.map_(pa.string(), pa.string())).take(values.indices)
        arrays.append(values)
        fields.append(pa.field(name, values.type, nullable=values.null_count > 0))
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def _as_text(plain: pa.Table) -> pl.DataFrame:
    """Every column as the text that stands in a CSV file; empty texts as missing, so that they are not quoted."""
    moments = pl.Series([_moment(hour, ".000Z") for hour in range(_HOURS + 1)])
    columns = []
    for name, column in zip(plain.column_names, plain.columns, strict=True):
        values = column.combine_chunks()
        if name in _TIMES:
            text = moments.gather(pl.Series(values))
        elif pa.types.is_dictionary(values.type):
            known = pl.Series([word or None for word in values.dictionary.to_pylist()], dtype=pl.String)
            text = known.gather(pl.Series(values.indices))
        else:
            text = pl.Series(values)
            text = _java(text) if text.dtype == pl.Float64 else text
        columns.append(text.alias(name))
    return pl.DataFrame(columns)


def _java(numbers: pl.Series) -> pl.Series:
    """Doubles as Java writes them: `2.0E-6`."""
    text = numbers.cast(pl.String).str.to_uppercase()
    return text.str.replace(r"^(-?\d)E", "${1}.0E")


def write_part(kind: str, path: Path, first: int, count: int) -> None:
    """Write one file."""
    if kind == "csv":
        _write_csv(path, first, count)
        return
    plain = table(ATHENA if kind == "parquet" else CUR2, rows(first, count))
    typed = _as_parquet(plain, maps=kind == "maps")
    pq.write_table(
        typed,
        path,
        row_group_size=count,
        compression="snappy",
        version="1.0",
        coerce_timestamps="ms",
        store_schema=False,
    )


def _write_csv(path: Path, first: int, count: int) -> None:
    with gzip.open(path, "wb", compresslevel=6) as file:
        for start in range(first, first + count, _CHUNK):
            plain = table(CUR2, rows(start, min(_CHUNK, first + count - start)))
            for place in range(0, len(plain), _SLICE):
                _as_text(plain.slice(place, _SLICE)).write_csv(file, include_header=start + place == first)


def make(kind: str, folder: Path, count: int, *, workers: int = 2) -> Path:
    """Write the parts of a bill that are not there yet, and a folder with links to them.

    Args:
        kind: One of `KINDS`.
        folder: Takes the folder `parts` and one for this bill.
        count: How many rows in all.
        workers: How many parts at a time; each needs about 1 GB.

    Returns:
        The bill's folder. Whole parts are the same in bills of any length, and are shared.
    """
    size = PART_ROWS[kind]
    ending = "csv.gz" if kind == "csv" else "snappy.parquet"
    parts, bill = folder / "parts", folder / f"{kind}-{count}"
    parts.mkdir(parents=True, exist_ok=True)
    bill.mkdir(exist_ok=True)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        running = []
        for number, first in enumerate(range(0, count, size), start=1):
            mine = min(size, count - first)
            part = parts / f"{number:05d}-{mine}.{ending}"
            link = bill / f"cur-{number:05d}.{ending}"
            link.unlink(missing_ok=True)
            link.symlink_to(part.resolve())
            if not part.exists():
                running.append(pool.submit(_write_whole, kind, part, first, mine))
        for job in running:
            job.result()
    return bill


def _write_whole(kind: str, path: Path, first: int, count: int) -> None:
    """Write under another name first, so that a part that is there is a whole one."""
    unfinished = path.with_name(f".{path.name}")
    write_part(kind, unfinished, first, count)
    unfinished.rename(path)


def main() -> None:
    """Read the arguments and write the files."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("rows", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("kinds", nargs="+", choices=KINDS)
    arguments = parser.parse_args()
    for kind in arguments.kinds:
        make(kind, arguments.folder, arguments.rows)


if __name__ == "__main__":
    main()
