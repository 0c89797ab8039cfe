"""The API's tokens, its kept answers, and what people and places look like in it."""
