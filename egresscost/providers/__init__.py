"""The clouds: everything that one of them says in its own words.

Goes in: files and texts of one cloud. Comes out: the house's own words (`Lines`, `Placement`, `Manifest`). Never:
another cloud.
"""
