"""Gateways, payments and refunds; the ledger, claims and payouts come to live here too."""
