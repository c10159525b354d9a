"""Make the bill of a company that does not exist: what `egresscost demo` shows.

Goes in: a folder (default `egresscost/demo/bill`). Comes out: two months of an AWS CUR 2.0 export in it, gzipped CSV and
manifests, the same every time. Never: takes a row, a name or a number from anybody's bill; uses a clock, chance or a
float.

Lumen & Ferry streams films and sells ferry tickets. September 2026 has its invoice; October is complete and waits for
one. The report on it has to show something in each of its parts, so there is a little of everything: price steps, both
ends of a zone, gateways (one of them idle), a pair of regions that is new in October, a flood of uploads, discounts,
credits, a savings plan, tax, and a meter that nobody knows.

How the figures are made: each line has a whole number of units for each month, laid on the days in 16ths of a GB (so
that a day is a whole number of bytes) without losing any. Quantity times rate is then exact in ten decimals, and a
month costs what its totals cost, to the last digit.
"""

from __future__ import annotations

import base64
import csv
import gzip
import hashlib
import io
import json
import sys
import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Row = dict[str, str]

# ---------------------------------------------------------------------------------------------------- the company

EXPORT: Final = "lumen-ferry-daily"
BUCKET: Final = "lumen-ferry-billing/exports"
PAYER: Final = "lumen-ferry-payer"
ACCOUNTS: Final = {
    PAYER: "100000000001",
    "media-prod": "100000000011",
    "shop-prod": "100000000012",
    "data-platform": "100000000013",
    "sandbox": "100000000014",
}
BUSINESS: Final = {"media-prod": "Films", "shop-prod": "Ferries", "data-platform": "Shared", "sandbox": "Shared"}
"""The cost category `business_line` of each account."""
TAGS: Final[Mapping[str, Mapping[str, str]]] = {
    "video": {"user_cost_center": "CC-410", "user_env": "prod", "user_team": "video"},
    "staging": {"user_cost_center": "CC-410", "user_env": "staging", "user_team": "video"},
    "tickets": {"user_cost_center": "CC-420", "user_env": "prod", "user_team": "tickets"},
    "checkout": {"user_cost_center": "CC-421", "user_env": "prod", "user_team": "checkout"},
    "data": {"user_cost_center": "CC-430", "user_env": "prod", "user_team": "data"},
    "nat a": {"user_cost_center": "CC-430", "user_env": "prod", "user_name": "nat-us-east-1a", "user_team": "data"},
    "nat b": {"user_cost_center": "CC-430", "user_env": "prod", "user_name": "nat-us-east-1b", "user_team": "data"},
    "nat c": {"user_cost_center": "CC-430", "user_env": "prod", "user_name": "nat-us-east-1c", "user_team": "data"},
    "platform": {"user_cost_center": "CC-400", "user_env": "prod", "user_team": "platform"},
    "none": {},
}
PLACES: Final = {
    "virginia": ("us-east-1", "US East (N. Virginia)"),
    "ohio": ("us-east-2", "US East (Ohio)"),
    "ireland": ("eu-west-1", "EU (Ireland)"),
    "sydney": ("ap-southeast-2", "Asia Pacific (Sydney)"),
    "internet": ("", "External"),
    "": ("", ""),
}
"""Region code and location of each place in the tables below."""


@dataclass(frozen=True)
class Month:
    """A billing period; without an invoice it is open."""

    start: date
    end: date
    invoice: str

    @property
    def name(self) -> str:
        """As the folders say it: `2026-10`."""
        return f"{self.start:%Y-%m}"

    @property
    def days(self) -> list[date]:
        """Every day of it."""
        return [self.start + timedelta(days=number) for number in range((self.end - self.start).days)]


SEPTEMBER: Final = Month(date(2026, 9, 1), date(2026, 10, 1), "2160940917")
OCTOBER: Final = Month(date(2026, 10, 1), date(2026, 11, 1), "")
MONTHS: Final = (SEPTEMBER, OCTOBER)


@dataclass(frozen=True)
class Shape:
    """How a month lies on its days.

    Attributes:
        week: How much on Monday, Tuesday, …
        uneven: Whether days differ beyond that.
        more: Days with several times as much.
        first, last: Days of the month outside of which there is nothing.
    """

    week: tuple[int, ...] = (1, 1, 1, 1, 1, 1, 1)
    uneven: bool = True
    more: tuple[tuple[date, int], ...] = ()
    first: int = 1
    last: int = 31


_FLOOD: Final = ((date(2026, 10, 20), 5), (date(2026, 10, 21), 7), (date(2026, 10, 22), 4))
SHAPES: Final = {
    "steady": Shape(uneven=False),
    "evenings": Shape((92, 90, 91, 95, 116, 141, 135)),
    "office": Shape((112, 114, 113, 111, 107, 72, 71)),
    "flood": Shape((100, 101, 99, 100, 98, 94, 95), more=_FLOOD),
    "from 9th": Shape((92, 90, 91, 95, 116, 141, 135), first=9),
    "15th only": Shape(uneven=False, first=15, last=15),
}
"""Films are watched from Friday to Sunday, tickets bought from Monday to Friday; from 20 to 22 October an archive of
films is brought in."""

# --------------------------------------------------------------------------------------------------------- prices

KINDS: Final = {
    "out": ("Data Transfer", "AWSDataTransfer", "AWS Outbound"),
    "in": ("Data Transfer", "AWSDataTransfer", "AWS Inbound"),
    "zone": ("Data Transfer", "AWSDataTransfer", "IntraRegion"),
    "region out": ("Data Transfer", "AWSDataTransfer", "InterRegion Outbound"),
    "region in": ("Data Transfer", "AWSDataTransfer", "InterRegion Inbound"),
    "same region": ("Data Transfer", "AWSDataTransfer", "IntraRegion"),
    "origin": ("Data Transfer", "AWSDataTransfer", "AWS Outbound"),
    "edge": ("Data Transfer", "AmazonCloudFront", "CloudFront Outbound"),
    "edge upload": ("Data Transfer", "AmazonCloudFront", "CloudFront to Origin"),
    "rtc out": ("Data Transfer", "AmazonS3", "InterRegion Outbound"),
    "rtc in": ("Data Transfer", "AmazonS3", "InterRegion Inbound"),
    "accelerated": ("Data Transfer", "AmazonS3", "AWS Inbound"),
    "nat": ("NAT Gateway", "AmazonEC2", ""),
    "endpoint": ("VpcEndpoint", "AmazonVPC", ""),
    "transit": ("Transit Gateway", "AmazonVPC", ""),
    "address": ("", "AmazonVPC", ""),
    "balancer": ("Load Balancer-Application", "AWSELB", ""),
    "unknown": ("", "AWSQuantumLink", ""),
    "compute": ("Compute Instance", "AmazonEC2", ""),
    "disk": ("Storage", "AmazonEC2", ""),
    "database": ("Database Instance", "AmazonRDS", ""),
    "storage": ("Storage", "AmazonS3", ""),
    "requests": ("API Request", "AmazonS3", ""),
    "logs": ("Data Payload", "AmazonCloudWatch", ""),
    "guard": ("", "AmazonGuardDuty", ""),
    "functions": ("Serverless", "AWSLambda", ""),
}
"""Product family, service code and transfer type of each kind of meter."""

# One row a step of a price; a meter with several steps has several rows, and all its lines fill them together, as in an
# organization. `up to` counts a month's units, free ones included. `public` is the public rate of a free step. `source`
# is the file in the project's collection of AWS list prices, its date, and how sure it is; {} in a text is the rate.
# The 100 free GB are one allowance for all regions, which virginia uses up on the first day; that the steps begin after
# it, and that the public rate stands on the free rows, was seen in the price list and in a bill of 2026-04.
# RTC was seen at 0.015 in ireland and in ca-central-1, not in virginia. Below the line: no transfer; public prices as
# generally known and not checked, they only make the rest of the bill.
PRICES: Final = """
meter        | kind        | usage type                     | unit     | from     | to       | up to   | rate         | public | text                                                                              | source
out          | out         | DataTransfer-Out-Bytes         | GB       | virginia | internet | 100     | 0.000        | 0.090  | ${} per GB - data transfer out under the monthly global free tier                 | free_allowances_and_rules.csv, two sources
out          | out         | DataTransfer-Out-Bytes         | GB       | virginia | internet | 10340   | 0.090        |        | ${} per GB - first 10 TB / month data transfer out beyond the global free tier    | internet_egress.csv 2026-08-31, two sources
out          | out         | DataTransfer-Out-Bytes         | GB       | virginia | internet | 51300   | 0.085        |        | ${} per GB - next 40 TB / month data transfer out beyond the global free tier     | internet_egress.csv 2026-08-31, two sources
out          | out         | DataTransfer-Out-Bytes         | GB       | virginia | internet | 153700  | 0.070        |        | ${} per GB - next 100 TB / month data transfer out beyond the global free tier    | internet_egress.csv 2026-08-31, two sources
out-eu       | out         | EU-DataTransfer-Out-Bytes      | GB       | ireland  | internet | 10240   | 0.090        |        | ${} per GB - first 10 TB / month data transfer out beyond the global free tier    | internet_egress.csv 2026-08-31, two sources
out-sydney   | out         | APS2-DataTransfer-Out-Bytes    | GB       | sydney   | internet | 10240   | 0.114        |        | ${} per GB - first 10 TB / month data transfer out beyond the global free tier    | internet_egress.csv 2026-08-31, two sources
in           | in          | DataTransfer-In-Bytes          | GB       | internet | virginia |         | 0.000        |        | ${} per GB - data transfer in per month                                           | internet_ingress.csv 2026-07-20, rule
in-eu        | in          | EU-DataTransfer-In-Bytes       | GB       | internet | ireland  |         | 0.000        |        | ${} per GB - data transfer in per month                                           | internet_ingress.csv, rule
in-sydney    | in          | APS2-DataTransfer-In-Bytes     | GB       | internet | sydney   |         | 0.000        |        | ${} per GB - data transfer in per month                                           | internet_ingress.csv, rule
zone         | zone        | DataTransfer-Regional-Bytes    | GB       | virginia | virginia |         | 0.010        |        | ${} per GB - regional data transfer between zones, at each end                    | intra_region.csv 2026-07-20, two sources; a bill of 2026-04
zone-eu      | zone        | EU-DataTransfer-Regional-Bytes | GB       | ireland  | ireland  |         | 0.010        |        | ${} per GB - regional data transfer between zones, at each end                    | intra_region.csv 2024-09-25, two sources
us-eu        | region out  | USE1-EU-AWS-Out-Bytes          | GB       | virginia | ireland  |         | 0.02         |        | ${} per GB - US East (N. Virginia) data transfer to EU (Ireland)                  | inter_region.csv 2026-07-20, two sources; a bill of 2026-04
us-sydney    | region out  | USE1-APS2-AWS-Out-Bytes        | GB       | virginia | sydney   |         | 0.02         |        | ${} per GB - US East (N. Virginia) data transfer to Asia Pacific (Sydney)         | inter_region.csv 2026-04, a bill
us-ohio      | region out  | USE1-USE2-AWS-Out-Bytes        | GB       | virginia | ohio     |         | 0.01         |        | ${} per GB - US East (N. Virginia) data transfer to US East (Ohio)                | inter_region.csv 2024-09-25, two sources; a bill of 2026-04
eu-us        | region out  | EU-USE1-AWS-Out-Bytes          | GB       | ireland  | virginia |         | 0.02         |        | ${} per GB - EU (Ireland) data transfer to US East (N. Virginia)                  | inter_region.csv 2022-11-01, single source
eu-us-in     | region in   | EU-USE1-AWS-In-Bytes           | GB       | ireland  | virginia |         | 0.00         |        | ${} per GB - EU (Ireland) data transfer from US East (N. Virginia)                | free_allowances_and_rules.csv: only the sender pays
sydney-us-in | region in   | APS2-USE1-AWS-In-Bytes         | GB       | sydney   | virginia |         | 0.00         |        | ${} per GB - Asia Pacific (Sydney) data transfer from US East (N. Virginia)       | free_allowances_and_rules.csv: only the sender pays
ohio-us-in   | region in   | USE2-USE1-AWS-In-Bytes         | GB       | ohio     | virginia |         | 0.00         |        | ${} per GB - US East (Ohio) data transfer from US East (N. Virginia)              | free_allowances_and_rules.csv: only the sender pays
us-eu-in     | region in   | USE1-EU-AWS-In-Bytes           | GB       | virginia | ireland  |         | 0.00         |        | ${} per GB - US East (N. Virginia) data transfer from EU (Ireland)                | free_allowances_and_rules.csv: only the sender pays
rtc          | rtc out     | USE1-EU-S3RTC-Out-Bytes        | GB       | virginia | ireland  |         | 0.015        |        | ${} per GB - S3 Replication Time Control data transfer to EU (Ireland)            | edge_and_acceleration.csv 2026-09, price list (other regions)
rtc-in       | rtc in      | EU-USE1-S3RTC-In-Bytes         | GB       | ireland  | virginia |         | 0.00         |        | ${} per GB - S3 Replication Time Control data transfer from US East (N. Virginia) | usage_types.csv: not charged
accelerated  | accelerated | DataTransfer-In-ABytes-T1      | GB       | internet | virginia |         | 0.04         |        | ${} per GB - S3 Transfer Acceleration data transfer in                            | usage_types.csv, S3 pricing page
s3-read      | same region | C3DataTransfer-Out-Bytes       | GB       | virginia | virginia |         | 0.000        |        | ${} per GB - data transfer out to EC2 in the same region                          | usage_types.csv: not charged
s3-write     | same region | C3DataTransfer-In-Bytes        | GB       | virginia | virginia |         | 0.000        |        | ${} per GB - data transfer in from EC2 in the same region                         | usage_types.csv: not charged
nat-hours    | nat         | NatGateway-Hours               | Hrs      | virginia |          |         | 0.045        |        | ${} per NAT Gateway Hour                                                          | processing_and_endpoints.csv 2026-09-03, two sources
nat          | nat         | NatGateway-Bytes               | GB       | virginia |          |         | 0.045        |        | ${} per GB Data Processed by NAT Gateways                                         | processing_and_endpoints.csv 2026-09-03, two sources
nat-hours-eu | nat         | EU-NatGateway-Hours            | Hrs      | ireland  |          |         | 0.048        |        | ${} per NAT Gateway Hour                                                          | processing_and_endpoints.csv 2026-09-03, two sources
nat-eu       | nat         | EU-NatGateway-Bytes            | GB       | ireland  |          |         | 0.048        |        | ${} per GB Data Processed by NAT Gateways                                         | processing_and_endpoints.csv 2026-09-03, two sources
end-hours    | endpoint    | USE1-VpcEndpoint-Hours         | Hrs      | virginia |          |         | 0.01         |        | ${} per VPC Endpoint Hour                                                         | processing_and_endpoints.csv 2026-09-17, two sources
end          | endpoint    | USE1-VpcEndpoint-Bytes         | GB       | virginia |          | 1048576 | 0.01         |        | ${} per GB Data Processed by VPC Endpoints                                        | processing_and_endpoints.csv 2026-09-17, two sources
end-hours-eu | endpoint    | EU-VpcEndpoint-Hours           | Hrs      | ireland  |          |         | 0.011        |        | ${} per VPC Endpoint Hour                                                         | processing_and_endpoints.csv 2026-09, price list
end-eu       | endpoint    | EU-VpcEndpoint-Bytes           | GB       | ireland  |          | 1048576 | 0.01         |        | ${} per GB Data Processed by VPC Endpoints                                        | processing_and_endpoints.csv 2026-09, price list
tgw-hours    | transit     | USE1-TransitGateway-Hours      | hour     | virginia |          |         | 0.05         |        | ${} per Transit Gateway attachment hour                                           | processing_and_endpoints.csv 2026-07-24, two sources
tgw          | transit     | USE1-TransitGateway-Bytes      | GB       | virginia |          |         | 0.02         |        | ${} per GB data processed by Transit Gateway                                      | processing_and_endpoints.csv 2026-07-24, two sources
address      | address     | USE1-PublicIPv4:InUseAddress   | Hrs      | virginia |          |         | 0.005        |        | ${} per In-use public IPv4 address per hour                                       | processing_and_endpoints.csv 2026-08-31; a bill of 2026-04
address-idle | address     | USE1-PublicIPv4:IdleAddress    | Hrs      | virginia |          |         | 0.005        |        | ${} per Idle public IPv4 address per hour                                         | processing_and_endpoints.csv 2026-08-31; a bill of 2026-04
alb-hours    | balancer    | LoadBalancerUsage              | Hrs      | virginia |          |         | 0.0225       |        | ${} per Application LoadBalancer-hour (or partial hour)                           | processing_and_endpoints.csv 2026-09-11, two sources
alb          | balancer    | LCUUsage                       | LCU-Hrs  | virginia |          |         | 0.008        |        | ${} per used Application load balancer capacity unit-hour (or partial hour)       | processing_and_endpoints.csv 2026-09-11, two sources
edge-us      | edge        | US-DataTransfer-Out-Bytes      | GB       |          | internet | 1024    | 0.000        | 0.085  | ${} per GB - data transfer out under the monthly always free tier (United States) | free_allowances_and_rules.csv, single source
edge-us      | edge        | US-DataTransfer-Out-Bytes      | GB       |          | internet | 11264   | 0.085        |        | ${} per GB - first 10 TB / month data transfer out (United States)                | edge_and_acceleration.csv 2024-07-01, two sources
edge-us      | edge        | US-DataTransfer-Out-Bytes      | GB       |          | internet | 52224   | 0.080        |        | ${} per GB - next 40 TB / month data transfer out (United States)                 | edge_and_acceleration.csv 2024-07-01, two sources
edge-eu      | edge        | EU-DataTransfer-Out-Bytes      | GB       |          | internet | 10240   | 0.085        |        | ${} per GB - first 10 TB / month data transfer out (Europe)                       | edge_and_acceleration.csv 2024-07-01, two sources
edge-upload  | edge upload | US-DataTransfer-Out-OBytes     | GB       |          |          |         | 0.02         |        | ${} per GB - data transfer out to origin (United States)                          | edge_and_acceleration.csv 2024-07-01, single source
origin       | origin      | CloudFront-Out-Bytes           | GB       | virginia |          |         | 0.000        |        | ${} per GB - US East (N. Virginia) data transfer to CloudFront                    | edge_and_acceleration.csv, two sources
unknown      | unknown     | USE1-QuantumLink-Out-Bytes     | GB       | virginia |          |         | 0.05         |        | ${} per GB - QuantumLink out                                                      | nobody: a meter that does not exist
-------------|-------------|--------------------------------|----------|----------|----------|---------|--------------|--------|-----------------------------------------------------------------------------------|--------------------------------------------------------------
guard        | guard       | USE1-PaidEventsAnalyzed-Bytes  | GB       | virginia |          |         | 1.00         |        | ${} per GB of flow logs analyzed                                                  | not checked
logs         | logs        | USE1-DataProcessing-Bytes      | GB       | virginia |          |         | 0.50         |        | ${} per GB custom log data ingested                                               | not checked
vended       | logs        | USE1-VendedLog-Bytes           | GB       | virginia |          |         | 0.50         |        | ${} per GB vended log data ingested                                               | not checked
c6i          | compute     | BoxUsage:c6i.4xlarge           | Hrs      | virginia |          |         | 0.68         |        | ${} per On Demand Linux c6i.4xlarge hour                                          | not checked
m6i          | compute     | BoxUsage:m6i.xlarge            | Hrs      | virginia |          |         | 0.192        |        | ${} per On Demand Linux m6i.xlarge hour                                           | not checked
r6i          | compute     | BoxUsage:r6i.2xlarge           | Hrs      | virginia |          |         | 0.504        |        | ${} per On Demand Linux r6i.2xlarge hour                                          | not checked
t3           | compute     | BoxUsage:t3.large              | Hrs      | virginia |          |         | 0.0832       |        | ${} per On Demand Linux t3.large hour                                             | not checked
m6i-eu       | compute     | EU-BoxUsage:m6i.xlarge         | Hrs      | ireland  |          |         | 0.214        |        | ${} per On Demand Linux m6i.xlarge hour                                           | not checked
m6i-sydney   | compute     | APS2-BoxUsage:m6i.xlarge       | Hrs      | sydney   |          |         | 0.24         |        | ${} per On Demand Linux m6i.xlarge hour                                           | not checked
planned      | compute     | BoxUsage:m6i.2xlarge           | Hrs      | virginia |          |         | 0.384        |        | ${} per On Demand Linux m6i.2xlarge hour                                          | not checked
disk         | disk        | EBS:VolumeUsage.gp3            | GB-Mo    | virginia |          |         | 0.08         |        | ${} per GB-month of gp3 storage                                                   | not checked
database     | database    | InstanceUsage:db.r6g.xl        | Hrs      | virginia |          |         | 0.45         |        | ${} per db.r6g.xlarge hour                                                        | not checked
objects      | storage     | TimedStorage-ByteHrs           | GB-Mo    | virginia |          | 51200   | 0.023        |        | ${} per GB - first 50 TB / month of storage                                       | not checked
objects-eu   | storage     | EU-TimedStorage-ByteHrs        | GB-Mo    | ireland  |          | 51200   | 0.023        |        | ${} per GB - first 50 TB / month of storage                                       | not checked
puts         | requests    | Requests-Tier1                 | Requests | virginia |          |         | 0.000005     |        | ${} per PUT or LIST                                                               | not checked
gets         | requests    | Requests-Tier2                 | Requests | virginia |          |         | 0.0000004    |        | ${} per GET                                                                       | not checked
functions    | functions   | Lambda-GB-Second               | Second   | virginia |          |         | 0.0000166667 |        | ${} per GB-second                                                                 | not checked
"""
DISCOUNTS: Final = {"edge-us": Decimal("0.2"), "edge-eu": Decimal("0.2")}
"""What Lumen & Ferry agreed on with AWS, as a part of the price."""

# ---------------------------------------------------------------------------------------------------------- usage

# Units of each month; `x3` is three of something, day and night. A resource with a slash in it is written as an ARN.
LINES: Final = """
meter        | account       | product          | operation                 | resource                                                | tags     | september | october   | shape
out          | media-prod    | AmazonEC2        | RunInstances              | i-0c4f9e7712ab35d80                                     | video    | 24600     | 31000     | evenings
out          | media-prod    | AmazonS3         | GetObject                 | lumen-films                                             | video    | 21500     | 27000     | evenings
out          | shop-prod     | AWSELB           | LoadBalancing             | loadbalancer/app/ticket-shop/4b6f0c1d92e7a835           | tickets  | 6100      | 6800      | office
out          | data-platform | AmazonEC2        | RunInstances              | natgateway/nat-0a7e1f5c20d94b631                        | nat a    | 2760      | 3900      | office
out          | data-platform | AmazonEC2        | RunInstances              | natgateway/nat-0b38d6a914e7c0f25                        | nat b    | 35        | 50        | office
out          | data-platform | AmazonEC2        | RunInstances              | natgateway/nat-0c95f2e07b1a86d43                        | nat c    | 105       | 150       | office
out          | sandbox       | AmazonEC2        | RunInstances              | i-0e2d75b6a08c9f413                                     | none     | 1000      | 1200      | office
out-eu       | shop-prod     | AWSELB           | LoadBalancing             | loadbalancer/app/ticket-shop/c83a5e6019d7f42b           | tickets  | 3800      | 4000      | office
out-eu       | media-prod    | AmazonEC2        | RunInstances              | i-0f65b18d3c7ea2094                                     | staging  | 2100      | 2200      | evenings
out-sydney   | shop-prod     | AmazonEC2        | RunInstances              | i-09c7e40a5d1b8f362                                     | tickets  | 1700      | 1900      | office
in           | media-prod    | AmazonS3         | PutObject                 | lumen-uploads                                           | video    | 71000     | 112000    | flood
in           | media-prod    | AmazonEC2        | RunInstances              | i-0c4f9e7712ab35d80                                     | video    | 490       | 620       | evenings
in           | data-platform | AmazonEC2        | RunInstances              | natgateway/nat-0a7e1f5c20d94b631                        | nat a    | 1150      | 1400      | office
in           | data-platform | AmazonEC2        | RunInstances              | natgateway/nat-0b38d6a914e7c0f25                        | nat b    | 2200      | 2350      | office
in           | data-platform | AmazonEC2        | RunInstances              | natgateway/nat-0c95f2e07b1a86d43                        | nat c    | 900       | 950       | office
in           | shop-prod     | AWSELB           | LoadBalancing             | loadbalancer/app/ticket-shop/4b6f0c1d92e7a835           | tickets  | 2400      | 2600      | office
in-eu        | shop-prod     | AWSELB           | LoadBalancing             | loadbalancer/app/ticket-shop/c83a5e6019d7f42b           | tickets  | 1400      | 1500      | office
in-eu        | media-prod    | AmazonEC2        | RunInstances              | i-0f65b18d3c7ea2094                                     | staging  | 42        | 44        | evenings
in-sydney    | shop-prod     | AmazonEC2        | RunInstances              | i-09c7e40a5d1b8f362                                     | tickets  | 580       | 600       | office
zone         | data-platform | AmazonEC2        | InterZone-Out             | i-0a51b2c86df03e947                                     | data     | 16600     | 17400     | office
zone         | data-platform | AmazonEC2        | InterZone-Out             | i-0b8d47f3e9160ca25                                     | data     | 570       | 600       | office
zone         | data-platform | AmazonEC2        | InterZone-Out             | natgateway/nat-0b38d6a914e7c0f25                        | nat b    | 3600      | 3760      | office
zone         | data-platform | AmazonEC2        | InterZone-Out             | i-0e8b53d07f4c9a216                                     | data     | 230       | 240       | office
zone         | data-platform | AmazonEC2        | InterZone-In              | i-0b8d47f3e9160ca25                                     | data     | 16600     | 17400     | office
zone         | data-platform | AmazonEC2        | InterZone-In              | i-0a51b2c86df03e947                                     | data     | 570       | 600       | office
zone         | data-platform | AmazonEC2        | InterZone-In              | i-0e8b53d07f4c9a216                                     | data     | 3600      | 3760      | office
zone         | data-platform | AmazonEC2        | InterZone-In              | natgateway/nat-0b38d6a914e7c0f25                        | nat b    | 230       | 240       | office
zone         | shop-prod     | AmazonEC2        | InterZone-Out             | i-07e6a3d1b94c2f850                                     | tickets  | 8440      | 5100      | office
zone         | shop-prod     | AmazonEC2        | InterZone-Out             | i-0d93c5f08a7b6e142                                     | tickets  | 160       | 100       | office
zone         | shop-prod     | AmazonEC2        | InterZone-In              | i-0d93c5f08a7b6e142                                     | tickets  | 8440      | 5100      | office
zone         | shop-prod     | AmazonEC2        | InterZone-In              | i-07e6a3d1b94c2f850                                     | tickets  | 160       | 100       | office
zone         | shop-prod     | AmazonEC2        | PublicIP-Out              | i-07e6a3d1b94c2f850                                     | checkout | 812       | 860       | office
zone         | shop-prod     | AmazonEC2        | PublicIP-Out              | i-0b1f6e82c94d7a305                                     | checkout | 38        | 40        | office
zone         | shop-prod     | AmazonEC2        | PublicIP-In               | i-0b1f6e82c94d7a305                                     | checkout | 812       | 860       | office
zone         | shop-prod     | AmazonEC2        | PublicIP-In               | i-07e6a3d1b94c2f850                                     | checkout | 38        | 40        | office
zone-eu      | shop-prod     | AmazonEC2        | InterZone-Out             | i-04a9d6c2e8f17b530                                     | tickets  | 2900      | 3000      | office
zone-eu      | shop-prod     | AmazonEC2        | InterZone-In              | i-0185be7f3d6c4a92e                                     | tickets  | 2900      | 3000      | office
us-eu        | media-prod    | AmazonS3         | PutObjectForRepl          | lumen-films                                             | video    | 17600     | 19000     | evenings
us-eu        | data-platform | AmazonEC2        | RunInstances              | i-0a51b2c86df03e947                                     | data     | 1900      | 2000      | office
eu-us-in     | media-prod    | AmazonS3         | PutObjectForRepl          | lumen-films-eu                                          | video    | 17600     | 19000     | evenings
eu-us-in     | data-platform | AmazonEC2        | RunInstances              | i-0671c2f9ad80b3e45                                     | data     | 1900      | 2000      | office
us-sydney    | media-prod    | AmazonEC2        | RunInstances              | i-0d81c6f35b9e27a40                                     | video    | 0         | 19000     | from 9th
sydney-us-in | media-prod    | AmazonEC2        | RunInstances              | i-0a96e4b1f7d830c25                                     | video    | 0         | 12000     | from 9th
sydney-us-in | media-prod    | AmazonEC2        | RunInstances              | i-07c5d20f9ab8e6143                                     | video    | 0         | 7000      | from 9th
us-ohio      | shop-prod     | AmazonS3         | PutObjectForRepl          | ferry-backup                                            | platform | 5000      | 5000      | office
ohio-us-in   | shop-prod     | AmazonS3         | PutObjectForRepl          | ferry-backup-ohio                                       | platform | 5000      | 5000      | office
eu-us        | data-platform | AmazonEC2        | RunInstances              | i-0671c2f9ad80b3e45                                     | data     | 1450      | 1500      | office
us-eu-in     | data-platform | AmazonEC2        | RunInstances              | i-0a51b2c86df03e947                                     | data     | 1450      | 1500      | office
rtc          | media-prod    | AmazonS3         | PutObjectForRepl          | lumen-films                                             | video    | 8400      | 9000      | evenings
rtc-in       | media-prod    | AmazonS3         | PutObjectForRepl          | lumen-films-eu                                          | video    | 8400      | 9000      | evenings
accelerated  | media-prod    | AmazonS3         | PutObject                 | lumen-uploads                                           | video    | 400       | 420       | 15th only
s3-read      | data-platform | AmazonS3         | GetObject                 | ferry-data-lake                                         | data     | 17800     | 19500     | office
s3-read      | media-prod    | AmazonS3         | GetObject                 | lumen-films                                             | video    | 7800      | 9300      | evenings
s3-write     | media-prod    | AmazonS3         | GetObject                 | lumen-films                                             | video    | 9         | 11        | evenings
s3-write     | data-platform | AmazonS3         | PutObject                 | ferry-data-lake                                         | data     | 4900      | 5200      | office
nat-hours    | data-platform | AmazonEC2        | NatGateway                | natgateway/nat-0a7e1f5c20d94b631                        | nat a    | x1        | x1        | steady
nat-hours    | data-platform | AmazonEC2        | NatGateway                | natgateway/nat-0b38d6a914e7c0f25                        | nat b    | x1        | x1        | steady
nat-hours    | data-platform | AmazonEC2        | NatGateway                | natgateway/nat-0c95f2e07b1a86d43                        | nat c    | x1        | x1        | steady
nat-hours    | sandbox       | AmazonEC2        | NatGateway                | natgateway/nat-0d0146b8fe25a9c17                        | none     | x1        | x1        | steady
nat-hours-eu | shop-prod     | AmazonEC2        | NatGateway                | natgateway/nat-0e6c3b90d7412f8a5                        | tickets  | x1        | x1        | steady
nat          | data-platform | AmazonEC2        | NatGateway                | natgateway/nat-0a7e1f5c20d94b631                        | nat a    | 12500     | 14000     | office
nat          | data-platform | AmazonEC2        | NatGateway                | natgateway/nat-0b38d6a914e7c0f25                        | nat b    | 10200     | 11000     | office
nat          | data-platform | AmazonEC2        | NatGateway                | natgateway/nat-0c95f2e07b1a86d43                        | nat c    | 5800      | 6000      | office
nat-eu       | shop-prod     | AmazonEC2        | NatGateway                | natgateway/nat-0e6c3b90d7412f8a5                        | tickets  | 2300      | 2400      | office
end-hours    | data-platform | AmazonVPC        | VpcEndpoint               | vpc-endpoint/vpce-0f4c71a9d3e852b06                     | data     | x3        | x3        | steady
end-hours    | data-platform | AmazonVPC        | VpcEndpoint               | vpc-endpoint/vpce-0a82d6f5c19e4b730                     | data     | x3        | x3        | steady
end-hours    | data-platform | AmazonVPC        | VpcEndpoint               | vpc-endpoint/vpce-0d57b3e08a6f1c942                     | data     | x3        | x3        | steady
end-hours    | data-platform | AmazonVPC        | VpcEndpoint               | vpc-endpoint/vpce-0619c8e4b7d2f5a03                     | data     | x3        | x3        | steady
end          | data-platform | AmazonVPC        | VpcEndpoint               | vpc-endpoint/vpce-0f4c71a9d3e852b06                     | data     | 5360      | 5700      | office
end          | data-platform | AmazonVPC        | VpcEndpoint               | vpc-endpoint/vpce-0a82d6f5c19e4b730                     | data     | 630       | 690       | office
end          | data-platform | AmazonVPC        | VpcEndpoint               | vpc-endpoint/vpce-0d57b3e08a6f1c942                     | data     | 8         | 8         | office
end          | data-platform | AmazonVPC        | VpcEndpoint               | vpc-endpoint/vpce-0619c8e4b7d2f5a03                     | data     | 2         | 2         | office
end-hours-eu | shop-prod     | AmazonVPC        | VpcEndpoint               | vpc-endpoint/vpce-02b95e8d6a1f07c34                     | tickets  | x3        | x3        | steady
end-eu       | shop-prod     | AmazonVPC        | VpcEndpoint               | vpc-endpoint/vpce-02b95e8d6a1f07c34                     | tickets  | 480       | 500       | office
tgw-hours    | media-prod    | AmazonVPC        | TransitGatewayVPC         | transit-gateway-attachment/tgw-attach-05a1c8e37f94d2b60 | platform | x1        | x1        | steady
tgw-hours    | shop-prod     | AmazonVPC        | TransitGatewayVPC         | transit-gateway-attachment/tgw-attach-0b72d94e1c5f8a036 | platform | x1        | x1        | steady
tgw-hours    | data-platform | AmazonVPC        | TransitGatewayVPC         | transit-gateway-attachment/tgw-attach-0e38f6a05d7b1c924 | platform | x1        | x1        | steady
tgw          | shop-prod     | AmazonVPC        | TransitGatewayVPC         | transit-gateway-attachment/tgw-attach-0b72d94e1c5f8a036 | platform | 4700      | 5000      | office
tgw          | data-platform | AmazonVPC        | TransitGatewayVPC         | transit-gateway-attachment/tgw-attach-0e38f6a05d7b1c924 | platform | 8300      | 9000      | office
address      | media-prod    | AmazonVPC        | RunInstances              |                                                         | video    | x26       | x26       | steady
address      | shop-prod     | AmazonVPC        | AssociateAddressVPC       |                                                         | tickets  | x12       | x12       | steady
address      | data-platform | AmazonVPC        | AssociateAddressVPC       |                                                         | data     | x8        | x8        | steady
address-idle | sandbox       | AmazonVPC        | AllocateAddressVPC        |                                                         | none     | x4        | x4        | steady
alb-hours    | shop-prod     | AWSELB           | LoadBalancing:Application | loadbalancer/app/ticket-shop/4b6f0c1d92e7a835           | tickets  | x1        | x1        | steady
alb-hours    | shop-prod     | AWSELB           | LoadBalancing:Application | loadbalancer/app/checkout/91e5d37ac04f2b68              | checkout | x1        | x1        | steady
alb-hours    | media-prod    | AWSELB           | LoadBalancing:Application | loadbalancer/app/media-api/7d20b9f8e6135ac4             | video    | x1        | x1        | steady
alb          | shop-prod     | AWSELB           | LoadBalancing:Application | loadbalancer/app/ticket-shop/4b6f0c1d92e7a835           | tickets  | 8300      | 9000      | office
alb          | shop-prod     | AWSELB           | LoadBalancing:Application | loadbalancer/app/checkout/91e5d37ac04f2b68              | checkout | 4000      | 4200      | office
alb          | media-prod    | AWSELB           | LoadBalancing:Application | loadbalancer/app/media-api/7d20b9f8e6135ac4             | video    | 5200      | 6000      | evenings
edge-us      | media-prod    | AmazonCloudFront | GET                       | distribution/E2LUMENFILMS1                              | video    | 20024     | 24024     | evenings
edge-eu      | media-prod    | AmazonCloudFront | GET                       | distribution/E2LUMENFILMS1                              | video    | 7400      | 8200      | evenings
edge-upload  | media-prod    | AmazonCloudFront | POST                      | distribution/E2LUMENFILMS1                              | video    | 280       | 300       | evenings
origin       | media-prod    | AmazonS3         | GetObject                 | lumen-films                                             | video    | 3300      | 3600      | evenings
unknown      | sandbox       | AWSQuantumLink   | Send                      |                                                         | none     | 40        | 62        | steady
guard        | data-platform | AmazonGuardDuty  |                           |                                                         | platform | 270       | 310       | steady
logs         | data-platform | AmazonCloudWatch | PutLogEvents              |                                                         | platform | 840       | 930       | steady
vended       | data-platform | AmazonCloudWatch | VendedLog                 |                                                         | platform | 1080      | 1240      | steady
c6i          | media-prod    | AmazonEC2        | RunInstances              |                                                         | video    | x9        | x9        | steady
m6i          | shop-prod     | AmazonEC2        | RunInstances              |                                                         | tickets  | x14       | x14       | steady
r6i          | data-platform | AmazonEC2        | RunInstances              |                                                         | data     | x12       | x12       | steady
t3           | sandbox       | AmazonEC2        | RunInstances              |                                                         | none     | x6        | x6        | steady
m6i-eu       | shop-prod     | AmazonEC2        | RunInstances              |                                                         | tickets  | x6        | x6        | steady
m6i-sydney   | shop-prod     | AmazonEC2        | RunInstances              |                                                         | tickets  | x2        | x2        | steady
planned      | media-prod    | AmazonEC2        | RunInstances              |                                                         | video    | x20       | x20       | steady
disk         | data-platform | AmazonEC2        | CreateVolume-Gp3          |                                                         | data     | 30000     | 31000     | steady
database     | shop-prod     | AmazonRDS        | CreateDBInstance          |                                                         | checkout | x2        | x2        | steady
objects      | media-prod    | AmazonS3         | StandardStorage           | lumen-films                                             | video    | 45000     | 48050     | steady
objects-eu   | media-prod    | AmazonS3         | StandardStorage           | lumen-films-eu                                          | video    | 18000     | 20150     | steady
puts         | media-prod    | AmazonS3         | PutObject                 | lumen-uploads                                           | video    | 54000000  | 62000000  | steady
gets         | media-prod    | AmazonS3         | GetObject                 | lumen-films                                             | video    | 360000000 | 403000000 | steady
functions    | shop-prod     | AWSLambda        | Invoke                    |                                                         | checkout | 11400000  | 12400000  | steady
"""
PLANNED: Final = "planned"
"""The meter whose lines the savings plan covers."""
PLAN: Final = f"arn:aws:savingsplans::{ACCOUNTS[PAYER]}:savingsplan/5f0c7d1e-3b9a-4e62-8d41-a6f2907c3be8"
PLAN_RATE, COMMITMENT = Decimal("0.28"), Decimal("144.00")
"""What an hour costs under the savings plan, and what the company promised to spend on it a day. Made up."""

# Lines of a whole month that are no usage, in USD; 0 is no line.
EXTRAS: Final = """
kind   | account       | product   | meter | operation    | september | october | text
Credit | media-prod    | AmazonEC2 | out   | RunInstances | -300.00   | -300.00 | AWS_LAUNCH_PROMO_FY26
Refund | sandbox       | AmazonEC2 | t3    | RunInstances | 0         | -87.36  | Refund for stopped instances
Tax    | media-prod    | AmazonEC2 |       |              | 298.15    | 312.40  | Tax for product code AmazonEC2
Tax    | shop-prod     | AmazonEC2 |       |              | 144.20    | 148.75  | Tax for product code AmazonEC2
Tax    | data-platform | AmazonEC2 |       |              | 195.60    | 201.10  | Tax for product code AmazonEC2
Tax    | sandbox       | AmazonEC2 |       |              | 23.40     | 24.15   | Tax for product code AmazonEC2
"""

# ----------------------------------------------------------------------------------------- what the tables say


@dataclass(frozen=True)
class Step:
    """A step of a price: up to which quantity of the month, at which rate, and the public one."""

    upto: int | None
    rate: Decimal
    public: Decimal
    text: str
    rate_id: str


@dataclass(frozen=True)
class Meter:
    """What is counted and priced: a name in `PRICES`."""

    kind: str
    usage_type: str
    unit: str
    source: str
    target: str
    discount: Decimal
    steps: tuple[Step, ...]

    @property
    def own(self) -> str:
        """The place whose bill it is on."""
        return self.target if self.source == "internet" else self.source


@dataclass(frozen=True)
class Line:
    """What somebody uses of a meter: a row of `LINES`."""

    meter: str
    account: str
    product: str
    operation: str
    resource: str
    tags: str
    amounts: Mapping[str, int]
    shape: Shape


def read_table(text: str) -> list[Row]:
    r"""The rows of a table in this file, as texts by column.

    >>> read_table("a | b\n1 | \n--|--\n2 | x")
    [{'a': '1', 'b': ''}, {'a': '2', 'b': 'x'}]
    """
    head, *lines = text.strip().splitlines()
    names = [name.strip() for name in head.split("|")]
    cells = ([cell.strip() for cell in line.split("|")] for line in lines if not line.startswith("--"))
    return [dict(zip(names, row, strict=True)) for row in cells]


def _meters() -> dict[str, Meter]:
    steps: dict[str, list[Row]] = {}
    for row in read_table(PRICES):
        steps.setdefault(row["meter"], []).append(row)
    return {
        name: Meter(
            kind=rows[0]["kind"],
            usage_type=rows[0]["usage type"],
            unit=rows[0]["unit"],
            source=rows[0]["from"],
            target=rows[0]["to"],
            discount=DISCOUNTS.get(name, Decimal(0)),
            steps=tuple(_step(row) for row in rows),
        )
        for name, rows in steps.items()
    }


def _step(row: Row) -> Step:
    digits = int.from_bytes(hashlib.sha256(f"{row['usage type']} {row['text']}".encode()).digest()[:8], "big")
    return Step(
        upto=int(row["up to"]) if row["up to"] else None,
        rate=Decimal(row["rate"]),
        public=Decimal(row["public"] or row["rate"]),
        text=row["text"].replace("{}", row["rate"]),
        rate_id=f"2{digits % 10**11:011}",
    )


def _lines() -> list[Line]:
    return [
        Line(
            meter=row["meter"],
            account=row["account"],
            product=row["product"],
            operation=row["operation"],
            resource=_resource(row["resource"], row["account"], METERS[row["meter"]].own),
            tags=row["tags"],
            amounts={month.name: _amount(row[f"{month.start:%B}".lower()], month) for month in MONTHS},
            shape=SHAPES[row["shape"]],
        )
        for row in read_table(LINES)
    ]


def _amount(text: str, month: Month) -> int:
    return 24 * len(month.days) * int(text[1:]) if text.startswith("x") else int(text)


def _resource(name: str, account: str, place: str) -> str:
    """A resource as its service writes it: buckets and instances by name, the rest as ARN."""
    if "/" not in name:
        return name
    kind = name.partition("/")[0]
    service = {"loadbalancer": "elasticloadbalancing", "distribution": "cloudfront"}.get(kind, "ec2")
    return f"arn:aws:{service}:{PLACES[place][0]}:{ACCOUNTS[account]}:{name}"


METERS: Final = _meters()

# ----------------------------------------------------------------------------------------------------------- rows

COLUMNS: Final = {
    "bill_bill_type": "string",
    "bill_billing_period_end_date": "timestamp",
    "bill_billing_period_start_date": "timestamp",
    "bill_invoice_id": "string",
    "bill_payer_account_id": "string",
    "bill_payer_account_name": "string",
    "cost_category": "string",
    "identity_line_item_id": "string",
    "identity_time_interval": "string",
    "line_item_availability_zone": "string",
    "line_item_currency_code": "string",
    "line_item_line_item_description": "string",
    "line_item_line_item_type": "string",
    "line_item_net_unblended_cost": "double",
    "line_item_operation": "string",
    "line_item_product_code": "string",
    "line_item_resource_id": "string",
    "line_item_tax_type": "string",
    "line_item_unblended_cost": "double",
    "line_item_unblended_rate": "string",
    "line_item_usage_account_id": "string",
    "line_item_usage_account_name": "string",
    "line_item_usage_amount": "double",
    "line_item_usage_end_date": "timestamp",
    "line_item_usage_start_date": "timestamp",
    "line_item_usage_type": "string",
    "pricing_public_on_demand_cost": "double",
    "pricing_public_on_demand_rate": "string",
    "pricing_rate_id": "string",
    "pricing_term": "string",
    "pricing_unit": "string",
    "product": "string",
    "product_from_region_code": "string",
    "product_product_family": "string",
    "product_region_code": "string",
    "product_servicecode": "string",
    "product_sku": "string",
    "product_to_location": "string",
    "product_to_region_code": "string",
    "resource_tags": "string",
    "savings_plan_savings_plan_a_r_n": "string",
    "savings_plan_savings_plan_effective_cost": "double",
    "savings_plan_total_commitment_to_date": "double",
    "savings_plan_used_commitment": "double",
}
"""The columns of the company's export, and their types as its manifest says them."""
GRAIN: Final = {"GB": 16, "GB-Mo": 16, "LCU-Hrs": 16}
"""Into how many parts a unit is divided; every other unit is whole."""
DECIMALS: Final = 10
"""Of an amount, at most."""
UNEVEN: Final = 121
"""A day is up to 6 % more or less than its weekday usually is: a range of 121 thousandths."""
NOTHING: Final = Decimal(0)


@dataclass(frozen=True)
class Share:
    """What a line uses on one day in one step of its price."""

    line: Line
    day: date
    step: Step
    quantity: Decimal


def rows(month: Month) -> Iterator[Row]:
    """Every row of a month's bill."""
    lines = _lines()
    for name, meter in METERS.items():
        for share in priced(meter, [line for line in lines if line.meter == name], month):
            usage = _usage(month, meter, share)
            if name == PLANNED:
                yield from _covered(month, share, usage)
            else:
                yield usage
            if meter.discount and share.step.rate:
                yield _discounted(usage, meter)
    for extra in read_table(EXTRAS):
        amount = Decimal(extra[f"{month.start:%B}".lower()])
        if amount:
            yield _extra(month, extra, amount)


def priced(meter: Meter, lines: Sequence[Line], month: Month, grain: Mapping[str, int] = GRAIN) -> list[Share]:
    """The days of a meter's lines, divided into the steps of its price; by line, step and day."""
    parts = [
        spread(line.amounts[month.name], grain.get(meter.unit, 1), weights(line.account, line.shape, month))
        for line in lines
    ]
    used = NOTHING
    shares: dict[tuple[int, int], list[Share]] = {}
    for place, day in enumerate(month.days):
        for number, (line, days) in enumerate(zip(lines, parts, strict=True)):
            for step, quantity in _steps(meter.steps, used, days[place]):
                shares.setdefault((number, meter.steps.index(step)), []).append(Share(line, day, step, quantity))
            used += days[place]
    return [share for key in sorted(shares) for share in shares[key]]


def weights(account: str, shape: Shape, month: Month) -> list[int]:
    """How heavy each day is. Lines of one account and shape have the same days, so both ends of a transfer agree."""
    found = []
    for day in month.days:
        seed = hashlib.sha256(f"{account} {day}".encode()).digest()
        uneven = int.from_bytes(seed[:4], "big") % UNEVEN - UNEVEN // 2 if shape.uneven else 0
        weight = shape.week[day.weekday()] * (1000 + uneven) * dict(shape.more).get(day, 1)
        found.append(weight if shape.first <= day.day <= shape.last else 0)
    return found


def spread(total: int, grain: int, days: Sequence[int]) -> list[Decimal]:
    """A whole number of units laid on days by weight, in parts of `grain`, nothing lost.

    >>> [str(part) for part in spread(1, 16, [1, 0, 1, 2])]
    ['0.25', '0', '0.25', '0.5']
    """
    whole, done, weight = sum(days), 0, 0
    parts = []
    for each in days:
        weight += each
        upto = total * grain * weight // whole
        parts.append(Decimal(upto - done) / grain)
        done = upto
    return parts


def _steps(steps: Sequence[Step], used: Decimal, quantity: Decimal) -> Iterator[tuple[Step, Decimal]]:
    """A quantity divided into the steps that it falls into, after so much was used.

    Raises:
        ValueError: It goes beyond the last step that is written down.
    """
    for step in steps:
        part = quantity if step.upto is None else min(quantity, max(step.upto - used, NOTHING))
        if part:
            yield step, part
            used, quantity = used + part, quantity - part
    if quantity:
        message = f"{quantity} is beyond the last step, {steps[-1].text}"
        raise ValueError(message)


def _usage(month: Month, meter: Meter, share: Share) -> Row:
    line, step = share.line, share.step
    cost = share.quantity * step.rate
    return {
        **_whose(month, line.account, share.day, share.day + timedelta(days=1)),
        **_what(meter, line.product),
        "identity_line_item_id": _code(f"{line.meter} {line.account} {line.operation} {line.resource} {step.text}", 52),
        "line_item_line_item_type": "Usage",
        "line_item_line_item_description": step.text,
        "line_item_operation": line.operation,
        "line_item_resource_id": line.resource,
        "line_item_usage_amount": _double(share.quantity),
        "line_item_unblended_rate": f"{step.rate:.{DECIMALS}f}",
        **_money(cost, net=cost * (1 - meter.discount), public=share.quantity * step.public),
        "pricing_public_on_demand_rate": f"{step.public:.{DECIMALS}f}",
        "pricing_rate_id": step.rate_id,
        "resource_tags": _json(TAGS[line.tags]),
    }


def _discounted(usage: Row, meter: Meter) -> Row:
    """The contract's discount on a row of usage. The usage has its net cost already, so the discount's own is 0."""
    return {
        **usage,
        "identity_line_item_id": _code(f"discount {usage['identity_line_item_id']}", 52),
        "line_item_line_item_type": "PrivateRateDiscount",
        "line_item_line_item_description": f"Private rate card discount of {meter.discount:.0%}",
        "line_item_usage_amount": _double(NOTHING),
        "line_item_unblended_rate": "",
        **_money(-Decimal(usage["line_item_unblended_cost"]) * meter.discount, net=NOTHING),
        "pricing_public_on_demand_rate": "",
    }


def _covered(month: Month, share: Share, usage: Row) -> Iterator[Row]:
    """What the savings plan covers, the line that takes its on-demand price back, and the day's fee."""
    price, effective = share.quantity * share.step.rate, share.quantity * PLAN_RATE
    plan = {"savings_plan_savings_plan_a_r_n": PLAN}
    yield {
        **usage,
        **plan,
        "line_item_line_item_type": "SavingsPlanCoveredUsage",
        "savings_plan_savings_plan_effective_cost": _double(effective),
    }
    yield {
        **usage,
        **plan,
        "identity_line_item_id": _code(f"negation {usage['identity_line_item_id']}", 52),
        "line_item_line_item_type": "SavingsPlanNegation",
        "line_item_line_item_description": "On-demand price of what the Savings Plan covers",
        **_money(-price, net=-price),
        "resource_tags": "{}",
    }
    yield {
        **_whose(month, PAYER, share.day, share.day + timedelta(days=1)),
        **plan,
        "identity_line_item_id": _code(f"fee {PLAN}", 52),
        "line_item_line_item_type": "SavingsPlanRecurringFee",
        "line_item_line_item_description": "1 year No Upfront Compute Savings Plan",
        "line_item_product_code": "ComputeSavingsPlans",
        "line_item_usage_type": "ComputeSP:1yrNoUpfront",
        "line_item_usage_amount": _double(Decimal(24)),
        **_money(COMMITMENT, net=COMMITMENT),
        "savings_plan_total_commitment_to_date": _double(COMMITMENT),
        "savings_plan_used_commitment": _double(effective),
    }


def _extra(month: Month, extra: Row, amount: Decimal) -> Row:
    """A credit, a refund or a tax: a row of `EXTRAS`."""
    meter = METERS.get(extra["meter"])
    return {
        **_whose(month, extra["account"], month.start, month.end),
        **(_what(meter, extra["product"]) if meter else {"line_item_product_code": extra["product"]}),
        "bill_bill_type": "Refund" if extra["kind"] == "Refund" else "Anniversary",
        "identity_line_item_id": _code(f"{extra['kind']} {extra['account']} {extra['product']}", 52),
        "line_item_line_item_type": extra["kind"],
        "line_item_line_item_description": extra["text"],
        "line_item_operation": extra["operation"],
        "line_item_tax_type": "USSalesTax" if extra["kind"] == "Tax" else "",
        "line_item_usage_amount": _double(Decimal(1) if extra["kind"] == "Tax" else NOTHING),
        **_money(amount, net=amount),
    }


def _whose(month: Month, account: str, start: date, end: date) -> Row:
    """What every row says: whose it is, and when."""
    return {
        "bill_bill_type": "Anniversary",
        "bill_billing_period_start_date": _moment(month.start),
        "bill_billing_period_end_date": _moment(month.end),
        "bill_invoice_id": month.invoice,
        "bill_payer_account_id": ACCOUNTS[PAYER],
        "bill_payer_account_name": PAYER,
        "cost_category": _json({"business_line": BUSINESS[account]} if account in BUSINESS else {}),
        "identity_time_interval": f"{start}T00:00:00Z/{end}T00:00:00Z",
        "line_item_currency_code": "USD",
        "line_item_usage_account_id": ACCOUNTS[account],
        "line_item_usage_account_name": account,
        "line_item_usage_start_date": _moment(start),
        "line_item_usage_end_date": _moment(end),
        "product": "{}",
        "resource_tags": "{}",
    }


def _what(meter: Meter, product: str) -> Row:
    """What a meter says, on a line of the service that made the usage."""
    family, service, transfer = KINDS[meter.kind]
    region = PLACES[meter.own][0]
    about = {"region": region, "transfer_type": transfer}
    return {
        "line_item_product_code": product,
        "line_item_usage_type": meter.usage_type,
        "pricing_term": "OnDemand",
        "pricing_unit": meter.unit,
        "product": _json({name: value for name, value in about.items() if value}),
        "product_from_region_code": PLACES[meter.source][0] if transfer else "",
        "product_product_family": family,
        "product_region_code": "" if transfer else region,
        "product_servicecode": service,
        "product_sku": _code(f"{service} {meter.usage_type}", 16).upper(),
        "product_to_location": PLACES[meter.target][1],
        "product_to_region_code": PLACES[meter.target][0],
    }


def _money(cost: Decimal, *, net: Decimal, public: Decimal = NOTHING) -> Row:
    return {
        "line_item_unblended_cost": _double(cost),
        "line_item_net_unblended_cost": _double(net),
        "pricing_public_on_demand_cost": _double(public),
    }


def _double(value: Decimal) -> str:
    """A number as Data Exports writes it: Java's way, with a power of ten when it is small or large.

    >>> [_double(Decimal(text)) for text in ("24", "0.0157681832", "-0.00000072", "62000000", "0.00")]
    ['24.0', '0.0157681832', '-7.2E-7', '6.2E7', '0.0']

    Raises:
        ValueError: It has more decimals than an amount of a bill.
    """
    if value != round(value, DECIMALS):
        message = f"{value} has more than {DECIMALS} decimals"
        raise ValueError(message)
    exact = value.normalize()
    if not exact:
        return "0.0"
    if Decimal("0.001") <= abs(exact) < 10**7:
        text = f"{exact:f}"
        return text if "." in text else f"{text}.0"
    sign, digits, _ = exact.as_tuple()
    rest = "".join(map(str, digits[1:])) or "0"
    return f"{'-' if sign else ''}{digits[0]}.{rest}E{exact.adjusted()}"


def _json(values: Mapping[str, object]) -> str:
    return json.dumps(values, separators=(",", ":"))


def _moment(day: date) -> str:
    return f"{day}T00:00:00.000Z"


def _code(seed: str, length: int) -> str:
    """Letters and digits that mean nothing, the same for the same seed."""
    return base64.b32encode(hashlib.sha256(seed.encode()).digest()).decode()[:length].lower()


# ---------------------------------------------------------------------------------------------------------- files


def data_file(month: Month) -> str:
    """Where a month's rows lie in the folder of the export."""
    return f"data/BILLING_PERIOD={month.name}/{EXPORT}-00001.csv.gz"


def manifest_file(month: Month) -> str:
    """Where a month's manifest lies."""
    return f"metadata/BILLING_PERIOD={month.name}/{EXPORT}-Manifest.json"


def data(month: Month) -> bytes:
    """A month's rows as CSV."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows(month))
    return buffer.getvalue().encode()


def manifest(month: Month) -> bytes:
    """What Data Exports says about a month's delivery."""
    export, execution = (uuid.uuid5(uuid.NAMESPACE_URL, name) for name in (EXPORT, f"{EXPORT} {month.name}"))
    content = {
        "executionId": str(execution),
        "exportArn": f"arn:aws:bcm-data-exports:us-east-1:{ACCOUNTS[PAYER]}:export/{EXPORT}-{export}",
        "columns": [{"name": name, "type": kind} for name, kind in COLUMNS.items()],
        "dataFiles": [f"s3://{BUCKET}/{EXPORT}/{data_file(month)}"],
    }
    return _json(content).encode()


def write(folder: Path) -> list[Path]:
    """Write both months into a folder; what was written."""
    written = []
    for month in MONTHS:
        packed = gzip.compress(data(month), compresslevel=9, mtime=0)
        for name, content in ((data_file(month), packed), (manifest_file(month), manifest(month))):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            written.append(path)
    return written


def main(arguments: Sequence[str]) -> None:
    """Write the bill into the folder that is named, or into the package."""
    default = Path(__file__).resolve().parent.parent / "egresscost" / "demo" / "bill"
    for path in write(Path(arguments[0]) if arguments else default):
        print(f"{path}  {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
