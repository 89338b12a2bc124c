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

// A file of hashes is read here and put where it could be pasted: it is sent as text, like everything else. One that is too
// long for that is not sent in part: data-takes-file names the command that reads it whole.
for (const field of document.querySelectorAll("textarea[data-takes-file]")) {
  const picker = document.createElement("input");
  picker.type = "file";
  picker.setAttribute("aria-label", "Or choose the file");
  const warning = document.createElement("p");
  warning.className = "why bad";
  warning.setAttribute("role", "alert");
  picker.addEventListener("change", async () => {
    warning.textContent = "";
    if (!picker.files.length) return;
    const [file] = picker.files;
    if (file.size <= field.maxLength) field.value = await file.text();
    else
      warning.textContent =
        `This file has ${file.size.toLocaleString("en")} bytes, and the field takes ` +
        `${field.maxLength.toLocaleString("en")}. Nothing was filled in: name its hashes in a terminal ` +
        `(${field.dataset.takesFile}), or paste it here in parts.`;
  });
  field.after(picker, warning);
}
