"""Pages of orders, by subject."""
