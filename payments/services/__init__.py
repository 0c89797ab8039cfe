"""Every write of payments, by subject."""
