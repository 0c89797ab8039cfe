"""Every write of carts, orders, parcels and reviews, by subject."""
