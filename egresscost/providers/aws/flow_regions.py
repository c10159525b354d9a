"""The region that the name of a flow-log object tells: a default flow log has no field for it.

Goes in: a recognised file. Comes out: the same with its region. Never: takes a name for a region that AWS has not.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from egresscost.providers.aws.regions import known

if TYPE_CHECKING:
    from egresscost.sources.flowfiles import FlowFile

_IN_NAME = (
    re.compile(r"/aws-region=([a-z0-9-]+)/"),
    re.compile(r"/vpcflowlogs/([a-z0-9-]+)/"),
    re.compile(r"(?:^|/)\d{12}_vpcflowlogs_([a-z0-9-]+)_fl-"),
)


def with_region(file: FlowFile) -> FlowFile:
    """The file with the region that its object's name or folder tells."""
    name = file.blob.name.replace("\\", "/")
    for pattern in _IN_NAME:
        found = pattern.search(name)
        if found and found[1] in known():
            return replace(file, region=found[1])
    return file
