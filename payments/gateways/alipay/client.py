"""How Alipay is spoken to: parameters sorted and signed by us, answers and notifications signed by them. RSA2 only.

RSA2 is SHA256-RSA2048. Signatures over SHA-1 (`sign_type=RSA`) are never believed, whatever a message says of itself.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from payments.gateways import calling, keys
from payments.gateways.base import BadSignature, GatewayError, GatewayUnavailable, MalformedNotification
from payments.gateways.reading import an_answer, json_object

SHANGHAI = ZoneInfo("Asia/Shanghai")  # all their times are of there, and say so nowhere
TIME = "%Y-%m-%d %H:%M:%S"
OK, BUSINESS_ERROR = "10000", "40004"
MAX_BILL = 32 * 1024 * 1024

_private_key = lru_cache(maxsize=4)(keys.private_key)
_public_key = lru_cache(maxsize=4)(keys.public_key)


class AlipaySays(GatewayError):
    """A no of theirs about what was asked, by its sub-code."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(f"{code}: {message}"[:200])


def their_key() -> RSAPublicKey:
    """The key whose signatures we believe: Alipay's, not our own. Raises BadKey."""
    return _public_key(settings.ALIPAY_PUBLIC_KEY)


def shanghai_time(moment: datetime) -> str:
    """As they write times."""
    return moment.astimezone(SHANGHAI).strftime(TIME)


def utc_time(text: object) -> datetime:
    """From how they write times. Raises MalformedNotification."""
    try:
        return (
            datetime.strptime(str(text)[:19], TIME).replace(tzinfo=SHANGHAI).astimezone(timezone.get_current_timezone())
        )
    except ValueError as error:
        raise MalformedNotification("time") from error


def to_be_signed(params: Mapping[str, str]) -> bytes:
    """`a=1&b=2`, sorted, values as they are."""
    return "&".join(f"{name}={params[name]}" for name in sorted(params)).encode()


def signed(method: str, values: Mapping[str, Any], **more: str) -> dict[str, str]:
    """The parameters of a request, signature and all; `more`: notify_url, return_url."""
    params = {
        "app_id": settings.ALIPAY_APP_ID,
        "method": method,
        "format": "JSON",
        "charset": "utf-8",
        "sign_type": "RSA2",
        "timestamp": shanghai_time(timezone.now()),
        "version": "1.0",
        "biz_content": json.dumps(values, ensure_ascii=False, separators=(",", ":")),
        **{name: value for name, value in more.items() if value},
    }
    try:
        return {**params, "sign": keys.sign(_private_key(settings.ALIPAY_PRIVATE_KEY), to_be_signed(params))}
    except keys.BadKey as error:
        raise ImproperlyConfigured(f"ALIPAY_PRIVATE_KEY: {error}") from error


def page_url(method: str, values: Mapping[str, Any], **more: str) -> str:
    """The address of a page of theirs, for the buyer's browser."""
    return f"{settings.ALIPAY_GATEWAY_URL}?{urlencode(signed(method, values, **more))}"


def ask(method: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Call their API: the answer to a success.

    Raises AlipaySays for their no, GatewayUnavailable where nothing can be known (no answer, 5xx, their own trouble, an
    answer that they did not sign).
    """
    answer = calling.call(
        "POST",
        f"{settings.ALIPAY_GATEWAY_URL}?charset=utf-8",
        data=signed(method, values),
        headers={"User-Agent": "Chushan"},
    )
    if answer.status != 200:
        raise GatewayUnavailable(f"HTTP {answer.status}")
    with an_answer():
        told = read_answer(answer.body, f"{method.replace('.', '_')}_response")
    if told.get("code") == OK:
        return told
    if told.get("code") == BUSINESS_ERROR and not str(told.get("sub_code", "")).endswith("SYSTEM_ERROR"):
        raise AlipaySays(str(told.get("sub_code", "")), str(told.get("sub_msg", "")))
    raise GatewayUnavailable(f"{str(told.get('code'))[:8]} {str(told.get('sub_code'))[:64]}")


def read_answer(body: bytes, name: str) -> dict[str, Any]:
    """The object called `name`, whose very characters they signed. Raises MalformedNotification, GatewayUnavailable."""
    try:
        text = body.decode()
        found = re.match(rf'\s*\{{\s*"{re.escape(name)}"\s*:\s*', text)
        if found is None:
            raise MalformedNotification(f"no {name}")
        _object, end = json.JSONDecoder().raw_decode(text, found.end())
        signature = json_object(text).get("sign")
    except (ValueError, RecursionError) as error:
        raise MalformedNotification("not JSON") from error
    said = text[found.end() : end]
    if not isinstance(signature, str) or not keys.is_signed(their_key(), said.encode(), signature):
        raise GatewayUnavailable("answer not signed as it should be")
    return json_object(said)


def read_notification(body: bytes) -> dict[str, str]:
    """The fields of a notification that they signed. Raises BadSignature, MalformedNotification."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, strict_parsing=True, max_num_fields=100, errors="strict"
        )
    except ValueError as error:
        raise MalformedNotification("not a form") from error
    fields = dict(pairs)
    if len(fields) != len(pairs) or any("\0" in value for value in fields.values()):
        raise MalformedNotification("a field twice, or with NUL")
    if fields.get("sign_type") != "RSA2":
        raise BadSignature("sign_type")
    signed_fields = {name: value for name, value in fields.items() if name not in ("sign", "sign_type")}
    if not keys.is_signed(their_key(), to_be_signed(signed_fields), fields.get("sign", "")):
        raise BadSignature("signature")
    return fields


def download(url: str) -> bytes:
    """A file that an answer of theirs points to; only from a host of theirs. Raises GatewayUnavailable."""
    theirs = re.match(r"https?://([a-z0-9-]+\.)+alipay\.com/", url)  # they give http; it is asked for by https
    ours = settings.ALIPAY_GATEWAY_URL.rsplit("/", 1)[0] + "/"
    if theirs:
        url = "https://" + url.split("://", 1)[1]
    elif not url.startswith(ours):
        raise GatewayUnavailable("a file from somewhere else")
    answer = calling.call("GET", url, max_bytes=MAX_BILL)
    if answer.status != 200:
        raise GatewayUnavailable(f"HTTP {answer.status}")
    return answer.body
