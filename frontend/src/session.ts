/** Signing in and out. */

import { csrfToken } from "@jackfield/kit";

/** Why signing in was refused. */
export interface Refusal {
  readonly status: number;
  /** In the server's words. */
  readonly error: string;
}

/** Sign in; gives the reason when it is refused. */
export async function signIn(email: string, password: string): Promise<Refusal | undefined> {
  const response = await post("/sign-in", { email, password });
  const { ok, status } = response;
  if (ok) return undefined;
  const answer = (await response.json().catch(() => ({}))) as { error?: string };
  return { status, error: answer.error ?? `HTTP ${status}` };
}

export async function signOut(): Promise<void> {
  await post("/sign-out", {});
  window.location.assign("/sign-in"); // a full load: nothing of the session stays in memory
}

/** Where to go after signing in: only a path of this server, never the address of another. */
export function safeNext(search: string): string {
  const next = new URLSearchParams(search).get("next") ?? "/";
  // The browser has the last word: it reads `/\example.com` and `/<tab>/example.com` as another server's address.
  const isOurs = /^\/(?!\/)/.test(next) && new URL(next, window.location.origin).origin === window.location.origin;
  return isOurs ? next : "/";
}

function post(path: string, body: object): Promise<Response> {
  return fetch(path, {
    method: "POST",
    credentials: "same-origin",
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
    body: JSON.stringify(body),
  });
}
