"""BigQuery: what tables there are, what a query would cost, and its rows as a Parquet file.

Goes in: tables and SQL. Comes out: tables, bytes, files. Never: runs a query that was not measured first, pays twice for one
answer, or takes rows that end early for all of them.

Queries are billed by the bytes of the columns that they read. A dry run tells them for nothing, and a limit makes BigQuery refuse a
query that would read more. Who comes again for an answer reads the rows of the job that is paid for.

Sources: BigQuery's REST interface as Google's client has it (dry run, maximum bytes billed).
"""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from egresscost.errors import CredentialsError, ServiceError
from egresscost.providers.gcp.api.cloud import LOGIN, is_plain
from egresscost.providers.gcp.api.patience import patiently
from egresscost.providers.gcp.api.refusals import refusal
from egresscost.sources.live import TransientError
from egresscost.units import BYTES_PER_GB

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

    from egresscost.providers.gcp.api.cloud import Cloud

PER_TIB: Final = Decimal("6.25")
"""USD for a TiB that a query reads on demand, in the United States; the first TiB of a billing account and month is free, and
reserved capacity costs nothing by the byte. From a public note on BigQuery's on-demand billing (adriennevermorel.com); the copies of
Google's own page that were at hand are older and say $5."""
_TIB: Final = 1024 * BYTES_PER_GB
_LEAST: Final = 10 << 20
"""Bytes that a query is billed at least (same note)."""
_PAGE: Final = 10_000
"""Rows at a time; an answer has at most 10 MB of them anyway."""
_TIMEOUT: Final = 120.0
_QUERY: Final = "bigquery.jobs.create, bigquery.tables.getData"


@dataclass(frozen=True)
class Table:
    """A table, as its own metadata has it.

    Attributes:
        name: `project.dataset.table`.
        location: Where its queries run.
        fields: Its columns (`google.cloud.bigquery.SchemaField`).
        partition: What the table is cut by: a column, `_PARTITIONTIME`, or nothing.
        rows, size: How many, and their bytes, as it was last counted.
        modified: When it last changed, in ISO 8601; empty where nothing says so.
    """

    name: str
    location: str
    fields: tuple[Any, ...]
    partition: str
    rows: int
    size: int
    modified: str


def fee(scanned: int) -> Decimal:
    """USD for a query that reads so many bytes, on demand.

    >>> fee(2**40), fee(0)
    (Decimal('6.25'), Decimal('0.000059604644775390625'))
    """
    return PER_TIB * max(scanned, _LEAST) / _TIB


class Warehouse:
    """BigQuery as one source asks it.

    Args:
        cloud: Who asks.
    """

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    @cached_property
    def client(self) -> Any:  # noqa: ANN401  google.cloud.bigquery.Client
        """Google's client, with requests that lead nowhere else."""
        from google.api_core.client_options import ClientOptions  # noqa: PLC0415
        from google.auth.credentials import AnonymousCredentials  # noqa: PLC0415
        from google.cloud import bigquery  # noqa: PLC0415

        base = self._cloud.endpoint("bigquery")
        nobody = AnonymousCredentials()  # type: ignore[no-untyped-call]
        return bigquery.Client(
            project=self._cloud.project(),
            credentials=nobody if is_plain(base) else self._cloud.credentials(),
            _http=self._cloud.session("bigquery"),
            client_options=ClientOptions(api_endpoint=base),
        )

    def datasets(self, project: str) -> list[str]:
        """Datasets of a project, as `project.dataset`."""

        def listed() -> list[str]:
            with self._said(f"datasets of {project}", "bigquery.datasets.get"):
                found = self.client.list_datasets(project, retry=None, timeout=_TIMEOUT)
                return [f"{each.project}.{each.dataset_id}" for each in found]

        return patiently(listed, self._cloud.sleep)

    def tables(self, dataset: str) -> list[str]:
        """Tables of a dataset, by their own names."""

        def listed() -> list[str]:
            with self._said(f"tables of {dataset}", "bigquery.tables.list"):
                return [each.table_id for each in self.client.list_tables(dataset, retry=None, timeout=_TIMEOUT)]

        return patiently(listed, self._cloud.sleep)

    def table(self, name: str) -> Table:
        """A table."""

        def got() -> Any:  # noqa: ANN401  google.cloud.bigquery.Table
            with self._said(name, "bigquery.tables.get"):
                return self.client.get_table(name, retry=None, timeout=_TIMEOUT)

        found = patiently(got, self._cloud.sleep)
        cut = found.time_partitioning
        return Table(
            name=name,
            location=found.location or "",
            fields=tuple(found.schema),
            partition="" if cut is None else cut.field or "_PARTITIONTIME",
            rows=found.num_rows or 0,
            size=found.num_bytes or 0,
            modified=found.modified.isoformat() if found.modified else "",
        )

    def scanned(self, sql: str, about: str, location: str) -> int:
        """Bytes that a query would read, by a dry run, which is free."""
        from google.cloud import bigquery  # noqa: PLC0415

        config = bigquery.QueryJobConfig(dry_run=True, use_query_cache=False, use_legacy_sql=False)

        def measured() -> int:
            with self._said(about, _QUERY):
                where = location or None
                job = self.client.query(sql, config, location=where, retry=None, job_retry=None, timeout=_TIMEOUT)
                return int(job.total_bytes_processed or 0)

        return patiently(measured, self._cloud.sleep)

    @contextmanager
    def _said(self, about: str, permission: str) -> Iterator[None]:
        """What errors of Google's client mean."""
        import requests  # noqa: PLC0415
        from google.api_core import exceptions as api  # noqa: PLC0415
        from google.auth import exceptions as auth  # noqa: PLC0415

        try:
            yield
        except api.GoogleAPICallError as error:
            headers = getattr(error.response, "headers", {}) or {}
            body = {"error": {"message": error.message, "errors": error.errors}}
            who = self._cloud.identity("bigquery")
            found = refusal(int(error.code or 0), headers, body, about=about, permission=permission, who=who)
            raise found from error
        except auth.RefreshError as error:
            message = f"{about}: the credentials of this shell are no longer good"
            raise CredentialsError(message, hint=LOGIN) from error
        except requests.TooManyRedirects:
            message = f"{about}: the answer leads to another address, which is not followed"
            raise ServiceError(message, hint="is the endpoint right, or does a proxy stand in between?") from None
        except (requests.RequestException, auth.TransportError, api.RetryError, TimeoutError) as error:
            message = f"{about}: {type(error).__name__}"
            raise TransientError(message) from error
        except (ValueError, KeyError, TypeError) as error:
            # What Google's client makes of an answer that ends early or is none.
            message = f"{about}: the answer cannot be read ({type(error).__name__})"
            raise TransientError(message) from error


@dataclass
class Rows:
    """The rows of one query, for an errand.

    Attributes:
        warehouse: Where it runs.
        sql: The query.
        about: What it is, for people.
        location: Where its tables are.
        scanned: Bytes that it was measured to read.
    """

    warehouse: Warehouse
    sql: str
    about: str
    location: str
    scanned: int
    _job: str = field(default="", repr=False)

    def write(self, file: BinaryIO) -> None:
        """All of them, as a Parquet file.

        Raises:
            TransientError: The cloud asks to come again, or the connection broke.
            SourceError: The cloud refuses.
        """
        with self.warehouse._said(self.about, _QUERY):  # noqa: SLF001  one module
            job = self._done()
            rows = job.result(page_size=_PAGE, retry=None, timeout=_TIMEOUT)
            written = _parquet(rows.to_arrow_iterable(), file)
        if written != rows.total_rows:
            message = f"{self.about}: {written:,} of {rows.total_rows:,} rows came"
            raise TransientError(message)

    def _done(self) -> Any:  # noqa: ANN401  google.cloud.bigquery.QueryJob
        """The job, begun where there is none yet. One that failed is not asked again."""
        from google.api_core.exceptions import Conflict, NotFound  # noqa: PLC0415
        from google.cloud import bigquery  # noqa: PLC0415

        client, where = self.warehouse.client, self.location or None
        if self._job:
            try:
                job = client.get_job(self._job, location=where, retry=None, timeout=_TIMEOUT)
            except NotFound:
                self._job = ""
            else:
                if job.error_result is None:
                    return job
        self._job = f"egresscost-{uuid.uuid4()}"
        config = bigquery.QueryJobConfig(
            use_legacy_sql=False,
            maximum_bytes_billed=max(self.scanned + self.scanned // 4, _LEAST),
            labels={"tool": "egresscost"},
        )
        try:
            return client.query(
                self.sql, config, job_id=self._job, location=where, retry=None, job_retry=None, timeout=_TIMEOUT
            )
        except Conflict:
            return client.get_job(self._job, location=where, retry=None, timeout=_TIMEOUT)


def _parquet(batches: Iterable[Any], file: BinaryIO) -> int:
    """Record batches as a Parquet file; how many rows there were."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    writer: pq.ParquetWriter | None = None
    count = 0
    try:
        for batch in batches:
            table = pa.Table.from_batches([batch])
            writer = writer or pq.ParquetWriter(file, table.schema, compression="zstd")
            writer.write_table(table)
            count += table.num_rows
    finally:
        if writer is not None:
            writer.close()
    return count
