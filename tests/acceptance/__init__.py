"""Promises to the people who use the shop: one file each, named after the promise, on real processes."""
