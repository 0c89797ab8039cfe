// Switches notices on for this browser: asks it, then tells the shop where its push service is. Nothing else needs this.

const form = document.querySelector("form[data-push]");
const button = form?.querySelector("button[type=button]");

if (button && "serviceWorker" in navigator && "PushManager" in window && "Notification" in window) {
  say(null);
  button.hidden = false;
  button.addEventListener("click", switchOn);
}

async function switchOn() {
  button.disabled = true;
  try {
    if (await Notification.requestPermission() !== "granted") { say("refused"); return; }
    const registration = await navigator.serviceWorker.register(form.dataset.worker);
    await started(registration);
    await (await registration.pushManager.getSubscription())?.unsubscribe(); // it may be for an older key
    const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(form.dataset.push) });
    const { endpoint, keys } = subscription.toJSON();
    const body = new FormData(form);
    for (const [name, value] of Object.entries({ endpoint, p256dh: keys.p256dh, auth: keys.auth })) body.set(name, value);
    const answer = await fetch(form.action, { method: "POST", body });
    if (!answer.ok) throw new Error(String(answer.status));
    location.reload();
  } catch {
    say("failed");
  } finally {
    button.disabled = false;
  }
}

// The worker looks after a folder without pages, so navigator.serviceWorker.ready would wait for ever.
function started(registration) {
  const worker = registration.installing ?? registration.waiting;
  if (!worker) return null;
  return new Promise((resolve) => worker.addEventListener("statechange", () => worker.state === "activated" && resolve()));
}

function say(which) {
  for (const line of form.querySelectorAll("[data-said]")) line.hidden = line.dataset.said !== which;
}

function bytes(base64url) {
  const text = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
