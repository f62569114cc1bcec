/** Light or dark: the system's choice unless the user made one. `first-paint.js` does the same before anything is drawn. */

import { createLive, type Live, type Theme } from "@jackfield/kit";

import { recall, remember } from "./preference.ts";

export const themeChoices = ["system", "light", "dark"] as const;
export type ThemeChoice = (typeof themeChoices)[number];

const systemIsDark = matchMedia("(prefers-color-scheme: dark)");
const choice = createLive<ThemeChoice>(themeChoices.find((known) => known === recall("theme")) ?? "system");
const resolved = createLive<Theme>(resolve());

/** The theme in use. */
export const theme: Live<Theme> = resolved;
/** What the user chose. */
export const themeChoice: Live<ThemeChoice> = choice;

export function chooseTheme(next: ThemeChoice): void {
  choice.set(next);
  remember("theme", next === "system" ? null : next);
  apply();
}

function resolve(): Theme {
  const chosen = choice.current();
  if (chosen !== "system") return chosen;
  return systemIsDark.matches ? "dark" : "light";
}

function apply(): void {
  document.documentElement.dataset["theme"] = resolve(); // before the others hear of it: charts read the new colours
  resolved.set(resolve());
}

systemIsDark.addEventListener("change", apply);
