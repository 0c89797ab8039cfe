"""A stand-in for WeChat Pay, APIv3 (pay.weixin.qq.com/doc/v3)."""

import base64
import hashlib
import json
import re
import secrets
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import NAMESPACE_OID, uuid5

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils import timezone

from tests.payments.providers.base import Deal, Letter, Provider, Reply, is_signed, private_pem, public_pem, sign

MCH_ID, APP_ID = "1900000109", "wxd678efh567hg6787"
APP_SECRET = "0123456789abcdef0123456789abcdef"
SERIAL, KEY_ID = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1", "PUB_KEY_ID_0119000001092024112700000001"
API_KEY = "0123456789abcdef0123456789ABCDEF"
STATES = {"WAITING": "NOTPAY", "PAID": "SUCCESS", "CLOSED": "CLOSED", "FAILED": "PAYERROR"}
REFUNDS = {"DONE": "SUCCESS", "PROCESSING": "PROCESSING", "FAILED": "ABNORMAL"}
HEADER = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,"
    "代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,"
    "申请退款金额,费率备注"
)
SUMMARY = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"


class WeChat(Provider):
    name = "wechat"
    number_prefix = "42000"
    people = {"a-good-code": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}

    def __init__(self) -> None:
        super().__init__()
        self.used: set[str] = set()

    def settings(self) -> dict[str, str]:
        return {
            "WECHAT_MCH_ID": MCH_ID,
            "WECHAT_APP_ID": APP_ID,
            "WECHAT_API_KEY": API_KEY,
            "WECHAT_CERTIFICATE_SERIAL": SERIAL,
            "WECHAT_PRIVATE_KEY": private_pem("shop at wechat"),
            "WECHAT_PUBLIC_KEY_ID": KEY_ID,
            "WECHAT_PUBLIC_KEY": public_pem("wechat"),
            "WECHAT_API_URL": self.url,
            "WECHAT_OPEN_API_URL": self.url,
        }

    def serve(self, method: str, path: str, body: bytes, headers: Any) -> tuple[str, Reply]:
        if path.startswith("/sns/oauth2/access_token?"):
            return "who", Reply(200, json.dumps(self._who(parse_qs(urlsplit(path).query))).encode())
        if not self._is_from_shop(method, path, body, headers.get("Authorization", "")):
            self.refused_signatures += 1
            return "refused", self._signed(401, {"code": "SIGN_ERROR", "message": "错误的签名"})
        said = json.loads(body) if body else {}
        if path == "/bill":
            return "file", Reply(200, self.bill)
        operation, status, told = self._work(method, path.split("?")[0], said)
        if status == 204:
            return operation, self._signed(204, None)
        return operation, self._signed(status, {**told, **self.lies.get(operation, {})})

    def _work(self, method: str, path: str, said: dict[str, Any]) -> tuple[str, int, dict[str, Any]]:
        if found := re.match(r"/v3/pay/transactions/(native|h5|jsapi)$", path):
            return "create", *self._create(found[1], said)
        if found := re.match(r"/v3/pay/transactions/out-trade-no/(\w+)/close$", path):
            return "close", *self._close(found[1])
        if found := re.match(r"/v3/pay/transactions/out-trade-no/(\w+)$", path):
            deal = self.deals.get(found[1])
            return ("query", 200, self.told_of(deal)) if deal else ("query", 404, {"code": "ORDER_NOT_EXIST"})
        if path == "/v3/refund/domestic/refunds":
            return "refund", *self._refund(said)
        if found := re.match(r"/v3/refund/domestic/refunds/(\w+)$", path):
            return "query_refund", *self._query_refund(found[1])
        if path == "/v3/bill/tradebill":
            if not self.bill:
                return "bill", 400, {"code": "NO_STATEMENT_EXIST"}
            digest = hashlib.sha1(self.bill, usedforsecurity=False).hexdigest()
            return "bill", 200, {"hash_type": "SHA1", "hash_value": digest, "download_url": f"{self.url}/bill"}
        return "unknown", 404, {"code": "RESOURCE_NOT_EXISTS"}

    def _create(self, way: str, said: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        deal = self.open(said["out_trade_no"], said["amount"]["total"])
        if deal.state == "PAID":
            return 400, {"code": "ORDERPAID", "message": "该订单已支付"}
        if deal.state != "WAITING" or deal.fen != said["amount"]["total"]:
            return 400, {"code": "INVALID_REQUEST", "message": "201 商户订单号重复"}
        if way == "jsapi":
            if said["payer"]["openid"] not in self.people.values():
                return 400, {"code": "PARAM_ERROR", "message": "无效的openid"}
            return 200, {"prepay_id": f"wx{deal.number}"}
        if way == "h5":
            return 200, {"h5_url": f"https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx{deal.number}"}
        return 200, {"code_url": f"weixin://wxpay/bizpayurl?pr={deal.number}"}

    def _who(self, said: dict[str, list[str]]) -> dict[str, Any]:
        """Of a code, once."""
        openid = self.people.get(said["code"][0]) if said["secret"] == [APP_SECRET] else None
        if openid is None or said["code"][0] in self.used:
            return {"errcode": 40029, "errmsg": "invalid code"}
        self.used.add(said["code"][0])
        return {"access_token": "…", "expires_in": 7200, "openid": openid, "scope": "snsapi_base"}

    def _close(self, reference: str) -> tuple[int, dict[str, Any]]:
        deal = self.deals[reference]
        if deal.state == "PAID":
            return 400, {"code": "ORDERPAID"}
        deal.state = "CLOSED"
        return 204, {}

    def _refund(self, said: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        deal = next((each for each in self.deals.values() if each.number == said["transaction_id"]), None)
        fen = said["amount"]["refund"]
        if deal is None or self.give(deal, said["out_refund_no"], fen) is None:
            return 400, {"code": "INVALID_REQUEST", "message": "订单金额或退款金额与之前请求不一致"}
        return 200, self._told_of_refund(deal, said["out_refund_no"])

    def _query_refund(self, reference: str) -> tuple[int, dict[str, Any]]:
        for deal in self.deals.values():
            if reference in deal.given:
                return 200, self._told_of_refund(deal, reference)
        return 404, {"code": "RESOURCE_NOT_EXISTS", "message": "退款单不存在"}

    def _told_of_refund(self, deal: Deal, reference: str) -> dict[str, Any]:
        fen, state = deal.given[reference]
        return {
            "refund_id": f"503{deal.number[-18:]}",
            "out_refund_no": reference,
            "transaction_id": deal.number,
            "out_trade_no": deal.reference,
            "status": REFUNDS[state],
            "amount": {"total": deal.fen, "refund": fen, "currency": "CNY"},
        }

    def told_of(self, deal: Deal) -> dict[str, Any]:
        told: dict[str, Any] = {
            "appid": APP_ID,
            "mchid": MCH_ID,
            "out_trade_no": deal.reference,
            "trade_state": STATES[deal.state],
            "trade_state_desc": "…",
        }
        if deal.state == "PAID" and deal.paid_at:
            told |= {
                "transaction_id": deal.number,
                "success_time": timezone.localtime(deal.paid_at).isoformat(timespec="seconds"),
                "amount": {"total": deal.fen, "payer_total": deal.fen, "currency": "CNY", "payer_currency": "CNY"},
                "payer": {"openid": self.payer},
            }
        return told

    def spoil(self, reply: Reply, how: str) -> Reply:
        if how == "unsigned":
            return Reply(reply.status, reply.body)
        if how == "forged":
            return Reply(reply.status, reply.body, self._signature(reply.body, signer="a thief"))
        if how == "old":
            return Reply(
                reply.status, reply.body, self._signature(reply.body, when=timezone.now() - timedelta(minutes=6))
            )
        raise ValueError(how)

    def _signed(self, status: int, told: dict[str, Any] | None) -> Reply:
        body = b"" if told is None else json.dumps(told, ensure_ascii=False).encode()
        return Reply(status, body, self._signature(body))

    def _signature(self, body: bytes, *, signer: str = "wechat", when: datetime | None = None) -> dict[str, str]:
        timestamp, nonce = str(int((when or timezone.now()).timestamp())), secrets.token_hex(16)
        return {
            "Wechatpay-Serial": KEY_ID,
            "Wechatpay-Timestamp": timestamp,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Signature": sign(signer, f"{timestamp}\n{nonce}\n".encode() + body + b"\n"),
            "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
        }

    def _is_from_shop(self, method: str, path: str, body: bytes, authorization: str) -> bool:
        scheme, _space, rest = authorization.partition(" ")
        said = dict(re.findall(r'(\w+)="([^"]*)"', rest))
        if scheme != "WECHATPAY2-SHA256-RSA2048" or (said.get("mchid"), said.get("serial_no")) != (MCH_ID, SERIAL):
            return False
        message = f"{method}\n{path}\n{said['timestamp']}\n{said['nonce_str']}\n".encode() + body + b"\n"
        return is_signed("shop at wechat", message, said["signature"])

    def letter(
        self,
        reference: str,
        *,
        signer: str = "wechat",
        when: datetime | None = None,
        event: str = "TRANSACTION.SUCCESS",
        event_id: str = "",
        api_key: str = API_KEY,
        headers: dict[str, str] | None = None,
        inside: dict[str, Any] | None = None,
        **changes: Any,
    ) -> Letter:
        values = inside or {**self.told_of(self.deals[reference]), "trade_state": "SUCCESS"}
        if "fen" in changes:
            values["amount"] = {**values["amount"], "total": changes.pop("fen")}
        if "currency" in changes:
            values["amount"] = {**values["amount"], "currency": changes.pop("currency")}
        names = {"merchant": "mchid", "app": "appid", "reference_said": "out_trade_no", "number": "transaction_id"}
        values |= {names.get(name, name): value for name, value in changes.items()}
        nonce = secrets.token_hex(6)
        sealed = AESGCM(api_key.encode()).encrypt(nonce.encode(), json.dumps(values).encode(), b"transaction")
        envelope = {
            "id": event_id or str(uuid5(NAMESPACE_OID, f"{reference} {event} {values.get('transaction_id')}")),
            "create_time": timezone.localtime(when or timezone.now()).isoformat(timespec="seconds"),
            "resource_type": "encrypt-resource",
            "event_type": event,
            "summary": "支付成功",
            "resource": {
                "original_type": "transaction",
                "algorithm": "AEAD_AES_256_GCM",
                "ciphertext": base64.b64encode(sealed).decode(),
                "associated_data": "transaction",
                "nonce": nonce,
            },
        }
        body = json.dumps(envelope, ensure_ascii=False).encode()
        return Letter(body, "application/json", {**self._signature(body, signer=signer, when=when), **(headers or {})})

    def refund_letter(self, reference: str, refund: str, status: str = "SUCCESS") -> Letter:
        told = self._told_of_refund(self.deals[reference], refund) | {"refund_status": status}
        return self.letter(reference, event=f"REFUND.{status}", event_id=f"RF-{refund}-{status}", inside=told)

    def write_bill(self, *, rows: list[dict[str, str]] | None = None, summary: dict[str, str] | None = None) -> None:
        """The day's statement from the books, or from `rows`."""
        rows = self.bill_rows() if rows is None else rows
        names = HEADER.split(",")
        lines = [HEADER, *(",".join(f"`{row.get(name, '')}" for name in names) for row in rows)]
        sums = {
            "总交易单数": str(len(rows)),
            "应结订单总金额": yuan_sum(rows, "应结订单金额"),
            "退款总金额": yuan_sum(rows, "退款金额"),
            **(summary or {}),
        }
        lines += [SUMMARY, ",".join(f"`{sums.get(name, '0.00')}" for name in SUMMARY.split(","))]
        self.bill = ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()

    def bill_rows(self) -> list[dict[str, str]]:
        rows = []
        for deal in self.deals.values():
            if deal.state != "PAID" or deal.paid_at is None:
                continue
            common = {"公众账号ID": APP_ID, "商户号": MCH_ID, "微信订单号": deal.number, "商户订单号": deal.reference}
            zero = {"应结订单金额": "0.00", "订单金额": "0.00", "退款金额": "0.00", "申请退款金额": "0.00"}
            paid = f"{deal.fen / 100:.2f}"
            rows.append({**common, **zero, "交易状态": "SUCCESS", "应结订单金额": paid, "订单金额": paid})
            for reference, (fen, state) in deal.given.items():
                back = f"{fen / 100:.2f}"
                more = {"商户退款单号": reference, "退款金额": back, "申请退款金额": back, "退款状态": REFUNDS[state]}
                rows.append({**common, **zero, **more, "交易状态": "REFUND"})
        return rows


def yuan_sum(rows: list[dict[str, str]], name: str) -> str:
    return f"{sum(round(float(row[name]) * 100) for row in rows) / 100:.2f}"
