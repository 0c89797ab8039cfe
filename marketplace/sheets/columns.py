"""The columns of the sheet: what each is called in both languages, what goes into it, and what would be right.

The words are in Chinese and English at once, in the file itself: it is passed from hand to hand, and whoever opens it next
may read the other language.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marketplace.search import normalised

COMMENT = "※"  # a row that begins with it explains and is never read


@dataclass(frozen=True)
class Column:
    """One column. `right` is an example that would be accepted, in the reader's language, for messages about a cell."""

    key: str
    zh: str
    en: str
    zh_help: str
    en_help: str
    right: str | Promise
    width: int = 14

    @property
    def heading(self) -> str:
        return f"{self.zh} {self.en}"

    def names(self) -> set[str]:
        """All the headings this column is known by, made comparable."""
        return {_plain(name) for name in (self.key, self.zh, self.en, self.heading)}


def _plain(text: str) -> str:
    return "".join(char for char in normalised(text) if char.isalnum())


COLUMNS = (
    Column(
        "listing",
        "商品编号",
        "Listing",
        "新商品空着；改已有的，照导出的表填",
        "Empty for something new; as exported for what is there",
        _("the number from your export, or nothing for something new"),
    ),
    Column(
        "produce",
        "品种",
        "Produce",
        "名称、拼音或英文：脐橙、qicheng、Navel orange",
        "Its name in Chinese, pinyin or English",
        _("a name from the list of produce, such as 脐橙, qicheng or Navel orange"),
    ),
    Column(
        "weight",
        "每箱重量",
        "Box weighs",
        "要写单位：5kg 或 10斤",
        "With its unit: 5 kg or 10斤 (jin)",
        _("a weight with its unit, such as 5 kg or 10斤"),
    ),
    Column(
        "price",
        "每箱价格（元）",
        "Price of a box (yuan)",
        "不含运费，如 49.8",
        "Without postage, such as 49.80",
        _("an amount in yuan, such as 49.80"),
        16,
    ),
    Column(
        "left",
        "可卖箱数",
        "Boxes left to sell",
        "还能卖几箱，0 就是卖完",
        "How many can still be sold; 0 stops it",
        _("a whole number, such as 20"),
        16,
    ),
    Column(
        "picked_on",
        "采摘日期",
        "Picked on",
        "已经摘了的填，如 2026-11-22",
        "If it is picked: 2026-11-22",
        _("a day such as 2026-11-22"),
    ),
    Column(
        "expected_from",
        "预计开摘",
        "Picking begins",
        "还没摘的填这两格",
        "If it is not picked yet: first day",
        _("a day such as 2026-12-01"),
    ),
    Column(
        "expected_until",
        "预计摘完",
        "Picking ends",
        "还没摘的填这两格",
        "If it is not picked yet: last day",
        _("a day such as 2026-12-20"),
    ),
    Column(
        "grade",
        "等级",
        "Grade",
        "特级、一级、二级或统货；空着算一级",
        "special, first, second or mixed; empty: first",
        _("special, first, second or mixed"),
    ),
    Column(
        "origin",
        "产地（乡镇）",
        "Where it grows",
        "写到乡镇就行；空着用您登记的乡镇",
        "The town is enough; empty: your own town",
        _("a town, at most 60 characters"),
    ),
    Column(
        "keeps_days",
        "保存天数",
        "Days it keeps",
        "从采摘算起；空着按品种的一般天数",
        "From picking; empty: usual for the produce",
        _("a whole number of days, such as 30"),
    ),
    Column(
        "words",
        "您的话",
        "In your own words",
        "一两句，最多 300 字",
        "One or two sentences, at most 300 characters",
        _("at most 300 characters"),
        40,
    ),
    Column(
        "photos",
        "照片代码",
        "Photos",
        "先传照片再填代码，空格隔开；也可以以后在草稿里加",
        "Codes of photos you uploaded, with spaces between; or add them later",
        _("codes such as p3f29c01a77de, from the page of your photos"),
        30,
    ),
    Column(
        "lot",
        "批次码",
        "Harvest code",
        "新的一批空着；改已有的，照导出的表填",
        "Empty for a new harvest; as exported for one that is there",
        _("the code from your export, or nothing for a new harvest"),
    ),
    Column(
        "left_then",
        "导出时箱数（别改）",
        "Boxes at export (leave)",
        "导出时还剩的箱数，请别动",
        "How many were left at export: please leave as it is",
        _("the number from your export"),
        16,
    ),
)
BY_KEY = {column.key: column for column in COLUMNS}
_BY_NAME = {name: column.key for column in COLUMNS for name in column.names()}
FOR_SOMETHING_NEW = ("produce", "weight", "price", "left")


def column_called(text: str) -> str | None:
    """The key of the column with this heading, however it is written; None if there is none."""
    plain = _plain(text)
    return _BY_NAME.get(plain)


def explanations() -> list[list[str]]:
    """The rows under the headings of a template: what goes where, in Chinese and in English."""
    return [
        [f"{COMMENT} {text}" if at == 0 else text for at, text in enumerate(texts)]
        for texts in ([c.zh_help for c in COLUMNS], [c.en_help for c in COLUMNS])
    ]
