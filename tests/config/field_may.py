"""What works without signal, by who may. Rows as in test_who_may.py."""

FIELD_MAY = {
    "text_size": ("-> -> -> ->", "405 405 405", "grower"),
    "field:worker": ("200 200 200 200", "405 405 405", "grower"),
    "field:manifest": ("200 200 200 200", "405 405 405", "grower"),
    "field:token": ("in 200 200 200", "405 405 405", "grower"),
    "field:home": ("in join 200 200", "405 405 405", "grower"),
    "field:entry": ("in join 200 200", "in join 422", "grower"),
    "field:withdraw": ("405 405 405 405", "in join 404", "grower"),
    "field:photo_up": ("in 404 200 200", "in 404 422", "grower"),
    "field:photo": ("in 404 404 200", "405 405 405", "grower"),
    "field:home_for": ("in 404 404 200", "405 405 405", "helper"),
    "field:entry_for": ("in 404 404 200", "in 404 404", "helper"),
    "field:withdraw_for": ("405 405 405 405", "in 404 404", "helper"),
}
