"""Our adapter to Alipay. They speak of yuan with two digits and of Shanghai's time; here it becomes fen and UTC."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings

from common.money import yuan
from payments.gateways.alipay import NAME, bill, client
from payments.gateways.base import (
    CURRENCY,
    FailedEvent,
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
from payments.gateways.reading import an_answer, fen_of_yuan, identifier, same
from payments.gateways.statements import Row
from payments.models import Payment, Refund

PAID = frozenset({"TRADE_SUCCESS", "TRADE_FINISHED"})
SUBJECT_LENGTH = 120
EVENT_ID_LENGTH = 64


class AlipayGateway:
    """Keeps payments.gateways.base.Gateway."""

    name = NAME
    notification_content_type = "application/x-www-form-urlencoded"

    def __init__(self) -> None:
        self.merchant_id = _merchant(settings.ALIPAY_APP_ID, settings.ALIPAY_SELLER_ID)

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
        """The trade is opened by the buyer's own browser, with what is signed here: no call is made."""
        way, product = "page", "FAST_INSTANT_TRADE_PAY"
        if visitor.is_phone:
            way, product = "wap", "QUICK_WAP_WAY"
        order = {
            "out_trade_no": payment.reference,
            "total_amount": yuan(payment.amount_fen),
            "subject": subject[:SUBJECT_LENGTH],
            "product_code": product,
            "time_expire": client.shanghai_time(
                expires_at
            ),  # never timeout_express, which begins with the buyer's visit
        }
        return client.page_url(f"alipay.trade.{way}.pay", order, notify_url=notify_url, return_url=return_url)

    def query(self, payment: Payment) -> Trade:
        try:
            told = client.ask("alipay.trade.query", {"out_trade_no": payment.reference})
        except client.AlipaySays as error:
            if error.code == "ACQ.TRADE_NOT_EXIST":
                return Trade(state=TradeState.UNKNOWN)
            raise GatewayUnavailable(str(error)) from error
        same(told, out_trade_no=payment.reference)
        status = told.get("trade_status")
        if status == "WAIT_BUYER_PAY":
            return Trade(state=TradeState.WAITING)
        if status == "TRADE_CLOSED":
            return Trade(state=TradeState.CLOSED)
        if status not in PAID:
            raise GatewayUnavailable(f"unknown state {str(status)[:20]}")
        with an_answer():
            number = identifier(told, "trade_no")
            paid = PaidEvent(
                gateway=NAME,
                event_id=f"query:{number}"[:EVENT_ID_LENGTH],
                reference=payment.reference,
                trade_number=number,
                merchant_id=self.merchant_id,  # the answer names none: it is about what our own app asked
                amount_fen=fen_of_yuan(told.get("total_amount")),
                currency=str(told.get("trans_currency", CURRENCY)),
                paid_at=client.utc_time(told.get("send_pay_date")),
                payer=_payer(told),
                payload=told,
            )
        return Trade(state=TradeState.PAID, paid=paid)

    def close(self, payment: Payment) -> None:
        try:
            client.ask("alipay.trade.close", {"out_trade_no": payment.reference})
        except client.AlipaySays as error:
            raise GatewayRefused(str(error)) from error

    def refund(self, refund: Refund) -> RefundAnswer:
        """Only `fund_change=Y` says that money moved just now; anything else is asked about at the next attempt."""
        order = {
            "trade_no": refund.payment.trade_number,
            "refund_amount": yuan(refund.amount_fen),
            "out_request_no": refund.reference,
        }
        try:
            told = client.ask("alipay.trade.refund", order)
        except client.AlipaySays as error:
            return RefundAnswer(state=RefundState.REFUSED, note=str(error))
        same(told, trade_no=refund.payment.trade_number)
        state = RefundState.DONE if told.get("fund_change") == "Y" else RefundState.PROCESSING
        return RefundAnswer(state=state, note="" if state == RefundState.DONE else "Alipay has not moved it yet")

    def query_refund(self, refund: Refund) -> RefundAnswer:
        asked = {"trade_no": refund.payment.trade_number, "out_request_no": refund.reference}
        try:
            told = client.ask("alipay.trade.fastpay.refund.query", asked)
        except client.AlipaySays as error:
            if error.code in ("ACQ.TRADE_NOT_EXIST", "TRADE_NOT_EXIST"):
                return RefundAnswer(state=RefundState.UNKNOWN)
            raise GatewayUnavailable(str(error)) from error
        if told.get("refund_status") != "REFUND_SUCCESS":
            return RefundAnswer(state=RefundState.UNKNOWN)  # by their manual: send it again under the same number
        same(told, out_request_no=refund.reference)
        with an_answer():
            if fen_of_yuan(told.get("refund_amount")) != refund.amount_fen:
                raise GatewayUnavailable("they gave back another amount")
        return RefundAnswer(state=RefundState.DONE)

    def parse_notification(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Notification:
        """Nothing signed says when it was sent: an old one played back is known by its id, its trade and our own state."""
        values = client.read_notification(body)
        event_id = values.get("notify_id", "")
        if not event_id:
            raise MalformedNotification("notify_id")
        if len(event_id) > EVENT_ID_LENGTH:
            event_id = hashlib.sha256(event_id.encode()).hexdigest()
        reference, status = identifier(values, "out_trade_no"), values.get("trade_status")
        if values.get("refund_fee") or values.get("gmt_refund"):  # a refund, told in the clothes of a payment
            about = values.get("out_biz_no", "")
            return RefundNews(gateway=NAME, event_id=event_id, refund_reference=about, payload=values)
        is_ours = _merchant(values.get("app_id"), values.get("seller_id")) == self.merchant_id
        if status == "TRADE_CLOSED" and is_ours:
            return FailedEvent(gateway=NAME, event_id=event_id, reference=reference, payload=values)
        if status in PAID:
            return PaidEvent(
                gateway=NAME,
                event_id=event_id,
                reference=reference,
                trade_number=identifier(values, "trade_no"),
                merchant_id=_merchant(values.get("app_id"), values.get("seller_id")),
                amount_fen=fen_of_yuan(values.get("total_amount")),
                currency=values.get("trans_currency", CURRENCY),
                paid_at=client.utc_time(values.get("gmt_payment")),
                payer=_payer(values),
                payload=values,
            )
        return OtherNews(gateway=NAME, event_id=event_id, payload=values)

    def statement(self, day: date) -> list[Row]:
        asked: dict[str, Any] = {"bill_type": "trade", "bill_date": f"{day:%Y-%m-%d}"}
        try:
            told = client.ask("alipay.data.dataservice.bill.downloadurl.query", asked)
        except client.AlipaySays as error:
            if error.code.lower().endswith("bill_not_exist"):
                return []  # nothing was paid that day
            raise GatewayUnavailable(str(error)) from error
        return bill.read(client.download(str(told.get("bill_download_url", ""))))


def _payer(values: Mapping[str, Any]) -> str:
    """Who paid. A notification calls them buyer_id, an answer buyer_user_id; newer apps get an open id in both."""
    named = (values.get(name) for name in ("buyer_open_id", "buyer_id", "buyer_user_id"))
    return next((name for name in named if isinstance(name, str) and name), "")


def _merchant(app_id: object, seller_id: object) -> str:
    return f"{app_id}:{seller_id}"
