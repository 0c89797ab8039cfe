// Signing out takes what is private from this phone: pages that were kept, and entries that wait. Those are named first.

const { all, forget } = self.FieldStore;
const form = document.querySelector("form[data-leave]");
const waiting = (await all().catch(() => [])).filter(({ state }) => state !== "done");
form.querySelector("[data-leave-waiting]").hidden = !waiting.length;
form.querySelector("[data-n]").textContent = waiting.length;
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  await Promise.allSettled([forget(), ...["chushan-pages"].map((name) => caches.delete(name))]);
  for (const name of ["chushan-kept", "chushan-lessons"]) localStorage.removeItem(name);
  form.submit();
});
