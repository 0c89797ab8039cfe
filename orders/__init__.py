"""Cart, checkout, parcels and their clock, postage, reviews."""
