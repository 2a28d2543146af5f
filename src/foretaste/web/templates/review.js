"use strict";
// Keys press what stands on the page: nothing here reads or writes a text.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const field = event.target instanceof HTMLInputElement && event.target.type === "text";
  if (field) {
    if (event.key === "Escape") event.target.blur();
    // Enter in a note must not press the first button.
    if (event.key === "Enter" && event.target.name === "note") event.preventDefault();
    return;
  }
  const key = event.key.toLowerCase();
  if (!/^[a-z]$/.test(key)) return;
  const note = document.querySelector(`[data-focus="${key}"]`);
  const found = document.querySelector(`[data-key="${key}"]`);
  if (!note && !found) return;
  event.preventDefault();
  if (note) note.focus();
  else found.click();
});
// One press is one label, however quickly the key comes again.
document.querySelectorAll("form[method=post]").forEach((form) => {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
});
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
