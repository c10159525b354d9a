"""Objects of buckets and containers: `s3://`, `gs://`, `az://` and what plug-ins bring, through one library.

Goes in: a URL, and the cloud that it belongs to. Comes out: one errand for each object below it. Never: reads an object that it
need not, or another version than the one that was listed.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from egresscost.errors import (
    CredentialsError,
    MissingSourceError,
    PermissionRefusedError,
    ServiceError,
    UsageError,
)
from egresscost.sources import registry
from egresscost.sources.live import Errand, TransientError, What

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import BinaryIO

    from egresscost.errors import SourceError
    from egresscost.sources.live import Live, LiveSource
    from egresscost.sources.protocols import Provider

_MARK: Final = "://"
_PATTERN: Final = frozenset("*?[")
_CHUNK: Final = 4 << 20
_WHOLE_PARTS: Final = "is the address right? It must name whole parts of keys, up to a /"
_STATUS: Final = re.compile(r"non-2xx status code: (\d{3})")


def is_url(text: str) -> bool:
    """Whether an input is a URL and no path."""
    scheme, mark, _ = text.partition(_MARK)
    return bool(mark) and scheme.isalnum()


def provider_of(url: str) -> tuple[Provider, Live]:
    """The cloud whose objects a URL means.

    Raises:
        UsageError: Nobody reads such URLs.
    """
    scheme = url.partition(_MARK)[0].lower()
    known: dict[str, tuple[Provider, Live]] = {}
    for provider in registry.providers().values():
        live = provider.live() if provider.live is not None else None
        if live is not None:
            known |= dict.fromkeys(live.schemes, (provider, live))
    if scheme not in known:
        message = f"nothing here reads {scheme}{_MARK} addresses"
        raise UsageError(message, details=[f"known: {', '.join(f'{each}{_MARK}' for each in sorted(known))}"])
    return known[scheme]


@dataclass(frozen=True)
class Place:
    """A URL in its parts.

    Attributes:
        url: As it was given.
        container: The URL of its bucket or container.
        prefix: The key, or where keys begin.
    """

    url: str
    container: str
    prefix: str


def place(url: str, schemes: Mapping[str, int]) -> Place:
    """The container of a URL, and what is below it.

    Raises:
        UsageError: It names no container, or is a pattern.
    """
    scheme, _, rest = url.partition(_MARK)
    if secret := _secret(url):
        message = f"{url.replace(secret, '…')} holds credentials, and addresses of objects take none"
        raise UsageError(message, hint="take it out; who asks is found as the cloud's own tools find it")
    if _PATTERN & set(rest):
        message = f"{url} is a pattern, and addresses of objects take none"
        raise UsageError(message, hint="name what all keys begin with: s3://bucket/cur/")
    parts = rest.split("/")
    depth = schemes[scheme.lower()] + 1
    if len(parts) < depth or not all(parts[:depth]):
        shape = "/".join(["account", "container", "key"][-depth - 1 :])
        message = f"{url} names no bucket or container"
        raise UsageError(message, hint=f"write {scheme}{_MARK}{shape}")
    return Place(url, f"{scheme}{_MARK}{'/'.join(parts[:depth])}", "/".join(parts[depth:]).strip("/"))


def _secret(url: str) -> str:
    """The part of a URL that gives its reader away: a signature, or a user with a password."""
    query = url.partition("?")[2]
    user, mark, _ = url.partition(_MARK)[2].partition("/")[0].rpartition("@")
    return query if "=" in query else user if mark and ":" in user else ""


def errands(url: str, live: Live, source: LiveSource, what: What) -> Iterator[Errand]:
    """One for each object that a URL means: that very object, or all below it; hidden ones and folder marks are left out.

    Raises:
        SourceError: The container cannot be listed, or the URL means nothing.
    """
    where = place(url, live.schemes)
    store = live.store(where.container, source)
    count = 0
    for meta in _listed(store, where, url):
        key = str(meta["path"])
        if any(part.startswith(".") for part in key.split("/")) or (key.endswith("/") and not meta["size"]):
            continue
        count += 1
        yield _errand(store, where.container, meta, what)
    if not count:
        message = f"{url} holds nothing"
        raise MissingSourceError(message, hint=_WHOLE_PARTS)


def _listed(store: Any, where: Place, url: str) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401
    """What a store tells of each object."""
    import obstore  # noqa: PLC0415
    from obstore.exceptions import NotFoundError  # noqa: PLC0415

    with said(url):
        found = False
        for chunk in obstore.list(store, prefix=where.prefix or None):
            found = found or bool(chunk)
            yield from chunk
        if not found and where.prefix:
            try:
                yield obstore.head(store, where.prefix)
            except (FileNotFoundError, NotFoundError):
                message = f"{url} does not exist"
                raise MissingSourceError(message, hint=_WHOLE_PARTS) from None


def _errand(store: Any, container: str, meta: Mapping[str, Any], what: What) -> Errand:  # noqa: ANN401
    key, size = str(meta["path"]), int(meta["size"])
    url = f"{container}/{key}"
    version = meta.get("e_tag") or meta.get("version") or f"{meta['last_modified'].isoformat()} {size}"
    scheme, _, rest = container.partition(_MARK)
    return Errand(
        what=what,
        name=url,
        path=f"{scheme}/{rest}/{key}",
        key=f"object {url} {version}",
        fetch=_getter(store, url, key, size, meta.get("e_tag")),
        size=size,
        made=meta["last_modified"],
        away=True,
    )


def _getter(store: Any, url: str, key: str, size: int, tag: str | None) -> Callable[[BinaryIO], None]:  # noqa: ANN401
    """What writes an object, of the version that was listed."""

    def fetch(file: BinaryIO) -> None:
        import obstore  # noqa: PLC0415

        with said(url):
            answer = obstore.get(store, key, options={"if_match": tag} if tag else {})
            count = 0
            for chunk in answer.stream(min_chunk_size=_CHUNK):
                file.write(chunk)
                count += len(chunk)
        if count != size:
            message = f"{url} ended after {count:,} of {size:,} bytes"
            raise TransientError(message)

    return fetch


@contextmanager
def said(url: str) -> Iterator[None]:
    """What a store's own errors mean to the user."""
    from obstore import exceptions as store  # noqa: PLC0415

    meanings: tuple[tuple[tuple[type[Exception], ...], type[SourceError], str, str], ...] = (
        (
            (store.NotFoundError, FileNotFoundError),
            MissingSourceError,
            "does not exist",
            "it may have been deleted since it was listed: run again",
        ),
        (
            (store.UnauthenticatedError,),
            CredentialsError,
            "cannot be read: the credentials are not accepted",
            "egresscost doctor shows whether a source can be reached",
        ),
        (
            (store.PermissionDeniedError,),
            PermissionRefusedError,
            "cannot be read: no permission",
            "egresscost doctor --show-policy prints the least permission",
        ),
        (
            (
                store.InvalidPathError,
                store.NotSupportedError,
                store.UnknownConfigurationKeyError,
            ),
            ServiceError,
            "cannot be read: the store does not take such a request",
            "egresscost doctor shows whether a source can be reached",
        ),
        (
            (store.PreconditionError,),
            ServiceError,
            "was changed while it was fetched",
            "run again: the new version is fetched then",
        ),
    )
    try:
        yield
    except (store.BaseError, FileNotFoundError) as error:
        status = _status(error)
        for (kinds, meaning, text, hint), number in zip(meanings, (404, 401, 403, 0, 412), strict=True):
            if isinstance(error, kinds) or status == number:
                message = f"{url} {text}"
                raise meaning(message, hint=hint) from None
        message = f"{url}: {_first_line(error)}"
        raise TransientError(message) from None


def _status(error: Exception) -> int | None:
    """The status in an error that has no kind of its own: what a listing is refused with (obstore 0.12). 0 is none."""
    found = _STATUS.search(str(error))
    return int(found[1]) if found else None


def _first_line(error: Exception) -> str:
    """What a store says, without the address of the request, which may carry a signature."""
    line = next(iter(str(error).splitlines()), type(error).__name__)
    return re.sub(r"\?[^\s\"')]*", "?…", line)[:300]
