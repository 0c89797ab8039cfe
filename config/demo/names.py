"""Invented people and places: plain names as there are thousands of, towns and villages that are on no map."""

import random
from dataclasses import dataclass

SURNAMES = list("王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程苏魏吕丁任沈")
WOMEN = [
    "桂兰",
    "秀英",
    "玉梅",
    "春燕",
    "丽华",
    "小红",
    "秀兰",
    "月娥",
    "凤英",
    "桂花",
    "美玲",
    "素珍",
    "晓霞",
    "玉兰",
    "金凤",
    "冬梅",
    "彩云",
    "雪梅",
    "翠芳",
    "红霞",
    "淑芬",
    "腊梅",
    "春花",
    "秋菊",
    "兰香",
    "巧云",
]
MEN = [
    "建国",
    "志强",
    "国庆",
    "大山",
    "永福",
    "长生",
    "卫东",
    "德贵",
    "海生",
    "金水",
    "文华",
    "光明",
    "正华",
    "小军",
    "志明",
    "富贵",
    "新民",
    "家旺",
    "树林",
    "春生",
    "水生",
    "兴旺",
    "学文",
    "安平",
    "石头",
    "有田",
]
TIBETAN = {True: ["卓玛", "央金", "拉姆", "德吉", "白玛"], False: ["扎西", "次仁", "多吉", "丹增", "平措"]}
UYGHUR = {
    True: ["阿依古丽", "热孜万", "古丽娜", "帕提曼", "阿米娜"],
    False: ["买买提", "艾力", "吐尔逊", "阿卜杜拉", "玉素甫"],
}
TOWNS = [
    "青石镇",
    "白水镇",
    "新田镇",
    "大坪乡",
    "石桥镇",
    "清溪乡",
    "松林镇",
    "双河乡",
    "高岭乡",
    "柳塘镇",
    "云台乡",
    "东坡镇",
]
VILLAGES = [
    "新村",
    "上坪村",
    "河边村",
    "松树村",
    "大湾村",
    "石头村",
    "向阳村",
    "老井村",
    "坡脚村",
    "桥头村",
    "竹林村",
    "南山村",
]
BUYERS_ENGLISH = ["Anna Weber", "James Lee", "Maria Rossi"]

STREETS = ["人民路", "中山路", "解放路", "建设路", "和平路", "文化路", "新华路", "长江路", "花园路", "学府路"]
# Where buyers live: codes of a county-level region in a big city.
BUYER_PLACES = [
    "110105", "110108", "310104", "310110", "310115", "440106", "440305", "440304", "330106", "320106", "320505", "510104",
    "510107", "420106", "430103", "500103", "610113", "210102", "370202", "350203", "120101", "340104", "410105", "530102",
]  # fmt: skip


@dataclass(frozen=True)
class Person:
    """Somebody's name, and whether a woman's."""

    name: str
    is_woman: bool


def person(dice: random.Random, province: str = "", *, woman: bool | None = None) -> Person:
    """A name as people have it in that province (in English)."""
    is_woman = dice.random() < 0.5 if woman is None else woman
    if province == "Tibet":
        return Person(dice.choice(TIBETAN[is_woman]), is_woman)
    if province == "Xinjiang" and dice.random() < 0.6:
        return Person(dice.choice(UYGHUR[is_woman]), is_woman)
    return Person(dice.choice(SURNAMES) + dice.choice(WOMEN if is_woman else MEN), is_woman)


def phone(number: int) -> str:
    """A phone that no telephone has: nobody real is ever rung up because of the demo."""
    return f"+86140{number:08d}"


def card_number(dice: random.Random) -> str:
    """Sixteen digits that pass the check digit, of no bank: they begin with 9."""
    digits = [9] + [dice.randrange(10) for _ in range(14)]
    doubled = [digit * (2 - index % 2) for index, digit in enumerate(digits)]
    total = sum(value - 9 if value > 9 else value for value in doubled)
    return "".join(map(str, digits)) + str(-total % 10)


def street_address(dice: random.Random) -> str:
    return f"{dice.choice(STREETS)}{dice.randint(1, 320)}号{dice.randint(1, 28)}栋{dice.randint(1, 18)}0{dice.randint(1, 4)}室"
