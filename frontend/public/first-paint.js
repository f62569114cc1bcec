/* Sets theme and language before anything is drawn; a plain script, because modules run after the first paint. */
{
  const stored = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // storage is blocked: follow the system
    }
  };
  const theme = stored("jackfield.theme");
  const dark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  document.documentElement.lang = stored("jackfield.locale") ?? (navigator.language.startsWith("de") ? "de" : "en");
}
