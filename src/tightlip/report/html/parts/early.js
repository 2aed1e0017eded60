// Before anything is shown: scripts run, so that the plain list is not needed, unless the other script fails.
const root = document.documentElement;
root.classList.add("scripted");
addEventListener("error", () => root.classList.remove("scripted"));
try {
  const theme = localStorage.getItem("tightlip-theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
} catch { /* a page that may keep nothing follows the system */ }
