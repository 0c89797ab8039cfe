// Print buttons: <button data-print>; hidden until this runs. Without it, the browser's own menu prints the page.
for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
