"""The shop window: storefronts, produce, listings, lots and their stock, photos, search, moderation."""
