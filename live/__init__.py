"""Broadcasts: live streams by farmers with listings on the table. Nothing is built here yet."""
