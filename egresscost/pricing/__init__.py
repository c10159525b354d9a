"""What transfer costs by the public price lists: dated rate cards.

Goes in: what kind of transfer, from where to where, when. Comes out: a ladder of rates with their source and date, or
nothing. Never: calls a cloud, or takes a neighbour's price.
"""
