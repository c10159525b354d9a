"""May this merge? A policy judged on a report.

Goes in: a `Report`, a policy, perhaps a baseline. Comes out: verdicts. Never: reads a bill, or ends the process.
"""
