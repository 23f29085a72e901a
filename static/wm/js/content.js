// The editor of content: attributes put into a variable at the caret, the phone that follows what is typed, and saves that say so.
if (window.Idiomorph) window.Idiomorph.defaults.ignoreActiveValue = true; // an answer never overwrites what is being typed

document.addEventListener("click", (event) => {
  const chip = event.target.closest("[data-wm-insert]");
  if (!chip) return;
  const field = document.getElementById(chip.dataset.wmInto);
  chip.closest("details").open = false;
  field.focus();
  field.setRangeText(chip.dataset.wmInsert, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
});

let typing = 0;
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-wm-preview]");
  if (!form || !event.target.closest("#content-editor") || event.target.matches("select")) return;
  clearTimeout(typing);
  typing = setTimeout(() => {
    const shown = document.getElementById("preview-form");
    const values = { ...Object.fromEntries(new FormData(form)), ...(shown ? Object.fromEntries(new FormData(shown)) : {}) };
    window.htmx.ajax("POST", form.dataset.wmPreview, { source: "#content-preview", target: "#content-preview", swap: "morph:outerHTML", values });
  }, 300);
});

// A form that saves itself: what was typed since the last answer is unsaved, and leaving the page asks first.
const isSaving = (event) => event.detail.elt.matches("form[data-wm-guard][hx-post]");
document.addEventListener("htmx:beforeRequest", (event) => {
  if (isSaving(event)) delete event.detail.elt.dataset.wmDirty;
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (!isSaving(event)) return;
  const form = document.getElementById(event.detail.elt.id);
  if (form && !event.detail.successful) form.dataset.wmDirty = "1";
  if (event.detail.xhr.getResponseHeader("HX-Redirect")) delete form?.dataset.wmDirty;
});
