"""What Google Cloud means when it refuses.

Goes in: the status, the headers and the body of an answer. Comes out: an error of the house. Never: raises one itself, or repeats
more of an answer than the cloud's own sentence.

A limit on requests is told by 429, by 403 with a reason of its own, and in BigQuery by both; how long to wait stands in
`Retry-After` or in a `RetryInfo`, or nowhere.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

from egresscost.errors import CredentialsError, PermissionRefusedError, ServiceError
from egresscost.providers.gcp.api.cloud import LOGIN
from egresscost.sources.live import TransientError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from egresscost.errors import SourceError

_UNAUTHENTICATED, _FORBIDDEN, _TOO_MANY, _FAULT = 401, 403, 429, 500
_TOO_FAST: Final = frozenset(
    {
        *("rateLimitExceeded", "userRateLimitExceeded", "jobRateLimitExceeded", "RATE_LIMIT_EXCEEDED"),
        *("backendError", "internalError", "jobBackendError", "jobInternalError", "tableUnavailable"),
    }
)
"""Reasons to come again (BigQuery documentation, error messages; Google API error reasons)."""
_USED_UP: Final = frozenset({"quotaExceeded", "billingTierLimitExceeded", "dailyLimitExceeded"})
_FINAL: Final = frozenset(
    {"bytesBilledLimitExceeded", "invalidQuery", "notFound", "resourcesExceeded", "responseTooLarge", "stopped"}
)
"""Reasons of queries that would fail again; the status that comes with them says nothing."""
_OFF: Final = frozenset({"SERVICE_DISABLED", "accessNotConfigured"})
_SECONDS: Final = re.compile(r"(\d+(?:\.\d+)?)s?")
_LONG: Final = 300


def refusal(
    status: int, headers: Mapping[str, str], body: object, *, about: str, permission: str, who: str
) -> SourceError | TransientError:
    """What an answer that is no success means.

    Args:
        status: Its HTTP status.
        headers: By name, in any case.
        body: Its JSON, None where it is none.
        about: What was asked for, for people.
        permission: What it takes.
        who: Who asked.
    """
    error = _error(body)
    reasons, said = _reasons(error), _sentence(error)
    details = [f"Google Cloud says: {said}"] if said else []
    if not reasons & _FINAL and (status == _TOO_MANY or status >= _FAULT or reasons & _TOO_FAST):
        return TransientError(f"{about}: {said or f'HTTP {status}'}", after=_after(headers, error))
    if status == _UNAUTHENTICATED:
        return CredentialsError(f"{about}: the credentials are not accepted", details=details, hint=LOGIN)
    if reasons & _USED_UP:
        hint = "wait for the quota's next day, or ask for more: gcloud alpha services quota list"
        return ServiceError(f"{about}: the quota is used up", details=details, hint=hint)
    if reasons & _OFF:
        name = str(_metadata(error).get("service", ""))
        hint = f"gcloud services enable {name or 'SERVICE'} --project PROJECT"
        return ServiceError(f"{about}: the API is not turned on in the project", details=details, hint=hint)
    if status == _FORBIDDEN:
        message = f"{about}: {who} has no permission ({permission})"
        return PermissionRefusedError(
            message, details=details, hint="egresscost doctor --show-policy prints the least role"
        )
    why = next(iter(sorted(reasons & _FINAL)), f"HTTP {status}")
    return ServiceError(f"{about}: Google Cloud refuses it ({why})", details=details, hint=_hint(reasons))


def _hint(reasons: set[str]) -> str | None:
    if "bytesBilledLimitExceeded" in reasons:
        return "the table has grown since the query was measured: run again"
    return "does it exist, and in this project?" if "notFound" in reasons or "NOT_FOUND" in reasons else None


def _error(body: object) -> Mapping[str, Any]:
    found = body.get("error") if isinstance(body, dict) else None
    return found if isinstance(found, dict) else {}


def _details(error: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    both = [*(error.get("errors") or ()), *(error.get("details") or ())]
    return [each for each in both if isinstance(each, dict)]


def _reasons(error: Mapping[str, Any]) -> set[str]:
    return {str(each["reason"]) for each in _details(error) if each.get("reason")} | {str(error.get("status", ""))}


def _metadata(error: Mapping[str, Any]) -> Mapping[str, Any]:
    found = [each["metadata"] for each in _details(error) if isinstance(each.get("metadata"), dict)]
    return found[0] if found else {}


def _sentence(error: Mapping[str, Any]) -> str:
    line = next(iter(str(error.get("message") or "").splitlines()), "").strip()
    return line if len(line) <= _LONG else f"{line[:_LONG]}…"


def _after(headers: Mapping[str, str], error: Mapping[str, Any]) -> float | None:
    """Seconds to wait, by the cloud's word."""
    text = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    delays = [str(each["retryDelay"]) for each in _details(error) if each.get("retryDelay")]
    for each in (text, *delays):
        if found := _SECONDS.fullmatch(each.strip()):
            return float(found[1])
    return _until(text)


def _until(text: str) -> float | None:
    """Seconds from now to a date."""
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, (moment - datetime.now(UTC)).total_seconds()) if moment.tzinfo else None
