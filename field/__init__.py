"""Entries made in the field: filled in without signal, kept on the phone, taken in once."""
