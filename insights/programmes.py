"""What the fund does in a county: its programmes for that county alone, from the fund's own figures. In fen."""

from dataclasses import dataclass

from accounts.models import County
from fund.models import Programme
from fund.queries import Figures, programmes_of
from insights.grouping import ENOUGH


@dataclass(frozen=True)
class There:
    """A programme as a county's page tells of it. Fewer than five people whom its grants reached are not told of."""

    programme: Programme
    figures: Figures

    @property
    def came_fen(self) -> int:
        """Given, or allotted by the fund, less what went back."""
        return self.figures.given + self.figures.allotted - self.figures.back

    @property
    def people(self) -> int | None:
        """None: none are reported yet, or too few."""
        return self.figures.people if self.figures.people >= ENOUGH else None

    @property
    def state(self) -> str:
        """Moves with all of it that is shown."""
        told = (self.programme.name_zh, self.programme.name_en, self.programme.is_open, self.programme.target_fen)
        return f"{self.programme.pk}:{told}:{self.figures}"


def there(county: County) -> list[There]:
    """The county's programmes, those that are open first. Three queries, one where there are none."""
    return [There(programme, figures) for programme, figures in programmes_of(county)]
