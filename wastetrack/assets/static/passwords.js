"use strict";
// A button behind each password field that shows what is typed. Its words stand in the field's data-show and data-hide.
(() => {
  for (const field of document.querySelectorAll('input[type="password"][data-show]')) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "show-password";
    button.setAttribute("aria-controls", field.id);
    const tell = () => {
      const shown = field.type === "text";
      button.textContent = shown ? field.dataset.hide : field.dataset.show;
      button.setAttribute("aria-pressed", String(shown));
    };
    button.addEventListener("click", () => {
      field.type = field.type === "text" ? "password" : "text";
      tell();
      field.focus();
    });
    // What is sent is sent as a password: browsers would otherwise remember it among ordinary words.
    if (field.form) field.form.addEventListener("submit", () => { field.type = "password"; });
    tell();
    field.after(button);
  }
})();
