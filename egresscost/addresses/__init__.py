"""Whose an address is: provider, region and service by longest prefix, else the country.

Goes in: addresses as numbers. Comes out: places. Never: asks a network, or takes a private address for the internet.
"""
