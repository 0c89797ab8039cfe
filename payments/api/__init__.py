"""Paying, cancelling and claims in the API."""
