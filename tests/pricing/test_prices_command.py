"""`egresscost prices`: the calculator and the cards at a terminal, in a pipe and as documents."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest
import screens
import typer

from egresscost.cli.prices import app
from egresscost.document.prices import prices_schema
from egresscost.errors import ExitCode
from egresscost.results import CardCheck, CardDifference, CardList, QuoteSheet

COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]
OVERLAY = "[[discount]]\nprovider = 'aws'\ncharge = 'transfer'\nboundary = 'internet'\npercent = 50\n"


def run(line: str, folder: Path, **more: int) -> screens.Done:
    return screens.run(*shlex.split(f"prices {line}"), folder=folder, **more)


def test_a_quote_shows_tiers_allowance_total_average_source_date_and_confidence(tmp_path: Path) -> None:
    done = run("quote --provider aws --charge internet --from us-east-1 --gb 157000", tmp_path)
    assert done.code == ExitCode.OK
    for text in (
        "$11,736.20",
        "average $0.0748",
        "allowance",
        "from 10,240 to 51,200",
        "$3,481.60",
        "2026-08-31",
        "high",
        "ec2-vps-rates",
    ):
        assert text in done.out
    assert "The first 100 GB are free, once per organization and month" in done.out


def test_several_regions_stand_side_by_side_the_cheapest_first(tmp_path: Path) -> None:
    done = run("quote --charge internet --from sa-east-1 --from us-east-1 --from ap-southeast-4 --gb 5000", tmp_path)
    lines = [line.split() for line in done.out.splitlines() if line.startswith(("us-", "sa-", "ap-"))][:3]
    assert lines == [
        ["us-east-1", "$441.00", "$0.0882", "–"],
        ["ap-southeast-4", "$558.60", "$0.1117", "+$117.60", "inferred"],
        ["sa-east-1", "$735.00", "$0.1470", "+$294.00"],
    ]
    assert "Inferred, never observed: egress ladder = ap-southeast-2" in done.out


def test_both_ends_of_a_zone_crossing_are_counted(tmp_path: Path) -> None:
    done = run("quote --charge zone --from eu-west-1 --gb 1000", tmp_path)
    assert "eu-west-1 (aws): $20.00" in done.out
    assert "Inter-zone, out, eu-west-1: 1,000 GB, $10.00" in done.out
    assert "Inter-zone, in, eu-west-1: 1,000 GB, $10.00" in done.out
    one = run("quote --charge zone --from eu-west-1 --gb 1000 --direction out", tmp_path)
    assert "eu-west-1 (aws): $10.00" in one.out


def test_a_device_costs_by_gb_and_by_hour(tmp_path: Path) -> None:
    done = run("quote --charge nat --from us-east-1 --gb 1000 --hours 730", tmp_path)
    assert "us-east-1 (aws): $77.85" in done.out


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--charge firewall --from eu-west-1 --from us-east-1 --gb 1", "no card has a rate for firewall by GB"),
        (
            "--charge public_address --from us-east-1 --hours 1 --prices 2024-01-31",
            "the first one begins on 2024-02-01",
        ),
        ("--charge internet --from me-central-1 --gb 20000", "no rate above 10240 GB"),
        ("--charge internet --from us-east-1 --via lightsail --gb 1", "priced apart"),
    ],
)
def test_what_has_no_price_says_what_is_missing_and_ends_with_5(tmp_path: Path, line: str, said: str) -> None:
    done = run(f"quote {line}", tmp_path)
    assert done.code == ExitCode.INCOMPLETE
    assert said in done.out
    assert "unpriced" in done.out


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("quote --charge internet --from us-est-1 --gb 1", "did you mean us-west-1 or us-east-1"),
        ("quote --charge interent --from us-east-1 --gb 1", "did you mean internet?"),
        ("quote --charge region --from us-east-1 --gb 1", "say it: --to"),
        ("quote --charge region --from us-east-1 --to eu-wst-1 --gb 1", "did you mean eu-west-1"),
        ("quote --charge internet --from us-east-1 --hours 1", "it is charged by: GB"),
        ("quote --charge load_balancer --from us-east-1 --hours 1", "say which: --via application_load_balancer"),
        ("quote --charge nat --from us-east-1 --gb 1 --via nta", "did you mean nat"),
        ("quote --charge internet --from us-east-1 --gb 1 --via nat", "known: lightsail"),
        ("quote --charge firewall --from us-east-1 --gb 1 --via nat", "leave --via out"),
        ("quote --charge origin --from us-east-1 --gb 1 --direction both", "no rate has --direction both"),
        (
            "quote --charge acceleration --via s3_transfer_acceleration --from us-east-1 --gb 1",
            "say which: --boundary internet",
        ),
        ("quote --charge internet --from us-east-1", "give --gb, --hours or both"),
        ("quote --charge internet --gb 1", "nothing says from where to price"),
        ("quote --from us-east-1 --gb 1", "nothing says what to price"),
        ("quote --charge internet --from us-east-1 --gb lots", "--gb lots is no number"),
        ("quote --charge internet --from us-east-1 --gb -1", "--gb -1 is no number"),
        ("quote --charge internet --from us-east-1 --gb nan", "--gb nan is no number"),
        ("quote --provider asw --charge internet --from us-east-1 --gb 1", "did you mean aws?"),
        ("list --from us-est-1", "did you mean us-west-1"),
        ("list --charge interent", "did you mean internet?"),
    ],
)
def test_a_question_that_cannot_be_answered_says_what_could(tmp_path: Path, line: str, said: str) -> None:
    done = run(line, tmp_path)
    assert done.code == ExitCode.USAGE
    assert said in done.err
    assert done.out == ""


def test_assumptions_are_said_and_change_the_answer(tmp_path: Path) -> None:
    base = "quote --charge internet --from us-east-1 --gb 1,000"
    assert "$81.00" in run(base, tmp_path).out
    assert "$90.00" in run(f"{base} --no-allowance", tmp_path).out
    begun = run(f"{base} --tier-start 10000", tmp_path).out
    assert "$86.20" in begun
    assert "Taken as used before in this month: 10,000 GB" in begun


def test_an_overlay_is_used_by_flag_and_by_setting(tmp_path: Path) -> None:
    (tmp_path / "rates.toml").write_text(OVERLAY, encoding="utf-8")
    line = "quote --charge internet --from us-east-1 --gb 1100"
    flagged = run(f"{line} --overlay rates.toml", tmp_path)
    assert "$45.00" in flagged.out
    assert "50 % off 0.09 USD of ec2-vps-rates" in flagged.out
    assert (
        "overlay rates.toml" in run("list --charge internet --from us-east-1 --overlay rates.toml -f csv", tmp_path).out
    )
    (tmp_path / "egresscost.toml").write_text('[prices]\noverlay = "rates.toml"\n', encoding="utf-8")
    assert run(f"{line} --config egresscost.toml", tmp_path).out == flagged.out


def test_a_quote_in_csv_adds_up(tmp_path: Path) -> None:
    done = run("quote --charge internet --from us-east-1 --from me-central-1 --gb 20000 -f csv", tmp_path)
    rows = list(csv.DictReader(io.StringIO(done.out)))
    for place in ("us-east-1", "me-central-1"):
        mine = [row for row in rows if row["place"] == place]
        assert sum(Decimal(row["quantity"]) for row in mine) == 20000
        assert next(row["basis"] for row in mine) == "allowance"
    assert [row["cost"] for row in rows if row["basis"] == "unpriced"] == [""]


@pytest.mark.parametrize(
    ("line", "kind", "code"),
    [
        ("quote --charge internet --from us-east-1 --from me-central-1 --gb 20000", QuoteSheet, 5),
        ("list --charge nat", CardList, 0),
        ("show --charge internet --from us-east-1", CardList, 0),
        ("check", CardCheck, 0),
        ("diff 2024-01-01 2024-03-01", CardDifference, 0),
    ],
)
def test_documents_keep_their_schema(tmp_path: Path, line: str, kind: type, code: int) -> None:
    done = run(f"{line} --json", tmp_path)
    assert done.code == code
    document = json.loads(done.out)
    schema = prices_schema(kind)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(document, schema)
    assert document["schema"] == schema["$id"] == schema["properties"]["schema"]["const"]


def test_money_in_a_document_is_exact(tmp_path: Path) -> None:
    done = run("quote --charge internet --from us-east-1 --gb 100.000000001 --json", tmp_path)
    (quote,) = json.loads(done.out)["quotes"]
    assert quote["cost"] == "0.00000000009"
    assert quote["parts"][0]["free"] == "100"


def test_cards_are_listed_with_dates_and_age_and_the_cut_is_said(tmp_path: Path) -> None:
    done = run("list --charge nat --top 2", tmp_path)
    assert "NAT gateway, hours" in done.out
    assert "2026-09-03" in done.out
    assert "more lines" in done.out
    places = run("list --charge region --from us-east-1", tmp_path)
    assert "12 places" in places.out
    assert len(run("list -f csv", tmp_path).out.splitlines()) > 1500


def test_a_ladder_is_shown_with_sources_notes_and_confirmations(tmp_path: Path) -> None:
    done = run("show --charge internet --from us-east-1", tmp_path)
    for text in (
        "from 153,600 on",
        "$0.05",
        "tiers add up what is in the pool internet:us-east-1",
        "infracost-data-transfer: infracost",
    ):
        assert text in done.out
    assert "in force from 2024-02-01" in run("show --charge public_address --from us-east-1", tmp_path).out
    assert "priced apart" in run("show --charge internet --via lightsail", tmp_path).out
    assert "more; --from" in run("show --charge internet", tmp_path).out
    assert run("show --provider aws --charge public_address --prices 2020-01-01", tmp_path).code == ExitCode.INCOMPLETE


def test_tiers_and_sources_are_shown_in_csv(tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run("show --charge internet --from us-east-1 -f csv", tmp_path).out)))
    assert [(row["tier_start"], row["tier_end"], row["price"]) for row in rows][-1] == ("153600", "", "0.05")
    assert rows[0]["confirmed_by"].endswith("|infracost-data-transfer")


def test_a_place_of_two_clouds_needs_the_cloud(tmp_path: Path) -> None:
    (tmp_path / "rates.csv").write_text(
        "provider,charge,boundary,direction,from,unit,price,currency\nother,transfer,internet,out,us-east-1,GB,1,USD\n",
        encoding="utf-8",
    )
    line = "quote --charge internet --from us-east-1 --gb 1 --overlay rates.csv"
    assert "say which: --provider aws" in run(line, tmp_path).err
    assert "us-east-1 (other): $1.00" in run(f"{line} --provider other", tmp_path).out


def test_nothing_to_list_is_an_empty_list(tmp_path: Path) -> None:
    assert (
        "Rates in force on 2020-01-01: 0"
        in run("list --provider aws --charge public_address --prices 2020-01-01", tmp_path).out
    )


def test_a_check_ends_with_5_when_cards_contradict_themselves(tmp_path: Path) -> None:
    assert run("check --older-than 9999", tmp_path).code == ExitCode.OK
    cloud = tmp_path / "cards" / "mars"
    cloud.mkdir(parents=True)
    (cloud / "sources.csv").write_text("source,kind,date,title\n", encoding="utf-8")
    (cloud / "nat.csv").write_text("charge\nnat\n", encoding="utf-8")
    done = run("check --prices cards", tmp_path)
    assert done.code == ExitCode.INCOMPLETE
    assert "error: mars/nat.csv:2: no column boundary" in done.out
    assert "unreadable" in run("check --prices cards -f csv", tmp_path).out
    assert "eusc-de-east-1" in run("check -f csv", tmp_path).out
    assert run("check --prices nowhere", tmp_path).code == ExitCode.SOURCE


def test_a_difference_is_shown_in_every_format(tmp_path: Path) -> None:
    done = run("diff 2024-01-01 2024-03-01 --charge public_address --from us-east-1", tmp_path)
    assert "0 changed, 1 new, 0 gone" in done.out
    assert "$0.005" in done.out
    rows = list(csv.DictReader(io.StringIO(run("diff 2024-03-01 2024-01-01 -f csv", tmp_path).out)))
    assert {(row["status"], row["price_before"], row["price_after"]) for row in rows} == {("gone", "0.005", "")}
    assert "more; --top" in run("diff 2024-01-01 --top 3", tmp_path).out


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize(
    "line",
    [
        "quote --charge internet --from us-east-1 --from sa-east-1 --gb 157000",
        "list --charge nat --top 3",
        "show --charge internet --from us-east-1",
        "check",
        "diff 2024-01-01 2024-03-01 --top 3",
    ],
)
def test_a_narrow_terminal_loses_no_digit(tmp_path: Path, line: str, columns: int) -> None:
    done = run(line, tmp_path, columns=columns)
    assert done.code == ExitCode.OK
    if line.startswith("quote"):
        assert "$11,736.20" in done.out
    shown = re.sub(r"\x1b\[\d+m", "", done.out)
    assert max(map(len, shown.splitlines())) <= columns


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_and_option_has_help_and_stands_in_the_reference(name: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    section = page.partition(f"\n## prices {name}\n")[2].partition("\n## ")[0]
    assert COMMANDS[name].help in section
    for parameter in COMMANDS[name].params:
        assert parameter.help, parameter.name
        if parameter.param_type_name == "option":
            assert all(f"`{text}`" in section for text in parameter.opts), parameter.opts


def test_a_place_that_several_clouds_know_is_compared_the_cheapest_first(tmp_path: Path) -> None:
    line = "quote --charge internet --from London --to DE --gb 20000"
    done = run(f"{line} --provider all", tmp_path)
    # Azure zone 1: 10,235 * 0.087 + 9,665 * 0.083; AWS: 10,240 * 0.09 + 9,660 * 0.085;
    # Google Cloud to Western Europe: 1,024 * 0.12 + 9,216 * 0.11 + 9,760 * 0.08.
    lines = [text.split() for text in done.out.splitlines() if text.startswith(("aws ", "azure ", "gcp "))]
    assert lines == [
        ["azure", "uksouth", "$1,692.64", "$0.0846", "–"],
        ["aws", "eu-west-2", "$1,742.70", "$0.0871", "+$50.06"],
        ["gcp", "europe-west2", "$1,917.44", "$0.0959", "+$224.80"],
    ]
    assert "--provider all" in run(line, tmp_path).err


def test_what_one_cloud_cannot_answer_is_said_in_its_place(tmp_path: Path) -> None:
    done = run("quote --provider all --charge internet --from London --gb 1", tmp_path)
    assert done.code == ExitCode.INCOMPLETE
    assert "uksouth (azure): $0.00" in done.out
    assert "europe-west2 (gcp): unpriced" in done.out
    assert "the rate depends on where it goes from europe-west2" in done.out


@pytest.mark.parametrize(
    ("names", "cost"),
    [
        (("eastus", "East US", "US East", "EASTUS", "us_east"), "eastus (azure): $78.30"),
        (("eu-central-1", "EU (Frankfurt)", "europe (frankfurt)"), "eu-central-1 (aws): $81.00"),
        (("Frankfurt --provider azure", "germanywestcentral"), "germanywestcentral (azure): $78.30"),
        (("europe-west3 --to FR", "Frankfurt --provider gcp --to FR"), "europe-west3 (gcp): $120.00"),
    ],
)
def test_a_region_is_known_by_any_of_its_names(tmp_path: Path, names: tuple[str, ...], cost: str) -> None:
    gb = 1000
    for name in names:
        place, *more = name.split(" --")
        line = " ".join([f'quote --charge internet --gb {gb} --from "{place}"', *(f"--{each}" for each in more)])
        done = run(line, tmp_path)
        assert done.code == ExitCode.OK, (line, done.err)
        assert cost in done.out, line


def test_a_name_in_a_list_is_the_region_that_it_means(tmp_path: Path) -> None:
    by_name = run('list --charge internet --from "East US" -f csv', tmp_path).out
    assert by_name == run("list --charge internet --from eastus -f csv", tmp_path).out
    assert "bandwidth-1" in by_name
    assert "bandwidth-1: canadacentral, canadaeast" in run("show --charge internet --from eastus", tmp_path).out


def test_both_ends_of_a_global_peering_pay_by_their_own_zone(tmp_path: Path) -> None:
    done = run('quote --charge region --via peering --from "East US" --to brazilsouth --gb 1000', tmp_path)
    assert "eastus (azure): $195.00" in done.out
    assert "eastus → brazilsouth, by peering: 1,000 GB, $35.00" in done.out
    assert "eastus → brazilsouth, by peering, at the receiving end: 1,000 GB, $160.00" in done.out


def test_a_network_tier_is_asked_for_by_name(tmp_path: Path) -> None:
    assert "$8.50" in run("quote --charge internet --network-tier standard --from us-central1 --gb 300", tmp_path).out
    routing = run("quote --charge internet --network-tier internet_routing --from eastus --gb 10100", tmp_path)
    assert "Internet, out, eastus, internet_routing: 10,100 GB, $800.00" in routing.out
    wrong = run("quote --charge internet --network-tier basic --from us-central1 --gb 300", tmp_path)
    assert "known: standard" in wrong.err


def test_the_free_tier_of_a_ladder_can_be_used_elsewhere(tmp_path: Path) -> None:
    line = "quote --charge internet --from eastus --gb 1000"
    assert "$78.30" in run(line, tmp_path).out
    assert "$87.00" in run(f"{line} --no-allowance", tmp_path).out
