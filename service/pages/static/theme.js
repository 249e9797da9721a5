// Light or dark: as the system has it until somebody chooses; read before anything is drawn.
"use strict";
{
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => localStorage.getItem("theme");
  const isDark = () => (chosen() ? chosen() === "dark" : dark.matches);
  const show = () => {
    const root = document.documentElement;
    chosen() ? root.setAttribute("data-theme", chosen()) : root.removeAttribute("data-theme");
    const button = document.getElementById("theme");
    if (button) {
      button.textContent = isDark() ? "Light" : "Dark";
      button.setAttribute("aria-label", `Show in ${isDark() ? "light" : "dark"} colours`);
      button.hidden = false;
    }
    document.dispatchEvent(new CustomEvent("theme", { detail: { dark: isDark() } }));
  };
  show();
  dark.addEventListener("change", show);
  document.addEventListener("DOMContentLoaded", () => {
    show();
    document.getElementById("theme")?.addEventListener("click", () => {
      localStorage.setItem("theme", isDark() ? "light" : "dark");
      show();
    });
  });
}
