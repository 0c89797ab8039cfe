"""Pages of the shop window, by subject."""
