"""From files of flow logs to small exact rows that can be merged in any order.

Goes in: files that a provider has recognised, tables of places and interfaces. Comes out: `Sightings`, integer sums by
what a record says about who, where to and when. Never: knows a cloud, a price or a boundary, or drops a line uncounted.
"""
