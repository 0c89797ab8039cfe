"""Listings and lots from a sheet: taken in, planned against what there is, saved as a whole or not at all."""

from marketplace.services.imports.running import run_next
from marketplace.services.imports.taking import confirm_sheet, drop_sheet, take_sheet

__all__ = ["confirm_sheet", "drop_sheet", "run_next", "take_sheet"]
