"""The names and words of a provider.

Goes in: a provider. Comes out: checks. Never: judges style.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final

from egresscost.sources import registry
from egresscost.testing.demands import demand, never_raises, same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from egresscost.sources.protocols import Provider
    from egresscost.testing.samples import Samples

_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def checks(provider: Provider, _samples: Samples) -> Iterator[tuple[str, Callable[[], None]]]:
    """The checks of names."""
    yield "the entry point is found and loads", partial(_entry_point, provider)
    yield "names are valid and nobody else's", partial(_names, provider)
    yield "rules are said in words", partial(_rules, provider)
    yield "regions go by known names", partial(_regions, provider)
    if provider.focus_names or provider.place_focus or provider.focus_network:
        yield "FOCUS lines are answered for", partial(_focus, provider)


def _entry_point(provider: Provider) -> None:
    names = registry.names(registry.PROVIDERS)
    mend = f'[project.entry-points."{registry.PROVIDERS}"] of pyproject.toml must name {provider.name}, and the package be installed'
    demand(provider.name in names, f"no entry point is called {provider.name!r}", mend, [f"found: {', '.join(names)}"])
    with never_raises("the entry point does not load", mend):
        loaded = registry.load(registry.PROVIDERS, provider.name)
    demand(loaded is provider, f"the entry point {provider.name!r} is another object than this provider", mend)


def _names(provider: Provider) -> None:
    demand(
        _NAME.fullmatch(provider.name),
        f"the provider's name {provider.name!r} cannot be typed",
        "small letters, digits and single hyphens: acme-cloud",
    )
    demand(provider.title.strip(), "the provider has no title", "say in `title` how people write its name")
    others = [each for name, each in registry.providers().items() if name != provider.name]
    taken = {name: each.title for each in others for name in each.focus_names}
    formats = {layout.name: each.title for each in others for layout in each.bill_formats()} | {"focus": "FOCUS"}
    loud = [name for name in provider.focus_names if name != name.lower()]
    demand(not loud, "FOCUS names are compared in small letters", "write focus_names in small letters", loud)
    twice = [f"{name}: {taken[name]}" for name in sorted(provider.focus_names & taken.keys())]
    demand(not twice, "another provider has the same FOCUS name", "a FOCUS name belongs to one provider", twice)
    mine = [layout.name for layout in provider.bill_formats()]
    demand(len(mine) == len(set(mine)), "two layouts have one name", "each layout needs a name of its own", mine)
    for layout in provider.bill_formats():
        demand(
            _NAME.fullmatch(layout.name) and layout.name not in formats,
            f"the layout's name {layout.name!r} cannot be used",
            "small letters, digits and hyphens, and no name of another provider's layout",
            [f"taken: {', '.join(formats)}"],
        )
        demand(layout.title.strip(), f"the layout {layout.name} has no title", "say what people call it")


def _rules(provider: Provider) -> None:
    network = provider.network() if provider.network is not None else None
    for name, rule in {**provider.rules(), **(network.words if network else {})}.items():
        same(rule.id, name, "a rule stands under another id than its own", "the keys of `rules` are the ids")
        empty = [each for each in ("title", "why", "source") if not getattr(rule, each).strip()]
        demand(not empty, f"the rule {name} has no {' and no '.join(empty)}", "`explain` shows them: write a sentence")


def _regions(provider: Provider) -> None:
    known, aliases = provider.regions(), provider.region_aliases()
    loud = [name for name in aliases if name != name.lower()]
    demand(not loud, "aliases of regions are compared in small letters", "write them in small letters", loud)
    strange = [f"{name}: {region}" for name, region in aliases.items() if region not in known]
    demand(not strange, "aliases lead to regions that are not known", "put the regions into `regions`", strange)


def _focus(provider: Provider) -> None:
    mend = "a FOCUS line needs all three: focus_names, focus_network, place_focus"
    demand(provider.focus_names and provider.focus_network and provider.place_focus, "one of three is missing", mend)
    import polars as pl  # noqa: PLC0415

    assert provider.focus_network is not None  # noqa: S101  demanded above
    with never_raises("focus_network is no pattern", "Polars takes the patterns of the Rust crate regex"):
        pl.Series(["", "Data transfer out"]).str.contains(provider.focus_network())
