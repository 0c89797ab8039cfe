"""Every write of the shop window, by subject."""
