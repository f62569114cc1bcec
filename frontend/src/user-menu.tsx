/** Who is signed in, and what is theirs to choose: theme, language, leaving. */

import { Button, locale, locales, setLocale, useLive } from "@jackfield/kit";
import { useId } from "react";

import { remember } from "./preference.ts";
import { signOut } from "./session.ts";
import { useShellText } from "./shell-text.ts";
import { chooseTheme, themeChoice, themeChoices } from "./theme.ts";
import styles from "./user-menu.module.css";
import { useWorkspace } from "./workspace.ts";

/** Languages are named in themselves: who reads none of the others still finds their own. */
const languageNames = { en: "English", de: "Deutsch" };

export function UserMenu() {
  const text = useShellText();
  const { viewer } = useWorkspace();
  const id = useId();
  const themeNames = { system: text("themeSystem"), light: text("themeLight"), dark: text("themeDark") };

  return (
    <>
      <button type="button" className={styles.opener} popoverTarget={id} title={viewer.email}>
        <span className={styles.initial} aria-hidden="true">
          {viewer.email.slice(0, 1)}
        </span>
        <span className={styles.email}>{viewer.email}</span>
        <span className={styles.unseen}>{text("account")}</span>
      </button>
      <div id={id} popover="auto" className={styles.menu}>
        <div className={styles.who}>{viewer.email}</div>
        <Choice
          label={text("theme")}
          options={themeChoices.map((value) => ({ value, label: themeNames[value] }))}
          value={useLive(themeChoice)}
          onChange={chooseTheme}
        />
        <Choice
          label={text("language")}
          options={locales.map((value) => ({ value, label: languageNames[value] }))}
          value={useLive(locale)}
          onChange={(next) => {
            setLocale(next);
            remember("locale", next);
          }}
        />
        <Button onClick={() => void signOut()}>{text("signOut")}</Button>
      </div>
    </>
  );
}

interface ChoiceProps<Value extends string> {
  readonly label: string;
  readonly options: readonly { readonly value: Value; readonly label: string }[];
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}

/** One of few, all in sight. */
function Choice<Value extends string>({ label, options, value, onChange }: ChoiceProps<Value>) {
  const name = useId();
  return (
    <fieldset className={styles.choice}>
      <legend>{label}</legend>
      <div className={styles.options}>
        {options.map((option) => (
          <label key={option.value}>
            <input type="radio" name={name} checked={option.value === value} onChange={() => onChange(option.value)} />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
