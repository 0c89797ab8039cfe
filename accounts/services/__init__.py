"""Every write of accounts, by subject."""
