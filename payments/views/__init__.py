"""Pages of payments, and the door that providers knock at."""
