// The hint how to put the shop on the home screen. The browser asks by itself where it can (beforeinstallprompt); elsewhere
// there are words for what is in this person's hand. Sent away once, it is gone for good; on the home screen it is not there.

const NEVER = "chushan-install";
const hint = document.querySelector("[data-install]");
const now = hint.querySelector("[data-install-now]");
const isThere = () => navigator.standalone || matchMedia("(display-mode: standalone)").matches;

const never = () => {
  hint.hidden = true;
  try { localStorage.setItem(NEVER, "1"); } catch { /* private browsing: it is shown once more */ }
};
const wasSentAway = () => {
  try { return Boolean(localStorage.getItem(NEVER)); } catch { return false; }
};

function show(way) {
  if (wasSentAway() || isThere()) return;
  for (const words of hint.querySelectorAll("[data-way]")) words.hidden = words.dataset.way !== way;
  now.hidden = way !== "prompt";
  hint.hidden = false;
}

let asking;
addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  asking = event;
  show("prompt");
});
addEventListener("appinstalled", never);
now.addEventListener("click", async () => {
  await asking.prompt();
  if ((await asking.userChoice).outcome === "accepted") never();
});
hint.querySelector("[data-install-never]").addEventListener("click", never);

const { userAgent } = navigator;
if (/MicroMessenger|QQ\/|DingTalk|Weibo/.test(userAgent)) show("inside");
else if (/iPhone|iPad|iPod/.test(userAgent)) show("ios");
else if (!("onbeforeinstallprompt" in window) && matchMedia("(pointer: coarse)").matches) show("menu");
