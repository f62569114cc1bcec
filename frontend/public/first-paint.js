/* Sets theme and language before anything is drawn; a plain script, because modules run after the first paint. */
(function () {
  var stored = function (key) {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // storage is blocked: follow the system
    }
  };
  var theme = stored("jackfield.theme");
  var dark = theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  document.documentElement.lang = stored("jackfield.locale") || (navigator.language.startsWith("de") ? "de" : "en");
})();
