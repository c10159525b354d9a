"""Files of saved lists: what a cloud's command line or API answered, as JSON, told apart by what the objects say of themselves.

Goes in: files, folders, patterns, and how a cloud's objects are told apart. Comes out: the objects of each file by kind, with the
file's date. Never: knows a kind.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from egresscost.errors import UnknownFormatError
from egresscost.sources.storage import Workspace, find, refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from egresscost.sources.storage import Blob

Lists = dict[str, list["Mapping[str, Any]"]]


@dataclass(frozen=True)
class Document:
    """One file that was read: its objects by kind."""

    name: str
    taken: datetime
    lists: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Form:
    """How the lists of a cloud are read.

    Attributes:
        title: The cloud, as people write it.
        commands: What makes such lists.
        hint: How to save one.
        sort: The objects of a file by kind, and whether it is an answer that lists nothing.
    """

    title: str
    commands: Sequence[str]
    hint: str
    sort: Callable[[object], tuple[Lists, bool]]

    def unknown(self, message: str) -> UnknownFormatError:
        """The error for what is no such list."""
        return UnknownFormatError(message, details=[f"read is the JSON of: {', '.join(self.commands)}"], hint=self.hint)


def documents(inputs: Sequence[str], form: Form) -> list[Document]:
    """Read saved lists.

    Args:
        inputs: Files, folders or patterns. In a folder only `.json` files are read, and of those the lists.
        form: How they are read.

    Raises:
        MissingSourceError: An input does not exist.
        AccessError: It cannot be read.
        UnknownFormatError: A named file is no such list, a file in a folder no JSON, or an input holds none at all.
    """
    read: list[Document] = []
    for each in inputs:
        with Workspace() as workspace:
            blobs = [blob for blob in find([each], workspace) if blob.named or blob.path.suffix.lower() == ".json"]
            found = [document for blob in blobs if (document := _document(blob, form)) is not None]
        if not found:
            message = f"{each} holds no inventory"
            raise form.unknown(message)
        read += found
    return read


def _document(blob: Blob, form: Form) -> Document | None:
    """A file; None for JSON of another kind that merely lies in a folder."""
    try:
        content = blob.path.read_bytes()
        taken = datetime.fromtimestamp(blob.path.stat().st_mtime, UTC)
    except OSError as error:
        raise refused(blob.name, error) from error
    try:
        value = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        message = f"{blob.name} is no JSON: {error}"
        raise form.unknown(message) from error
    lists, is_empty = form.sort(value)
    if not lists and blob.named and not is_empty:
        message = f"{blob.name} is no inventory of {form.title}"
        raise form.unknown(message)
    return Document(blob.name, taken, lists) if lists or is_empty else None
