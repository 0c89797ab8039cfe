"""How the API is wired: its settings, addresses, schema and page. What it is made of is in common/api and accounts/api."""
