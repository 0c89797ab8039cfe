"""One's notifications in the API."""
