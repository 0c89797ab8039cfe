"""Every write of accounts: people, farmers, who verified them, addresses."""
