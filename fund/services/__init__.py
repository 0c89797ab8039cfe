"""Every write of the fund."""
