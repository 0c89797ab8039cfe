"""The demonstration: an empty embedded shop filled with made-up people, harvests and orders, all marked as such.

Counties, produce and what grows where are real (data/); every person, price, order and review is invented. It goes
through the same services as the pages do, with `now` in the past, so the rules of the shop hold for all of it.
"""
