"""What farmers, buyers and moderators say in the demo, in Chinese as they would. No claim about health, prizes or marks."""

import random

# The farmer's sentence under a listing, by the group or kind of produce.
LISTING = {
    "navel-orange": [
        "皮薄汁多，早上摘下午发。",
        "自家果园的脐橙，不打蜡，大小有些不一样。",
        "树上熟的，甜里带一点酸。",
    ],
    "passion-fruit": ["皱皮的更甜，收到放两天再吃。", "现摘现发，切开满屋子香。"],
    "apple": ["高山昼夜温差大，果子脆甜。", "带皮吃，洗洗就行，果面有小斑不影响吃。"],
    "kiwifruit": ["收到还硬，和苹果放一起两三天就软了。", "自家老果园，个头不大味道足。"],
    "potato": ["沙地里种的，煮着面，炒着脆。", "带点泥发货，能多放一阵子。"],
    "raw-honey": ["自家养的蜂，一年只取一次。", "天冷会结晶，是正常的，用温水化开就好。"],
    "fruit": ["自家果园种的，熟了才摘。", "个头不算齐，味道实在。", "早上摘，当天装箱。", "坏果包赔，拍照给我就行。"],
    "vegetables": ["地里现收，带泥更新鲜。", "自家吃的也是这一块地。", "不赶时间，长够日子才收。"],
    "mushrooms": ["自家晒的，泡发后香。", "干净没沙，泡两小时就能用。"],
    "grains": ["今年的新粮，现碾现发。", "山泉水浇的田，煮饭香。", "自家留的老种子，产量不高味道好。"],
    "nuts-dried": ["今年的新货，自家晒干的。", "挑过一遍，坏的少。", "干透了才装袋，放得住。"],
    "tea-drinks": ["自家茶园，手工采的。", "春天采的，量不多。", "山上雾大，茶味厚一点，先泡淡些。"],
    "honey": ["自家养的蜂，一年只取一次。"],
    "": ["自家种的，请尝尝。"],
}

STORIES = [
    "我们家在{county}{town}种{produce}有{years}年了。地不大，都是自己人干活。以前挑到镇上卖，现在直接寄到您家。",
    "{county}山高路远，{produce}好但不好卖。前年村里通了快递，我们就自己装箱自己寄，早上下地，下午打包。",
    "一家{people}口人守着{years}亩{produce}。活儿细，不敢说最好，但每一箱都是自己挑的。收到有问题直接告诉我，我负责。",
    "孩子在外面上学，我和老伴在家种{produce}。字认得不多，照片是孩子教我拍的。东西是实在东西。",
    "从爷爷那辈起就种{produce}。{town}早晚凉，长得慢，味道足。忙的时候邻居都来帮忙，卖得好大家都高兴。",
]
COOPERATIVE_STORIES = [
    "我们是{county}{town}的合作社，{people}户人家一起种{produce}。统一挑选，统一打包，谁家的货箱子上都写得清楚。",
    "合作社成立{years}年，种{produce}的大多是村里的妇女。卖出去的钱按斤数分到各家，账在村里墙上贴着。",
]

REVIEWS = {
    5: [
        "很新鲜，家里老人孩子都爱吃。", "比超市的好吃，包装也仔细，一个都没坏。", "第二次买了，味道和上次一样好。",
        "农户还手写了张纸条，很暖心。", "发货快，隔天就到，果香很足。", "分量足，回头还来。",
    ],
    4: ["味道不错，个头有大有小。", "好吃，就是路上走了四天。", "东西好，箱子压扁了一点，里面没事。"],
    3: ["味道还行，没有想象中甜。", "有两个碰伤了，其他都好。"],
    2: ["坏了好几个，希望包装再厚一点。"],
    1: ["收到时软了一半，有点失望。"],
}  # fmt: skip

CHANGE_REASONS = [
    "照片有点暗，看不清果子，请在亮处再拍一张",
    "请写清楚是哪个村种的",
    "一箱的重量和照片不太像，请再称一下",
]
TAKE_DOWN_REASON = "照片不是自家的货，请换成自己拍的"
REJECT_REASON = "这里只卖自家种的东西，这一样不在能卖的范围里"
APPEAL = "照片是我闺女上周在自家地里拍的，背后就是村小学，请再看看。"
REPORTS = [("COPIED", "这张照片我在别处见过。"), ("FALSE", "写着自家种的，箱子上贴的是别处的标。")]
VERIFY_REASONS = ["电话核实，村委会证明属实", "特派员到地里看过", "身份与村名核对无误"]
REFUSE_REASON = "收款人和申请人对不上，请写明关系或换成本人的账号"
CANCEL_REASONS = ["下雨采不了，怕耽误您，先退款", "这批个头不够，不好意思"]
CLAIMS = ["打开箱子有几个已经烂了，压在最底下，其他的都好。", "路上颠坏了四五个，流了汁，箱子底下都湿了。"]
CLAIM_ANSWERS = [
    "装箱那天都是好的，每个都套了网，可能是路上压的。",
    "发货前我都挑过，烂的不会装。天热，路上多走了一天。",
]
CLAIM_REASON = "路上坏的也不该由买家承担，按坏的数量退"
SHOWS = ["演示：今天摘的都在这儿", "演示：晚上来果园看看", "演示：第一次直播，多捧场"]
TALK = [
    ("今天摘的明天能发吗？", "能发，早上摘，下午就装箱。"),
    ("酸不酸？家里老人吃", "不酸，熟透了才摘的，老人也能吃。"),
]
ORDER_NOTES = ["", "", "", "", "请放门卫", "送人的，麻烦包好一点", "不急，攒够一车再发也行"]


def listing_sentence(dice: random.Random, produce: str, group: str) -> str:
    """What a farmer writes under a listing of that kind of produce."""
    return dice.choice(LISTING.get(produce) or LISTING.get(group) or LISTING[""])


def story(dice: random.Random, *, cooperative: bool, county: str, town: str, produce: str) -> str:
    """A storefront's story."""
    return dice.choice(COOPERATIVE_STORIES if cooperative else STORIES).format(
        county=county,
        town=town,
        produce=produce,
        years=dice.randint(5, 26),
        people=dice.randint(3, 6) * (1 + 7 * cooperative),
    )
