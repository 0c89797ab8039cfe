"""The fund: gifts, programmes and grants in five areas, every fen of it in the ledger."""
