"""Donations, programmes and grants in five areas. Nothing is built here yet."""
