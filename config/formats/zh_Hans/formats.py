"""11月24日 14:05."""

MONTH_DAY_FORMAT = "n月j日"  # Django's own says 09月28日
SHORT_DATETIME_FORMAT = "n月j日 H:i"  # beside a date that has the year
