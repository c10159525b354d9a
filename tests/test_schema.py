"""What `egresscost schema` prints is what the commands print: every JSON document fits its schema."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import made
import pytest
from screens import run

if TYPE_CHECKING:
    from collections.abc import Mapping

EXAMPLE = Path(__file__).resolve().parent.parent / "egresscost.example.toml"
POLICY = '[total]\nmax = 12000\n[growth]\nmax = 10\n[share.nat]\nmax = 5\n[new.sender]\nmax = 0\nseverity = "warning"\n'
KNOWN, UNKNOWN = ("-i", "known", "--since", "2026-10"), ("-i", "unknown", "--cost", "list")
PRICES = {
    "prices-quote": ("quote", "--provider", "aws", "--charge", "internet", "--from", "us-east-1", "--gb", "157000"),
    "prices-list": ("list", "--provider", "aws"),
    "prices-check": ("check",),
    "prices-diff": ("diff", "2024-01-01", "2024-03-01"),
}
NAMES = ("report", "gate", "compare", "explain", "simulate", "frame", "config", *PRICES)


@pytest.fixture(scope="module")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """Every schema, as printed."""
    folder = tmp_path_factory.mktemp("schemas")
    return {name: json.loads(run("schema", name, folder=folder).out) for name in NAMES}


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[Any]]:
    """Documents that the commands print, on a bill and on one whose costs are partly unknown."""
    folder = tmp_path_factory.mktemp("documents")
    (folder / "policy.toml").write_text(POLICY)
    for folder_name, costs in (("known", ("1", "2")), ("unknown", ("1", ""))):
        for number, cost in zip(("09", "10"), costs, strict=True):
            rows = [
                made.line(f"2026-{number}-{day:02}", list=cost, usage=usage, tags='{"user_team": "web"}')
                for day in range(1, 30)
                for usage in ("DataTransfer-Out-Bytes", "USE1-EU-AWS-Out-Bytes", "NatGateway-Bytes")
            ]
            rows += [made.line(f"2026-{number}-02", cost="-3", type="Credit", amount="0", list=cost)]
            made.write(folder / folder_name / f"{number}.csv", rows)
        kind = ("--cost", "list") if folder_name == "unknown" else ()
        run("report", "-i", folder_name, "--since", "2026-09", *kind, "-o", f"{folder_name}.json", folder=folder)

    def said(*arguments: str) -> Any:  # noqa: ANN401  JSON
        done = run(*arguments, "--json", folder=folder)
        assert done.code in {0, 3, 5}, done.err
        return json.loads(done.out)

    judged = ("--policy", "policy.toml", "--baseline")
    prices = {name: [said("prices", *arguments)] for name, arguments in PRICES.items()}
    return prices | {
        "report": [said("report", *KNOWN, "-g", "tag:team,day", "--top", "3"), said("report", *UNKNOWN)],
        "gate": [said("gate", *KNOWN, *judged, "known.json"), said("gate", *UNKNOWN, *judged, "unknown.json")],
        "compare": [
            said("compare", "2026-09", "2026-10", "-i", "known"),
            said("compare", "2026-09", "2026-10", *UNKNOWN),
        ],
        "explain": [said("explain", "internet", *KNOWN), said("explain", *UNKNOWN)],
        "simulate": [
            said("simulate", *KNOWN, "--drop", "nat"),
            said("simulate", *UNKNOWN, "--cdn", "i-1:0.9", "--move", "AmazonEC2:eu-central-1"),
        ],
        "frame": [*said("export", *KNOWN), *said("export", *UNKNOWN)],
        "config": [tomllib.loads(EXAMPLE.read_text()), {"report": {"cost": "net", "top": 5}}, {}],
    }


@pytest.mark.parametrize("name", ["report", "gate", "compare", "explain", "simulate", *PRICES])
def test_every_document_fits_the_schema_of_its_command(
    schemas: Mapping[str, Any], documents: Mapping[str, list[Any]], name: str
) -> None:
    schema = schemas[name]
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    assert documents[name]
    for document in documents[name]:
        assert [error.message for error in validator.iter_errors(document)] == []


@pytest.mark.parametrize("name", ["report", "gate", "compare", "explain", "simulate", *PRICES])
def test_a_document_names_its_schema_and_has_every_key(
    schemas: Mapping[str, Any], documents: Mapping[str, list[Any]], name: str
) -> None:
    schema = schemas[name]
    for document in documents[name]:
        assert document["schema"] == schema["$id"] == schema["properties"]["schema"]["const"]
        assert set(document) == set(schema["properties"]) == set(schema["required"])


@pytest.mark.parametrize("name", ["report", "gate", "compare", "explain"])
@pytest.mark.parametrize("broken", ["schema", "missing", "money"])
def test_a_schema_refuses_what_is_no_such_document(
    schemas: Mapping[str, Any], documents: Mapping[str, list[Any]], name: str, broken: str
) -> None:
    document = json.loads(json.dumps(documents[name][0]))
    if broken == "schema":
        document["schema"] = "egresscost/other/1"
    elif broken == "missing":
        del document[next(key for key in document if key != "schema")]
    else:
        text = (
            json.dumps(document).replace('"cost": "', '"cost": 1, "x": "').replace('"limit": "', '"limit": 1, "x": "')
        )
        document = json.loads(text.replace('"before": "', '"before": 1, "x": "'))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schemas[name])


def test_money_is_text_and_bytes_are_whole_numbers_everywhere(documents: Mapping[str, list[Any]]) -> None:
    def floats(value: object) -> list[float]:
        if isinstance(value, dict):
            return [found for each in value.values() for found in floats(each)]
        if isinstance(value, list):
            return [found for each in value for found in floats(each)]
        return [value] if isinstance(value, float) else []

    for name, found in documents.items():
        assert floats(found) == [], name
