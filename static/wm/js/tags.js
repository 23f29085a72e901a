// Words of a text field as chips. The field itself is what is sent: without a script it takes words between commas.
function enhance(field) {
  const box = document.createElement("div");
  const entry = document.createElement("input");
  box.className = "form-control wm-tag-box";
  entry.type = "text";
  entry.id = field.id;
  entry.autocomplete = "off";
  for (const name of ["aria-describedby", "aria-invalid"]) {
    if (field.hasAttribute(name)) entry.setAttribute(name, field.getAttribute(name));
  }
  field.removeAttribute("id");
  field.hidden = true;
  field.after(box);
  const words = () => field.value.split(",").map((word) => word.trim()).filter(Boolean);

  function keep(list) {
    field.value = [...new Set(list)].join(", ");
    draw();
  }

  function draw() {
    box.replaceChildren(...words().map(chip), entry);
  }

  function chip(word) {
    const tag = document.createElement("span");
    const button = document.createElement("button");
    tag.className = "wm-tag";
    tag.textContent = word;
    button.type = "button";
    button.textContent = "×";
    button.setAttribute("aria-label", field.dataset.wmTags.replace("{tag}", word));
    button.addEventListener("click", () => {
      keep(words().filter((other) => other !== word));
      entry.focus();
    });
    tag.append(button);
    return tag;
  }

  function take() {
    if (!entry.value.trim()) return;
    const typed = entry.value;
    entry.value = "";
    keep([...words(), ...typed.split(",").map((word) => word.trim()).filter(Boolean)]);
  }

  entry.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if ((event.key === "Enter" && entry.value.trim()) || event.key === ",") {
      event.preventDefault();
      take();
      entry.focus();
    } else if (event.key === "Backspace" && !entry.value) {
      const list = words();
      entry.value = list.pop() || "";
      if (entry.value) event.preventDefault();
      keep(list);
      entry.focus();
    }
  });
  entry.addEventListener("change", take);
  box.addEventListener("click", (event) => {
    if (event.target === box) entry.focus();
  });
  draw();
}

for (const field of document.querySelectorAll("input[data-wm-tags]")) enhance(field);
