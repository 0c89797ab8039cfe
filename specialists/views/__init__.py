"""Pages of the county's specialist."""
