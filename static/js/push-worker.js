// Shows the notices the shop sends to this browser, and opens the shop when one is tapped. It does nothing else: it keeps
// no pages and stands in no request's way.

self.addEventListener("push", (event) => {
  let notice = {};
  try { notice = event.data?.json() ?? {}; } catch { /* shown without words of its own */ }
  // The tag is the message's: the same message sent twice stays one line on the screen.
  event.waitUntil(self.registration.showNotification(notice.title || "出山", { tag: notice.tag, data: notice.url || "/notifications/" }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const path = new URL(event.notification.data, self.location.origin);
  event.waitUntil(self.clients.openWindow(path.origin === self.location.origin ? path.href : self.location.origin));
});
