"""A shop of a hundred thousand listings in a minute or two: for looking at speed, and at pages with very much on them.

The rest of the demo calls the services, one deed after another; that takes hours here. So the rows that the services
would have left behind are made directly and copied in by the thousand. `rows` says which they are, and a test holds them
against the services' own, column by column. Nobody is sent a notice of any of it.
"""
