"""Bytes in: files, folders, patterns and standard input, sniffed, bounded and read as tables in bounded memory.

Goes in: what a user names as input. Comes out: `Blob`s (one file each) and `Table`s (columns, and batches of wanted
columns). Never: knows what a column means.
"""
