"""What the settings of a production shop must say about telling people."""

from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from notifications.channels import ADAPTERS, adapter_name
from notifications.kinds import SIGN_IN_CODE
from notifications.models import Delivery
from notifications.push_keys import public_key


@register(Tags.compatibility)
def channels_are_set_up(**_kwargs: Any) -> list[CheckMessage]:
    """Each channel has an adapter, and outside the embedded mode none that only pretends to send."""
    found: list[CheckMessage] = []
    for channel, setting in [(Delivery.Channel.SMS, "SMS_BACKEND"), (Delivery.Channel.EMAIL, "EMAIL_CHANNEL")]:
        name = adapter_name(channel)
        if name == "outbox" and not settings.EMBEDDED:
            found.append(
                Error(f"{setting} is “outbox”, which sends nothing and shows sign-in codes.", id="notifications.E001")
            )
        elif name and name not in ADAPTERS:
            found.append(Error(f"{setting} names no known adapter: {name}.", id="notifications.E002"))
        elif not name:
            found.append(
                Warning(
                    f"{setting} is empty: messages over {channel} are kept as failed, and nobody gets them.",
                    hint=f"Set {setting}; docs/telling.md says what each channel takes.",
                    id="notifications.W001",
                )
            )
    found += _aliyun() if settings.SMS_BACKEND == "aliyun" else []
    found += _push() if settings.PUSH_PRIVATE_KEY else []
    return found


def _aliyun() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    needed = ["SMS_ACCESS_KEY_ID", "SMS_ACCESS_KEY_SECRET", "SMS_SIGN_NAME", "SMS_TEMPLATES"]
    if missing := [name for name in needed if not getattr(settings, name)]:
        found.append(Error(f"Aliyun needs {', '.join(missing)}.", id="notifications.E003"))
    if wrong := [kind for kind, entry in settings.SMS_TEMPLATES.items() if not _is_template(entry)]:
        hint = 'Each is {"template": "SMS_1", "params": ["number"]}.'
        found.append(
            Error(f"SMS_TEMPLATES has no template for {', '.join(wrong)}.", hint=hint, id="notifications.E004")
        )
    elif settings.SMS_TEMPLATES and not {"*", SIGN_IN_CODE} <= settings.SMS_TEMPLATES.keys():
        found.append(
            Warning(
                f"SMS_TEMPLATES lacks “*” or “{SIGN_IN_CODE}”: what has no template is told by e-mail or not at all.",
                id="notifications.W002",
            )
        )
    if find_spec("alibabacloud_dysmsapi20170525") is None:
        found.append(Error("SMS_BACKEND=aliyun needs the extra “sms”.", id="notifications.E005"))
    for setting in ("SMS_RECEIPT_TOKEN", "SMS_REPLY_TOKEN"):
        if 0 < len(getattr(settings, setting)) < 20:
            found.append(Error(f"{setting} is too short to be a secret.", id="notifications.E006"))
    return found


def _is_template(entry: Any) -> bool:
    return isinstance(entry, dict) and bool(entry.get("template")) and isinstance(entry.get("params", []), list)


def _push() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    try:
        public_key(settings.PUSH_PRIVATE_KEY)
    except ValueError:
        hint = "manage.py make_push_keys makes one."
        found.append(Error("PUSH_PRIVATE_KEY is no key.", hint=hint, id="notifications.E007"))
    if find_spec("pywebpush") is None:
        found.append(Error("PUSH_PRIVATE_KEY needs the extra “push”.", id="notifications.E008"))
    return found
