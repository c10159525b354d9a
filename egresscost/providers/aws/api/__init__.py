"""AWS through its API: what boto3 gives becomes files as a person would save them by hand.

Goes in: a source and a wish. Comes out: errands, URLs and findings. Never: changes anything at AWS, or lets an error of the SDK out.
"""

from __future__ import annotations

from egresscost.providers.aws.api.live import AwsLive

LIVE = AwsLive()

__all__ = ["LIVE", "AwsLive"]
