/** `/sign-in`: the one page without the frame. */

import { Button, Field, locale, Notice, TextInput, useLive } from "@jackfield/kit";
import { type FormEvent, useEffect, useState } from "react";

import { JackPanel } from "./jack-panel.tsx";
import { type Refusal, safeNext, signIn } from "./session.ts";
import { useShellText } from "./shell-text.ts";
import styles from "./sign-in-page.module.css";

export function SignInPage() {
  const text = useShellText();
  const language = useLive(locale);
  const [state, setState] = useState<"ready" | "sending" | Refusal | "unreachable">("ready");
  useEffect(() => {
    document.title = `${text("signIn")} · Jackfield`;
  }, [text]);

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget;
    const given = new FormData(form);
    setState("sending");
    try {
      const refusal = await signIn(String(given.get("email")), String(given.get("password")));
      if (refusal) {
        setState(refusal);
        form.querySelector<HTMLInputElement>("[name=password]")?.select(); // ready to be typed again
      } else window.location.assign(safeNext(window.location.search));
    } catch {
      setState("unreachable");
    }
  }

  const known: Readonly<Record<number, string>> = { 400: text("signInWrong"), 429: text("signInTooOften") };
  const error = typeof state === "object" ? (known[state.status] ?? state.error) : undefined;
  return (
    <main className={styles.page} lang={language}>
      <JackPanel className={styles.panel ?? ""} />
      <div className={styles.side}>
        <form className={styles.form} onSubmit={(event) => void submit(event)}>
          <h1 className={styles.title}>{text("signInTitle")}</h1>
          <Field label={text("email")}>
            <TextInput name="email" type="email" autoComplete="username" required />
          </Field>
          <Field label={text("password")} error={error}>
            <TextInput name="password" type="password" autoComplete="current-password" required />
          </Field>
          {state === "unreachable" && <Notice kind="bad">{text("serverUnreachable")}</Notice>}
          <Button type="submit" look="primary" disabled={state === "sending"}>
            {text("signIn")}
          </Button>
        </form>
      </div>
    </main>
  );
}
