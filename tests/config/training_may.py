"""Courses and certificates, by who may. Rows as in test_who_may.py."""

TRAINING_MAY = {
    "training:course_list": ("200 200 200 200", "405 405 405", "grower"),
    "training:course_detail": ("200 200 200 200", "405 405 405", "grower"),
    "training:lesson": ("200 200 200 200", "in 422 422", "grower"),
    "training:film": ("404 404 404 404", "405 405 405", "grower"),
    "training:film_poster": ("404 404 404 404", "405 405 405", "grower"),
    "training:certificate_find": ("200 200 200 200", "405 405 405", "stranger"),
    "training:certificate": ("200 200 200 200", "405 405 405", "grower"),
    "training:certificate_qr": ("200 200 200 200", "405 405 405", "grower"),
    "training:figures": ("in 404 404 200", "405 405 405", "moderator"),
}
