// Conveniences only: every page works without this file.
"use strict";

// A button to copy commands and digests, where the browser allows it.
if (navigator.clipboard) {
  for (const source of document.querySelectorAll("[data-copy]")) {
    const text = source.textContent.trim();
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-label", `Copy ${text.length > 40 ? text.slice(0, 40) + "…" : text}`);
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), 1500);
    });
    if (source.tagName === "PRE") source.append(button);
    else source.after(button);
  }
}

// Naming a file's sha256 means to accept the file.
for (const field of document.querySelectorAll("input[name^='sha256-']")) {
  const box = document.getElementById(field.id.replace("sha-", "item-"));
  field.addEventListener("input", () => (box.checked = field.value.trim() !== ""));
}

// A file of hashes is read here and put where it could be pasted: it is sent as text, like everything else.
for (const field of document.querySelectorAll("textarea[data-takes-file]")) {
  const picker = document.createElement("input");
  picker.type = "file";
  picker.setAttribute("aria-label", "Or choose the file");
  picker.addEventListener("change", async () => {
    if (picker.files.length) field.value = await picker.files[0].text();
  });
  field.after(picker);
}
