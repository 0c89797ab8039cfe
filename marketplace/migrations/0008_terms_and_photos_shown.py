"""The words that listings had better not say; and photos that were public until now are written down as such."""

from django.db import migrations

ADS = (
    "广告法第九条：不得使用“国家级”“最高级”“最佳”等用语。",
    "Advertising law, article 9: no “best”, “first” or “national level”.",
)
CURE = (
    "广告法第十七条：食品和农产品不得说治病、防病或药效。",
    "Advertising law, article 17: food must not be said to cure or prevent illness.",
)
MARK = (
    "地理标志、绿色、有机等标志要有证书才能说，请农户出示。",
    "Geographical indications and organic or green marks need a certificate: ask the farmer for it.",
)
AWAY = (
    "请在平台内联系和付款，出了事我们才帮得上。",
    "People should talk and pay here, or we cannot help when something goes wrong.",
)

FINE_ZUI = "最近 最后 最少 最多 最晚 最早 最终 最迟"
FINE_FIRST = "第一次 第一天 第一茬 第一批 第一季 第一年 第一时间 第一书记"
TERMS = [
    *((term, "SUPERLATIVE", fine, *ADS) for term, fine in [
        ("最", FINE_ZUI), ("第一", FINE_FIRST), ("国家级", ""), ("世界级", ""), ("顶级", ""), ("极品", ""), ("独一无二", ""),
        ("全网", ""), ("史上", ""), ("首选", ""), ("唯一", ""), ("特供", ""), ("御用", ""), ("驰名", ""), ("百分之百", ""),
        ("best", ""), ("number one", ""), ("no 1", ""), ("world class", ""), ("unrivalled", ""),
    ]),
    *((term, "MEDICAL", fine, *CURE) for term, fine in [
        ("治疗", ""), ("治病", ""), ("疗效", ""), ("药效", ""), ("抗癌", ""), ("防癌", ""), ("降血压", ""), ("降血糖", ""),
        ("降血脂", ""), ("降三高", ""), ("糖尿病", ""), ("高血压", ""), ("壮阳", ""), ("补肾", ""), ("排毒", ""), ("减肥", ""),
        ("根治", ""), ("包治", ""), ("消炎", ""), ("抗病毒", ""), ("提高免疫力", ""), ("增强免疫力", ""), ("保健", ""),
        ("cure", ""), ("cures", ""), ("cancer", ""), ("diabetes", ""), ("blood pressure", ""), ("immune system", ""),
        ("detox", ""), ("lose weight", ""),
    ]),
    *((term, "MARK", fine, *MARK) for term, fine in [
        ("地理标志", ""), ("地标产品", ""), ("国家地理", ""), ("原产地保护", ""), ("有机", "有机肥 有机质 有机会 有机物"),
        ("绿色食品", ""), ("无公害", ""), ("富硒", ""), ("贡品", ""), ("贡米", ""), ("贡茶", ""), ("五常大米", ""),
        ("西湖龙井", ""), ("阳澄湖", ""), ("geographical indication", ""), ("certified organic", ""),
    ]),
    *((term, "CONTACT", fine, *AWAY) for term, fine in [
        ("微信", "微信支付"), ("薇信", ""), ("威信", "有威信"), ("加v", ""), ("vx", ""), ("wechat", ""), ("weixin", ""),
        ("qq", ""), ("扣扣", ""), ("淘宝", ""), ("拼多多", ""), ("抖音", ""), ("快手", ""), ("小红书", ""), ("闲鱼", ""),
        ("私聊", ""), ("加我", ""), ("扫码", ""), ("二维码", ""), ("公众号", ""), ("taobao", ""), ("whatsapp", ""),
        ("telegram", ""),
    ]),
]  # fmt: skip


def load_terms(apps, schema_editor):
    """What is there already stays as staff have left it."""
    term = apps.get_model("marketplace", "ForbiddenTerm")
    term.objects.bulk_create(
        [
            term(term=word, kind=kind, fine_in=fine, why_zh=why_zh, why_en=why_en)
            for word, kind, fine, why_zh, why_en in TERMS
        ],
        ignore_conflicts=True,
    )


SHOWN = "UPDATE marketplace_photo SET approved_at = uploaded_at, public_at = uploaded_at WHERE status = 'READY'"


class Migration(migrations.Migration):
    dependencies = [("marketplace", "0007_moderation_at_depth")]

    operations = [
        migrations.RunPython(load_terms, migrations.RunPython.noop),
        migrations.RunSQL(SHOWN, migrations.RunSQL.noop),
    ]
