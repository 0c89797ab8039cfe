"""The rows of test_who_may for figures: open to everybody, but for a county's planning and a farmer's own page."""

INSIGHTS_MAY: dict[str, tuple[str, str, str]] = {
    "insights:nation": ("200 200 200 200", "405 405 405", "buyer"),
    "insights:definitions": ("200 200 200 200", "405 405 405", "buyer"),
    "insights:county_list": ("200 200 200 200", "405 405 405", "buyer"),
    "insights:county": ("200 200 200 200", "405 405 405", "buyer"),
    "insights:produce_list": ("200 200 200 200", "405 405 405", "buyer"),
    "insights:produce": ("200 200 200 200", "405 405 405", "buyer"),
    "insights:league": ("200 200 200 200", "405 405 405", "buyer"),
    "insights:nation_data": ("200 200 200 200", "405 405 405", "buyer"),
    "insights:counties_data": ("200 200 200 200", "405 405 405", "buyer"),
    "insights:kinds_data": ("200 200 200 200", "405 405 405", "buyer"),
    "insights:county_data": ("200 200 200 200", "405 405 405", "buyer"),
    "insights:produce_data": ("200 200 200 200", "405 405 405", "buyer"),
    "insights:report": ("404 404 404 404", "405 405 405", "buyer"),
    "insights:planning": ("in 404 404 200", "405 405 405", "moderator"),
    "insights:asked": ("in join 200 200", "405 405 405", "grower"),
    "insights:league_data": ("200 200 200 200", "405 405 405", "buyer"),
}
