"""People and places: users, farmers and their verification, specialists, counties, regions, addresses."""
