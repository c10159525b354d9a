"""What one end, or two, said in flow logs: boundary by boundary, who pays what for it, and what must let it through.

Goes in: a request, and names or addresses of ends. Comes out: `Conversation`s. Never: prices a talk alone, or takes one of
two networks that use the same address.
"""

from __future__ import annotations

from egresscost.conversation.answer import converse, explain

__all__ = ["converse", "explain"]
