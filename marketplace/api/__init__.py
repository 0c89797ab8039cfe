"""The shop window and the moderators' desk in the API."""
