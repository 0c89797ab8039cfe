"""One file for each part of the shop. Each has `prepare(shop)`, which returns the targets to measure."""
