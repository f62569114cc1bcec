/** Everything that people read, in their language. One catalogue per language and package; a missing translation does not compile. */

import { createInstance } from "i18next";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";

import { createLive } from "./live.ts";
import type { Live } from "./page-contract.ts";

export const locales = ["en", "de"] as const;
export type Locale = (typeof locales)[number];

const language = createLive<Locale>(locales.find((known) => known === document.documentElement.lang) ?? "en");

const i18n = createInstance({
  lng: language.current(),
  fallbackLng: "en",
  initAsync: false,
  resources: {},
  keySeparator: false,
  nsSeparator: false,
  interpolation: { escapeValue: false }, // React escapes
  showSupportNotice: false,
});
void i18n.init();

/** Language of the interface. */
export const locale: Live<Locale> = language;

/** Change the language of shell and pages. */
export function setLocale(next: Locale): void {
  void i18n.changeLanguage(next);
  document.documentElement.lang = next;
  language.set(next);
}

type Catalogue = Readonly<Record<string, string>>;
/** `rows_one` and `rows_other` are asked for as `rows`, with a `count`. */
type Key<Messages> = keyof Messages extends infer Name ? (Name extends `${infer Stem}_${"one" | "other"}` ? Stem : Name & string) : never;
type Values = Readonly<Record<string, string | number>>;

/**
 * Declare the words of a package and get the hook that reads them.
 *
 * Args:
 *   name: the package's own, so that two packages may use the same key.
 *   catalogues: one per language; English decides which keys there are.
 */
export function defineText<Messages extends Catalogue>(
  name: string,
  catalogues: { en: Messages; de: Readonly<Record<keyof Messages, string>> },
): () => (key: Key<Messages>, values?: Values) => string {
  for (const each of locales) i18n.addResourceBundle(each, name, catalogues[each]);

  return function useText() {
    const { t } = useTranslation(name, { i18n });
    return useCallback((key, values) => t(key, { ...values }), [t]);
  };
}
