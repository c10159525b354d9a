"""What errors of boto3 mean to the user.

Goes in: an exception of the SDK. Comes out: a `TransientError` or a `SourceError`. Never: a secret, a signature or a request's text.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from egresscost.errors import CredentialsError, PermissionRefusedError, ServiceError
from egresscost.sources.live import TransientError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from egresscost.errors import SourceError

_REFUSED: Final = re.compile(r"AccessDenied|UnauthorizedOperation|AuthorizationError|NotAuthorized|Forbidden|^403$")
_UNKNOWN: Final = re.compile(
    r"ExpiredToken|RequestExpired|InvalidClientTokenId|UnrecognizedClient|InvalidAccessKeyId|AuthFailure|SignatureDoesNotMatch"
    r"|InvalidToken|InvalidSignature"
)
_BUSY: Final = re.compile(
    r"Throttl|TooManyRequests|RequestLimitExceeded|LimitExceeded|SlowDown|RequestTimeout|Unavailable$"
)
_ARN: Final = re.compile(r"arn:aws[\w-]*:(?:iam|sts)::\d{12}:[\w+=,.@/-]+")
_SERVER_FAULT: Final = 500


@contextmanager
def said(name: str, permission: str, profile: str = "") -> Iterator[None]:
    """Turn what the SDK raises into what the house raises.

    Args:
        name: What was asked for, for messages.
        permission: What it needs: `ce:GetCostAndUsage`.
        profile: Whose credentials are used, for the command that mends them.

    Raises:
        TransientError: The cloud is busy, or the connection broke.
        CredentialsError: There are none, or they don't count any more.
        PermissionRefusedError: The cloud knows who asks, and refuses.
        ServiceError: It answers with something else.
    """
    from botocore import exceptions as sdk  # noqa: PLC0415
    from botocore.parsers import ResponseParserError  # noqa: PLC0415

    try:
        yield
    except sdk.ClientError as error:
        raise _answered(error.response, name, permission, profile) from None
    except (
        sdk.NoCredentialsError,
        sdk.PartialCredentialsError,
        sdk.CredentialRetrievalError,
        sdk.ProfileNotFound,
        sdk.TokenRetrievalError,
        sdk.SSOError,
    ) as error:
        message = f"no credentials for AWS: {_short(str(error))}"
        raise CredentialsError(message, hint=_mend(profile)) from None
    except (sdk.HTTPClientError, sdk.IncompleteReadError, sdk.ResponseStreamingError) as error:
        message = f"{name}: the connection broke ({type(error).__name__})"
        raise TransientError(message) from None
    except ResponseParserError as error:
        message = f"{name}: AWS's answer is cut or no answer ({type(error).__name__})"
        raise TransientError(message) from None
    except sdk.BotoCoreError as error:
        message = f"{name}: {_short(str(error))}"
        raise ServiceError(message, hint="is the region right? egresscost doctor shows what can be reached") from None


def _answered(response: Any, name: str, permission: str, profile: str) -> TransientError | SourceError:  # noqa: ANN401
    """What an error that AWS answered with means."""
    error, about = response.get("Error", {}), response.get("ResponseMetadata", {})
    code, text = str(error.get("Code", "")), str(error.get("Message", ""))
    status = int(about.get("HTTPStatusCode", 0))
    if _BUSY.search(code) or status >= _SERVER_FAULT or status == 429:  # noqa: PLR2004  too many requests
        return TransientError(f"{name}: AWS is busy ({code or status})", after=_after(about.get("HTTPHeaders", {})))
    if _UNKNOWN.search(code):
        return CredentialsError(f"AWS doesn't take the credentials ({code})", hint=_mend(profile))
    if _REFUSED.search(code):
        who = _ARN.search(text)
        message = f"{permission} is refused" + (f" to {who[0]}" if who else "")
        hint = "egresscost doctor --provider aws --show-policy prints the least permission"
        return PermissionRefusedError(message, details=[f"needed for: {name}"], hint=hint)
    return ServiceError(f"{name}: AWS answers {code or status}: {_short(text)}")


def _after(headers: Any) -> float | None:  # noqa: ANN401
    """Seconds that the answer asks to wait."""
    try:
        return float(headers.get("retry-after"))
    except (TypeError, ValueError):
        return None


def _mend(profile: str) -> str:
    named = f" --profile {profile}" if profile else ""
    return f"aws sso login{named}, or aws configure{named}; `aws sts get-caller-identity{named}` shows who asks"


def _short(text: str) -> str:
    """The first line, not too long."""
    return next(iter(text.splitlines()), "")[:300]
