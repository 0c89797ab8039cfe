"""Our adapter to WeChat Pay. Amounts are fen on both sides; times are RFC 3339."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from payments.gateways.base import (
    CURRENCY,
    GatewayRefused,
    GatewayUnavailable,
    MalformedNotification,
    Notification,
    OtherNews,
    PaidEvent,
    RefundAnswer,
    RefundNews,
    RefundState,
    Trade,
    TradeState,
    Visitor,
)
from payments.gateways.reading import an_answer, identifier, json_object, same
from payments.gateways.statements import Row
from payments.gateways.wechat import NAME, bill, client, inside
from payments.models import Payment, Refund

# Of a trade that was paid and partly given back they say REFUND: it was paid all the same.
PAID = frozenset({"SUCCESS", "REFUND"})
STATES = {
    "NOTPAY": TradeState.WAITING,
    "USERPAYING": TradeState.WAITING,
    "CLOSED": TradeState.CLOSED,
    "REVOKED": TradeState.CLOSED,
    "PAYERROR": TradeState.FAILED,
}
REFUND_STATES = {
    "SUCCESS": RefundState.DONE,
    "PROCESSING": RefundState.PROCESSING,
    "CLOSED": RefundState.REFUSED,
    "ABNORMAL": RefundState.REFUSED,  # e.g. the buyer's card is gone: a person has to send it in another way
}
SUBJECT_LENGTH = 120


class WeChatGateway:
    """Keeps payments.gateways.base.Gateway."""

    name = NAME
    notification_content_type = "application/json"

    def __init__(self) -> None:
        self.merchant_id = _merchant(settings.WECHAT_MCH_ID, settings.WECHAT_APP_ID)

    def create(
        self,
        payment: Payment,
        *,
        subject: str,
        expires_at: datetime,
        notify_url: str,
        return_url: str,
        visitor: Visitor,
    ) -> str:
        order: dict[str, Any] = {
            "appid": settings.WECHAT_APP_ID,
            "mchid": settings.WECHAT_MCH_ID,
            "description": subject[:SUBJECT_LENGTH],
            "out_trade_no": payment.reference,
            "time_expire": timezone.localtime(expires_at).isoformat(timespec="seconds"),
            "notify_url": notify_url,
            "amount": {"total": payment.amount_fen, "currency": CURRENCY},
        }
        way, place = "native", "code_url"
        if visitor.wechat_openid:
            order["payer"] = {"openid": visitor.wechat_openid}
            told = _refusable("POST", "/v3/pay/transactions/jsapi", order)
            with an_answer():
                return inside.SCHEME + identifier(told, "prepay_id")
        if visitor.is_phone:
            way, place = "h5", "h5_url"
            order["scene_info"] = {"payer_client_ip": visitor.ip, "h5_info": {"type": "Wap"}}
        told = _refusable("POST", f"/v3/pay/transactions/{way}", order)
        url = told.get(place)
        if not isinstance(url, str) or not url.startswith(("weixin://", "https://", "http://127.0.0.1:")):
            raise GatewayUnavailable(f"no {place}")
        return f"{url}&{urlencode({'redirect_url': return_url})}" if visitor.is_phone else url

    def query(self, payment: Payment) -> Trade:
        path = f"/v3/pay/transactions/out-trade-no/{quote(payment.reference)}?mchid={quote(settings.WECHAT_MCH_ID)}"
        try:
            told = client.ask("GET", path)
        except client.WeChatSays as error:
            if error.code in ("ORDER_NOT_EXIST", "ORDERNOTEXIST"):
                return Trade(state=TradeState.UNKNOWN)
            raise GatewayUnavailable(str(error)) from error
        same(told, out_trade_no=payment.reference)
        if told.get("trade_state") not in PAID:
            if (state := STATES.get(str(told.get("trade_state")))) is None:
                raise GatewayUnavailable(f"unknown state {str(told.get('trade_state'))[:20]}")
            return Trade(state=state)
        with an_answer():
            paid = _paid(told, event_id=f"query:{identifier(told, 'transaction_id')}")
        return Trade(state=TradeState.PAID, paid=paid)

    def close(self, payment: Payment) -> None:
        path = f"/v3/pay/transactions/out-trade-no/{quote(payment.reference)}/close"
        _refusable("POST", path, {"mchid": settings.WECHAT_MCH_ID})

    def refund(self, refund: Refund) -> RefundAnswer:
        order = {
            "transaction_id": refund.payment.trade_number,
            "out_refund_no": refund.reference,
            "amount": {"refund": refund.amount_fen, "total": refund.payment.amount_fen, "currency": CURRENCY},
        }
        try:
            return _refund_answer(refund, client.ask("POST", "/v3/refund/domestic/refunds", order))
        except client.WeChatSays as error:
            return RefundAnswer(state=RefundState.REFUSED, note=str(error))

    def query_refund(self, refund: Refund) -> RefundAnswer:
        try:
            return _refund_answer(refund, client.ask("GET", f"/v3/refund/domestic/refunds/{quote(refund.reference)}"))
        except client.WeChatSays as error:
            if error.code in ("RESOURCE_NOT_EXISTS", "RESOURCE_NOT_EXIST"):
                return RefundAnswer(state=RefundState.UNKNOWN)
            raise GatewayUnavailable(str(error)) from error

    def parse_notification(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Notification:
        client.verify(headers, body, now)
        envelope = json_object(body)
        values = client.unseal(envelope.get("resource"))
        event_id, kind = identifier(envelope, "id"), str(envelope.get("event_type", ""))
        if kind.startswith("REFUND."):
            return RefundNews(
                gateway=NAME,
                event_id=event_id,
                refund_reference=identifier(values, "out_refund_no"),
                payload=values,
            )
        if kind == "TRANSACTION.SUCCESS" and values.get("trade_state") == "SUCCESS":
            return _paid(values, event_id=event_id)
        return OtherNews(gateway=NAME, event_id=event_id, payload=values)

    def statement(self, day: date) -> list[Row]:
        try:
            told = client.ask("GET", f"/v3/bill/tradebill?bill_date={day:%Y-%m-%d}&bill_type=ALL")
        except client.WeChatSays as error:
            if error.code == "NO_STATEMENT_EXIST":
                return []  # nothing was paid that day
            raise GatewayUnavailable(str(error)) from error
        content = client.download(str(told.get("download_url", "")))
        said = str(told.get("hash_value", "")).lower()
        if hashlib.sha1(content, usedforsecurity=False).hexdigest() != said:
            raise GatewayUnavailable("the statement is not the one they spoke of")
        return bill.read(content, mch_id=settings.WECHAT_MCH_ID)


def _merchant(mch_id: object, app_id: object) -> str:
    return f"{mch_id}:{app_id}"


def _refusable(method: str, path: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Ask; their no becomes ours. What says nothing of the trade (our signature, our rate) leaves it unknown."""
    try:
        return client.ask(method, path, values)
    except client.WeChatSays as error:
        if error.status in (401, 403) or error.code == "SIGN_ERROR":
            raise GatewayUnavailable(str(error)) from error
        raise GatewayRefused(str(error)) from error


def _paid(values: Mapping[str, Any], *, event_id: str) -> PaidEvent:
    amount = values.get("amount")
    total = amount.get("total") if isinstance(amount, dict) else None
    paid_at = parse_datetime(str(values.get("success_time", "")))
    payer = values.get("payer")
    if not isinstance(amount, dict) or type(total) is not int or paid_at is None or paid_at.tzinfo is None:
        raise MalformedNotification("amount or success_time")
    return PaidEvent(
        gateway=NAME,
        event_id=event_id,
        reference=identifier(values, "out_trade_no"),
        trade_number=identifier(values, "transaction_id"),
        merchant_id=_merchant(values.get("mchid"), values.get("appid")),
        amount_fen=total,
        currency=str(amount.get("currency", CURRENCY)),  # they leave it out where it is the yuan
        paid_at=paid_at,
        payer=str(payer.get("openid") or "") if isinstance(payer, dict) else "",
        payload=dict(values),
    )


def _refund_answer(refund: Refund, told: Mapping[str, Any]) -> RefundAnswer:
    amount = told.get("amount")
    same(told, out_refund_no=refund.reference, transaction_id=refund.payment.trade_number)
    same(amount if isinstance(amount, dict) else {}, refund=refund.amount_fen)
    if (state := REFUND_STATES.get(str(told.get("status")))) is None:
        raise GatewayUnavailable(f"unknown state {str(told.get('status'))[:20]}")
    return RefundAnswer(state=state, note="" if state == RefundState.DONE else f"WeChat says {told.get('status')}")
