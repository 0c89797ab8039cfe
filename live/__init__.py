"""Broadcasts: live streams by farmers with listings on the table."""
