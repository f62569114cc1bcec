/** `/sign-in`: the one page without the frame. */

import { Button, Field, locale, Notice, TextInput, useLive } from "@jackfield/kit";
import { type FormEvent, useEffect, useState } from "react";

import { JackPanel } from "./jack-panel.tsx";
import { safeNext, signIn } from "./session.ts";
import { useShellText } from "./shell-text.ts";
import styles from "./sign-in-page.module.css";

export function SignInPage() {
  const text = useShellText();
  const language = useLive(locale);
  const [state, setState] = useState<"ready" | "sending" | { error: string } | "unreachable">("ready");
  useEffect(() => {
    document.title = `${text("signIn")} · Jackfield`;
  }, [text]);

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setState("sending");
    try {
      const { error } = await signIn(String(form.get("email")), String(form.get("password")));
      if (error) setState({ error });
      else window.location.assign(safeNext(window.location.search));
    } catch {
      setState("unreachable");
    }
  }

  const error = typeof state === "object" ? state.error : undefined;
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
