"""A stand-in for Alipay (opendocs.alipay.com/open)."""

import io
import json
import zipfile
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives import hashes
from django.utils import timezone

from tests.payments.providers.base import Deal, Letter, Provider, Reply, is_signed, private_pem, public_pem, sign

APP_ID, SELLER_ID = "2021000122671234", "2088102146225135"
STATES = {"WAITING": "WAIT_BUYER_PAY", "PAID": "TRADE_SUCCESS", "CLOSED": "TRADE_CLOSED", "FAILED": "TRADE_CLOSED"}
HEADER = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,"
    "支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,"
    "退款批次号/请求号,服务费（元）,分润（元）,备注"
)


def _time(moment: datetime) -> str:
    return moment.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%d %H:%M:%S")


def _sorted(fields: dict[str, str], *without: str) -> bytes:
    kept = {name: value for name, value in fields.items() if name not in without}
    return "&".join(f"{name}={kept[name]}" for name in sorted(kept)).encode()


class Alipay(Provider):
    name = "alipay"
    number_prefix = "20261127220014"

    def settings(self) -> dict[str, str]:
        return {
            "ALIPAY_APP_ID": APP_ID,
            "ALIPAY_SELLER_ID": SELLER_ID,
            "ALIPAY_PRIVATE_KEY": private_pem("shop at alipay"),
            "ALIPAY_PUBLIC_KEY": "".join(public_pem("alipay").splitlines()[1:-1]),  # as their page shows it
            "ALIPAY_GATEWAY_URL": f"{self.url}/gateway.do",
        }

    def visit(self, url: str) -> Deal:
        """The buyer's browser goes to the address that the shop gave it: only that opens the trade."""
        fields = dict(parse_qsl(urlsplit(url).query))
        assert self._is_from_shop(fields)
        order = json.loads(fields["biz_content"])
        return self.open(order["out_trade_no"], round(float(order["total_amount"]) * 100))

    def serve(self, method: str, path: str, body: bytes, headers: Any) -> tuple[str, Reply]:
        if path == "/bill.zip":
            return "file", Reply(200, self.bill)
        fields = dict(parse_qsl(body.decode(), keep_blank_values=True))
        if not self._is_from_shop(fields):
            self.refused_signatures += 1
            return "refused", self._signed("error_response", {"code": "40002", "sub_code": "isv.invalid-signature"})
        name = fields["method"]
        operation, told = self._work(name, json.loads(fields["biz_content"]))
        code = "40004" if "sub_code" in told else "10000"
        answer = {"code": code, "msg": "Success", **told, **self.lies.get(operation, {})}
        return operation, self._signed(f"{name.replace('.', '_')}_response", answer)

    def _work(self, method: str, said: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        if method == "alipay.data.dataservice.bill.downloadurl.query":
            if not self.bill:
                return "bill", {"sub_code": "isp.bill_not_exist"}
            return "bill", {"bill_download_url": f"{self.url}/bill.zip"}
        operation = {
            "alipay.trade.query": "query",
            "alipay.trade.close": "close",
            "alipay.trade.refund": "refund",
            "alipay.trade.fastpay.refund.query": "query_refund",
        }[method]
        by_number = {deal.number: deal for deal in self.deals.values()}
        deal = self.deals.get(said.get("out_trade_no", "")) or by_number.get(said.get("trade_no", ""))
        if deal is None:
            return operation, {"sub_code": "ACQ.TRADE_NOT_EXIST", "sub_msg": "交易不存在"}
        return operation, getattr(self, f"_{operation}")(deal, said)

    def _query(self, deal: Deal, said: dict[str, Any]) -> dict[str, Any]:
        told = {
            "out_trade_no": deal.reference,
            "trade_no": deal.number,
            "trade_status": STATES[deal.state],
            "total_amount": f"{deal.fen / 100:.2f}",
        }
        if deal.paid_at:
            told |= {"send_pay_date": _time(deal.paid_at), "buyer_user_id": self.payer}
        return told

    def _close(self, deal: Deal, said: dict[str, Any]) -> dict[str, Any]:
        if deal.state == "PAID":
            return {"sub_code": "ACQ.TRADE_STATUS_ERROR", "sub_msg": "交易状态不合法"}
        deal.state = "CLOSED"
        return {"out_trade_no": deal.reference, "trade_no": deal.number}

    def _refund(self, deal: Deal, said: dict[str, Any]) -> dict[str, Any]:
        known = said["out_request_no"] in deal.given
        given = self.give(deal, said["out_request_no"], round(float(said["refund_amount"]) * 100))
        if given is None:
            return {"sub_code": "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "sub_msg": "退款金额超限"}
        moved = given[1] == "DONE" and not known
        total = sum(fen for fen, _state in deal.given.values())
        return {
            "out_trade_no": deal.reference,
            "trade_no": deal.number,
            "fund_change": "Y" if moved else "N",
            "refund_fee": f"{total / 100:.2f}",
        }

    def _query_refund(self, deal: Deal, said: dict[str, Any]) -> dict[str, Any]:
        fen, state = deal.given.get(said["out_request_no"], (0, ""))
        told = {"out_trade_no": deal.reference, "trade_no": deal.number, "out_request_no": said["out_request_no"]}
        if state == "DONE":
            told |= {"refund_status": "REFUND_SUCCESS", "refund_amount": f"{fen / 100:.2f}"}
        return told

    def spoil(self, reply: Reply, how: str) -> Reply:
        told = json.loads(reply.body)
        name = next(iter(told))
        if how == "unsigned":
            return Reply(200, json.dumps({name: told[name]}).encode())
        if how == "forged":
            return self._signed(name, told[name], signer="a thief")
        raise ValueError(how)

    def _signed(self, name: str, told: dict[str, Any], signer: str = "alipay") -> Reply:
        said = json.dumps(told, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/")
        return Reply(200, f'{{"{name}":{said},"sign":"{sign(signer, said.encode())}"}}'.encode())

    def _is_from_shop(self, fields: dict[str, str]) -> bool:
        if (fields.get("app_id"), fields.get("sign_type"), fields.get("charset")) != (APP_ID, "RSA2", "utf-8"):
            return False
        return is_signed("shop at alipay", _sorted(fields, "sign"), fields.get("sign", ""))

    def letter(
        self,
        reference: str,
        *,
        signer: str = "alipay",
        when: datetime | None = None,
        status: str = "TRADE_SUCCESS",
        event_id: str = "",
        sign_type: str = "RSA2",
        **changes: Any,
    ) -> Letter:
        deal = self.deals[reference]
        fields = {
            "notify_time": _time(when or timezone.now()),
            "notify_type": "trade_status_sync",
            "notify_id": event_id or f"{reference}{status}{deal.number[-8:]}",
            "app_id": APP_ID,
            "seller_id": SELLER_ID,
            "charset": "utf-8",
            "version": "1.0",
            "trade_no": deal.number,
            "out_trade_no": deal.reference,
            "trade_status": status,
            "total_amount": f"{deal.fen / 100:.2f}",
            "gmt_payment": _time(deal.paid_at or timezone.now()),
            "subject": "出山订单 & = +",
            "passback_params": "",
            "buyer_id": self.payer,
        }
        if "fen" in changes:
            fields["total_amount"] = f"{changes.pop('fen') / 100:.2f}"
        names = {
            "merchant": "seller_id",
            "app": "app_id",
            "reference_said": "out_trade_no",
            "number": "trade_no",
            "currency": "trans_currency",
        }
        fields |= {names.get(name, name): value for name, value in changes.items()}
        by = hashes.SHA1() if sign_type == "RSA" else hashes.SHA256()  # noqa: S303 - the downgrade that must be refused
        fields["sign"] = sign(signer, _sorted(fields), by)
        fields["sign_type"] = sign_type
        return Letter(urlencode(fields).encode(), "application/x-www-form-urlencoded")

    def refund_letter(self, reference: str, refund: str, status: str = "SUCCESS") -> Letter:
        """A refund that was told as if it were the payment once more."""
        fen, _state = self.deals[reference].given[refund]
        more = {"refund_fee": f"{fen / 100:.2f}", "gmt_refund": _time(timezone.now()) + ".123", "out_biz_no": refund}
        return self.letter(reference, event_id=f"RF{refund}{status}", **more)

    def write_bill(self, *, rows: list[dict[str, str]] | None = None, last_lines: str = "") -> None:
        rows = self.bill_rows() if rows is None else rows
        paid = [row for row in rows if row["业务类型"] == "交易"]
        back = [row for row in rows if row["业务类型"] == "退款"]
        lines = ["#支付宝业务明细查询", "#账号：[20881021462251350156]", "#-----业务明细列表-----", HEADER]
        lines += [",".join(f"{row.get(name, '')}\t" for name in HEADER.split(",")) for row in rows]
        lines += ["#-----业务明细列表结束-----"]
        lines += [last_lines or f"#交易合计：{len(paid)}笔，商家实收共{_sum(paid)}元，商家优惠共0.00元"]
        lines += [f"#退款合计：{len(back)}笔，商家实收退款共{_sum(back)}元，商家优惠退款共0.00元"]
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out:
            out.writestr(f"{SELLER_ID}0156_20261127_业务明细(汇总).csv", "".encode("gb18030"))
            out.writestr(f"{SELLER_ID}0156_20261127_业务明细.csv", ("\r\n".join(lines) + "\r\n").encode("gb18030"))
        self.bill = packed.getvalue()

    def bill_rows(self) -> list[dict[str, str]]:
        rows = []
        for deal in self.deals.values():
            if deal.state != "PAID" or deal.paid_at is None:
                continue
            common = {"支付宝交易号": deal.number, "商户订单号": deal.reference, "完成时间": _time(deal.paid_at)}
            paid = f"{deal.fen / 100:.2f}"
            rows.append({**common, "业务类型": "交易", "订单金额（元）": paid, "商家实收（元）": paid})
            for reference, (fen, _state) in deal.given.items():
                back = f"-{fen / 100:.2f}"
                more = {
                    "业务类型": "退款",
                    "订单金额（元）": back,
                    "商家实收（元）": back,
                    "退款批次号/请求号": reference,
                }
                rows.append({**common, **more})
        return rows


def _sum(rows: list[dict[str, str]]) -> str:
    return f"{sum(round(float(row['商家实收（元）']) * 100) for row in rows) / 100:.2f}"
