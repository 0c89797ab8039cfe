// Says what the counted pieces come to, while counting. The server counts it again.

const form = document.querySelector("form[data-claim]");
const out = form?.querySelector("[data-comes-to]");

function comesTo() {
  let fen = 0;
  let isAll = true;
  for (const line of form.querySelectorAll("[data-line]")) {
    const [bad, outOf] = [...line.querySelectorAll("input")].map((input) => Number(input.value || 0));
    const whole = outOf || Number(line.dataset.packs);
    if (!(bad <= whole)) return NaN;
    fen += Math.round((Number(line.dataset.fen) * bad) / whole);
    isAll &&= bad === whole;
  }
  const most = Number(form.dataset.most);
  return isAll ? most : Math.min(fen, most);
}

function show() {
  const fen = comesTo();
  out.hidden = !(fen > 0);
  out.querySelector("b").textContent = `¥${(fen / 100).toLocaleString("en", { minimumFractionDigits: 2 })}`;
}

if (out) {
  form.addEventListener("input", show);
  form.addEventListener("change", show);
  show();
}
