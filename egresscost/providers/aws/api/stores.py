"""Buckets of S3, read with the user's own credentials.

Goes in: a URL and a source. Comes out: an obstore store. Never: a bucket's objects over plain HTTP from another machine.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from egresscost.errors import CredentialsError, MissingSourceError
from egresscost.providers.aws.api.access import check_endpoint, own
from egresscost.providers.aws.api.trouble import said

if TYPE_CHECKING:
    from egresscost.providers.aws.api.access import Account
    from egresscost.sources.live import LiveSource

_MISSING = 404


def store(url: str, source: LiveSource) -> Any:  # noqa: ANN401  an `obstore.store.S3Store`
    """The store that a URL's bucket is.

    Raises:
        MissingSourceError: There is no such bucket.
        CredentialsError: There are no credentials.
    """
    from obstore.auth.boto3 import Boto3CredentialProvider  # noqa: PLC0415
    from obstore.store import S3Store  # noqa: PLC0415

    bucket = url.partition("://")[2].split("/")[0]
    account = own(source)
    with said(url, "s3:ListBucket", source.profile):
        if account.session.get_credentials() is None:
            message = "no credentials for AWS"
            raise CredentialsError(message, hint="aws configure, or aws sso login")
    region = _region(account, bucket)
    provider = Boto3CredentialProvider(account.session)
    named = source.endpoints.get("s3") or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    if not named:
        return S3Store(bucket, region=region, credential_provider=provider)
    check_endpoint(named)
    plain = {"allow_http": True} if named.startswith("http://") else {}
    return S3Store(
        bucket,
        region=region,
        endpoint=named,
        credential_provider=provider,
        virtual_hosted_style_request=False,
        client_options=plain,  # type: ignore[arg-type]
    )


def _region(account: Account, bucket: str) -> str:
    """Where a bucket is, as S3 says even to whom it refuses the rest.

    Raises:
        MissingSourceError: There is no such bucket.
    """
    from botocore.exceptions import ClientError  # noqa: PLC0415

    with said(f"s3://{bucket}", "s3:ListBucket", account.source.profile):
        try:
            answer = account.client("s3").head_bucket(Bucket=bucket)
        except ClientError as error:
            answer = error.response
            status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode")
            if status == _MISSING:
                message = f"s3://{bucket} does not exist"
                raise MissingSourceError(message, hint="is the bucket's name right?") from None
            if "x-amz-bucket-region" not in answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}):
                raise
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return str(headers.get("x-amz-bucket-region") or account.region)
