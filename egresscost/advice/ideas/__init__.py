"""One idea a file: where money goes that need not go.

Goes in: a `Case`. Comes out: proposals. Never: prices, or decides whether a change pays.
"""
