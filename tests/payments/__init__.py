"""Payments: what may go wrong with money, and does."""
