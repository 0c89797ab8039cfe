"""Text messages over Aliyun (dysmsapi 2017-05-25), with the client that Aliyun publishes: the optional extra `sms`.

Aliyun keeps the words: each kind needs a template that it has approved, and takes only the values. SMS_TEMPLATES says
which: {"parcel_to_pack": {"template": "SMS_1", "params": ["number", "until"]}, "*": {"template": "SMS_2", "params":
["title"]}}. A kind's own template is used if every value is there; "*" is for the rest and for several told at once.
"""

import json
from datetime import timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from notifications.channels.base import Message, NotNow, ProviderTrouble, Unsendable

VALUE_MAX = 35  # characters that Aliyun takes for one value of a notice
CONNECT_MS, READ_MS = 2000, 5000

#: The number, the words or our contract for them are wrong; asking again won't change that.
USELESS = {
    "isv.MOBILE_NUMBER_ILLEGAL": "the number does not exist",
    "isv.MOBILE_COUNT_OVER_LIMIT": "the number does not exist",
    "isv.BLACK_KEY_CONTROL_LIMIT": "a value holds a forbidden word",
    "isv.PARAM_LENGTH_LIMIT": "a value is too long",
    "isv.PARAM_NOT_SUPPORT_URL": "a value holds an address",
    "isv.TEMPLATE_MISSING_PARAMETERS": "the template wants other values",
    "isv.TEMPLATE_PARAMS_ILLEGAL": "the template takes no such value",
    "isv.SMS_TEMPLATE_ILLEGAL": "the template is not approved",
    "isv.SMS_SIGNATURE_ILLEGAL": "the signature is not approved",
    "isv.INVALID_PARAMETERS": "a value is refused",
    "isv.INVALID_JSON_PARAM": "a value is refused",
}
BUSINESS_LIMIT = "isv.BUSINESS_LIMIT_CONTROL"  # too many to one number: 1 a minute, 5 an hour, 10 a day for codes


class AliyunChannel:
    """One SendSms call. OutId is the delivery's key, which the delivery report brings back."""

    def send(self, message: Message) -> str:
        template, values = template_for(message)
        answer = _ask(message, template, values)
        code = str(answer.get("Code") or "")
        if code == "OK" and answer.get("BizId"):
            return str(answer["BizId"])
        if code in USELESS:
            raise Unsendable(f"{code}: {USELESS[code]}")
        if code == BUSINESS_LIMIT:
            raise NotNow(code, _wait_for(str(answer.get("Message") or "")))
        raise ProviderTrouble(code[:80] or "an answer without a code")


def template_for(message: Message) -> tuple[str, dict[str, str]]:
    """The template's code and its values. Raises Unsendable where no template fits.

    A value is cut to what Aliyun takes; a link is never one of them, since Aliyun refuses those.
    """
    values = {**message.values, "title": message.subject, "count": str(message.count)}
    kind, _, _audience = message.kind.partition("/")
    names = ["*"] if message.count > 1 else [message.kind, kind, "*"]
    for name in names:
        entry = settings.SMS_TEMPLATES.get(name)
        if entry and all(values.get(param) for param in entry.get("params", [])):
            return entry["template"], {param: _short(values[param]) for param in entry.get("params", [])}
    raise Unsendable(f"no template for {kind}")


def _short(value: str) -> str:
    return value if len(value) <= VALUE_MAX else f"{value[: VALUE_MAX - 1]}…"


def _ask(message: Message, template: str, values: dict[str, str]) -> dict[str, Any]:
    """Call SendSms and return the answer's body. What Aliyun refuses with an HTTP error is an answer too."""
    from alibabacloud_dysmsapi20170525.models import SendSmsRequest
    from darabonba.runtime import RuntimeOptions

    request = SendSmsRequest(
        phone_numbers=_national(message.address),
        sign_name=settings.SMS_SIGN_NAME,
        template_code=template,
        template_param=json.dumps(values, ensure_ascii=False),
        out_id=message.key,
    )
    runtime = RuntimeOptions(autoretry=False, max_attempts=1, connect_timeout=CONNECT_MS, read_timeout=READ_MS)
    client = _client(settings.SMS_ENDPOINT, settings.SMS_ACCESS_KEY_ID, settings.SMS_ACCESS_KEY_SECRET)
    try:
        response = client.send_sms_with_options(request, runtime)
    except Exception as error:
        code = getattr(error, "code", None)
        if isinstance(code, str) and code:
            return {"Code": code, "Message": str(getattr(error, "message", ""))}
        raise
    body = response.body
    return {"Code": body.code, "Message": body.message, "BizId": body.biz_id} if body else {}


@lru_cache(maxsize=4)
def _client(endpoint: str, key_id: str, key_secret: str) -> Any:
    """Aliyun's client. Imported here, because it takes seconds and only the worker sends."""
    from alibabacloud_dysmsapi20170525.client import Client
    from alibabacloud_tea_openapi.models import Config

    place = urlsplit(endpoint if "://" in endpoint else f"https://{endpoint}")
    return Client(
        Config(
            access_key_id=key_id,
            access_key_secret=key_secret,
            endpoint=place.netloc,
            protocol=place.scheme,
        )
    )


def _national(phone: str) -> str:
    """As Aliyun writes numbers: eleven digits inside China, country code and number elsewhere."""
    return phone.removeprefix("+86") if phone.startswith("+86") else phone.removeprefix("+")


def _wait_for(said: str) -> timedelta:
    """How long a number is closed to us, from the Chinese sentence that comes with the limit."""
    if "天" in said:
        return timedelta(hours=12)
    return timedelta(hours=1) if "小时" in said else timedelta(seconds=65)
