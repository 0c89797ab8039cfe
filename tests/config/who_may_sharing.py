"""Who may open and send what of sharing, and of being shown; read as MAY in test_who_may.py."""

SHARING: dict[str, tuple[str, str, str]] = {
    "marketplace:share_thing": ("200 200 200 200", "405 405 405", "buyer"),
    "marketplace:share_make": ("405 405 405 405", "in -> ->", "buyer"),
    "marketplace:share_poster": ("200 200 200 200", "405 405 405", "buyer"),
    "marketplace:share_open": ("-> -> -> ->", "405 405 405", "buyer"),
    "orders:share_list": ("in 200 200 200", "in -> ->", "buyer"),
    "marketplace:showing": ("in join 200 200", "in join ->", "grower"),
    "marketplace:showing_photo": ("405 405 405 405", "in join 404", "grower"),
    "orders:label_sheet": ("in 404 404 200", "405 405 405", "grower"),
    "orders:packing_sheet": ("in 404 200 200", "405 405 405", "grower"),
}
