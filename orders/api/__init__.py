"""Cart, checkout, orders, parcels and reviews in the API."""
