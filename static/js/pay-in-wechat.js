// Inside WeChat's own browser: hand the opened trade to WeChat, then look at our own books whether it was paid.

const pay = document.getElementById("pay-in-wechat");

function ask() {
  const { appId, timeStamp, nonceStr, package: trade, signType, paySign } = JSON.parse(pay.dataset.values);
  window.WeixinJSBridge.invoke(
    "getBrandWCPayRequest", { appId, timeStamp, nonceStr, package: trade, signType, paySign },
    (answer) => { if (answer.err_msg === "get_brand_wcpay_request:ok") location.assign(pay.dataset.then); },
  );
}

pay.addEventListener("click", () => { if (window.WeixinJSBridge) ask(); });
if (window.WeixinJSBridge) ask();
else document.addEventListener("WeixinJSBridgeReady", ask, { once: true });
