"""Which border bytes cross, in which direction and by which path; and at which one record they are priced.

Goes in: what flow logs saw, inventories, whose an address is, and the rules of a cloud as data. Comes out: crossings, one
row for each priced crossing or charge. Never: knows a cloud by name, knows a price, or loses a byte.
"""
