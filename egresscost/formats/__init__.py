"""What belongs to no one cloud: reading bills of any layout, deliveries, and the FOCUS format.

Goes in: tables and the providers' mappings. Comes out: the bill frame. Never: a branch on a provider's name.
"""
