// Says the weight back in jin and kg, and the price per 500 g and per kg, while typing. The server says it again.

const form = document.querySelector("form[data-pack]");
const out = form.querySelector("[data-echo-out]");
const number = (text) => {
  const plain = text.normalize("NFKC").replace(/[¥￥元,\s]/g, "");
  return /^\d+(\.\d+)?$/.test(plain) ? Number(plain) : NaN;
};
const short = (value) => String(Number(value.toFixed(3)));
const yuan = (value) => `¥${value.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;

function echo() {
  const unit = form.elements.unit.value;
  const grams = number(form.elements.weight.value) * (unit === "jin" ? 500 : 1000);
  const price = number(form.elements.price.value);
  const weighs = grams > 0 && grams <= 50_000;
  out.querySelector("[data-echo-weight]").textContent = weighs
    ? out.dataset.weight.replace("{jin}", short(grams / 500)).replace("{kg}", short(grams / 1000))
    : "";
  out.querySelector("[data-echo-price]").textContent =
    weighs && price > 0
      ? out.dataset.per.replace("{jin}", yuan((price * 500) / grams)).replace("{kg}", yuan((price * 1000) / grams))
      : "";
}

form.addEventListener("input", echo);
form.addEventListener("change", echo);
echo();
