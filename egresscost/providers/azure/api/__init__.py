"""Azure's APIs, asked with the user's own credentials: bills, flow logs, inventories.

Goes in: a source and what is wanted. Comes out: errands, and addresses of objects. Never: writes to a subscription, or keeps a
secret.
"""
