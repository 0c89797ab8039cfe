// "Near": offers to measure from where the phone is. Asked for only when chosen, and rounded to about ten kilometres
// before it leaves the phone. Without this, a province is chosen.

const HERE = "here";

function offer(select) {
  if (!navigator.geolocation || select.querySelector(`option[value="${HERE}"]`)) return;
  const option = new Option(select.dataset.near, HERE);
  select.options.add(option, 1);
}
for (const select of document.querySelectorAll("[data-near]")) offer(select);
document.addEventListener("htmx:afterSettle", () => { for (const select of document.querySelectorAll("[data-near]")) offer(select); });

document.addEventListener("change", (event) => {
  const select = event.target;
  if (!select.matches?.("[data-near]")) return;
  const sort = select.form.elements.namedItem("sort");
  const nearest = (value) => {
    if (!sort.querySelector('option[value="near"]')) sort.add(new Option("", "near"));
    sort.value = value ? "near" : "";
  };
  if (select.value !== HERE) { nearest(select.value); return; }
  event.stopImmediatePropagation();
  const send = (value) => {
    select.selectedOptions[0].value = value;
    nearest(value);
    select.form.requestSubmit();
  };
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => send(`${coords.latitude.toFixed(1)},${coords.longitude.toFixed(1)}`),
    () => { select.value = ""; },
    { maximumAge: 600000, timeout: 10000 },
  );
}, true);
