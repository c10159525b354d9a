"""Flow logs as rows of the normalized frame: scanned, placed and priced.

Goes in: flow-log files, inventories, address ranges, rate cards. Comes out: the flows frame, and what must be known of it.
Never: adds flows to a bill.
"""

from __future__ import annotations

from egresscost.flows.read import FlowOptions, FlowRead, prices, read_flows, recognize

__all__ = ["FlowOptions", "FlowRead", "prices", "read_flows", "recognize"]
