"""11月24日 14:05."""

SHORT_DATETIME_FORMAT = "n月j日 H:i"  # beside a date that has the year
