"""Paying inside WeChat's own browser (JSAPI): there a trade is opened for one person, by the openid they have with our app.

Who that is, WeChat tells by a redirect that asks nobody anything (scope snsapi_base) and a code that we exchange. The
address and the fields: https://pay.weixin.qq.com/doc/v3/merchant/4012791870 and
https://developers.weixin.qq.com/doc/offiaccount/OA_Web_Apps/Wechat_webpage_authorization.html
"""

import re
import secrets
from urllib.parse import urlencode

from django.conf import settings
from django.utils import timezone

from payments.gateways import calling
from payments.gateways.base import GatewayRefused, GatewayUnavailable
from payments.gateways.reading import an_answer, json_object
from payments.gateways.wechat import client

#: Before the number of an opened trade: it is for WeChat's browser to pay, not an address to go to.
SCHEME = "wechat-jsapi:"
OPENID = re.compile(r"[A-Za-z0-9_-]{6,128}")


def is_set_up() -> bool:
    """Whether we can ask WeChat who somebody is."""
    return bool(settings.WECHAT_APP_ID and settings.WECHAT_APP_SECRET)


def asking_url(*, return_url: str, state: str) -> str:
    """Where WeChat's browser is sent, to come back to `return_url` with a code and our `state`."""
    asked = {
        "appid": settings.WECHAT_APP_ID,
        "redirect_uri": return_url,
        "response_type": "code",
        "scope": "snsapi_base",
        "state": state,
    }
    return f"{settings.WECHAT_OPEN_URL}/connect/oauth2/authorize?{urlencode(asked)}#wechat_redirect"


def openid_of(code: str) -> str:
    """Whose code this is. Raises GatewayUnavailable, and GatewayRefused for a code that is used, old or made up."""
    asked = {
        "appid": settings.WECHAT_APP_ID,
        "secret": settings.WECHAT_APP_SECRET,
        "code": code,
        "grant_type": "authorization_code",
    }
    answer = calling.call("GET", f"{settings.WECHAT_OPEN_API_URL}/sns/oauth2/access_token?{urlencode(asked)}")
    if answer.status != 200:
        raise GatewayUnavailable(f"HTTP {answer.status}")
    with an_answer():
        told = json_object(answer.body)
    openid = told.get("openid")
    if not isinstance(openid, str) or not OPENID.fullmatch(openid):
        raise GatewayRefused(f"errcode {told.get('errcode')}"[:40])
    return openid


def bridge_values(prepay_id: str) -> dict[str, str]:
    """What the page hands to WeChat's browser, signed by us, for this trade."""
    timestamp, nonce = str(int(timezone.now().timestamp())), secrets.token_hex(16)
    package = f"prepay_id={prepay_id}"
    signed = "".join(f"{part}\n" for part in (settings.WECHAT_APP_ID, timestamp, nonce, package)).encode()
    return {
        "appId": settings.WECHAT_APP_ID,
        "timeStamp": timestamp,
        "nonceStr": nonce,
        "package": package,
        "signType": "RSA",
        "paySign": client.signature(signed),
    }
