"""All checks of a provider, by name.

Goes in: a provider and its samples. Comes out: checks to run one by one, or one error with all that is wrong. Never: leaves
out a check of something that the provider says it has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from egresscost.errors import ConformanceError
from egresscost.testing import bills, flows, inventories, placing, plays, prices, rewriting, rules, words
from egresscost.testing.samples import Samples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from egresscost.sources.protocols import Provider


@dataclass(frozen=True)
class Check:
    """One check.

    Attributes:
        name: What it is about: `bill.csv: the parts are the whole`.
        run: Raises `ConformanceError` when it does not hold.
    """

    name: str
    run: Callable[[], None]

    def __str__(self) -> str:
        return self.name


def checks(provider: Provider, samples: Samples | None = None) -> list[Check]:
    """Every check that concerns a provider, by what it says that it can do.

    Args:
        provider: As its entry point has it.
        samples: Files of its own.
    """
    given = samples or Samples()
    groups = (words, placing, bills, rewriting, flows, inventories, rules, prices, plays)
    return [Check(name, run) for group in groups for name, run in group.checks(provider, given)]


def conformance(provider: Provider, samples: Samples | None = None) -> None:
    """Run every check.

    Raises:
        ConformanceError: With all that does not hold.
    """
    wrong = list(_failures(checks(provider, samples)))
    if wrong:
        message = f"{provider.title} breaks {len(wrong)} of what every cloud must hold to"
        raise ConformanceError(message, details=wrong, hint="mend them one by one: egresscost.testing.checks")


def _failures(among: list[Check]) -> Iterator[str]:
    for check in among:
        try:
            check.run()
        except ConformanceError as error:
            yield f"{check}: {'; '.join((error.message, *error.details, *([error.hint] if error.hint else [])))}"
