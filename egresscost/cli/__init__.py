"""The command line: words in, exit codes out.

Goes in: arguments. Comes out: what the rooms below answer, written where it belongs. Never: computes, and imports
nothing heavy before a command runs.
"""
