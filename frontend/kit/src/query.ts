/** Ask GraphQL from a component: keeps the last answer while the next is on its way, refreshes while somebody looks. */

import { useCallback, useEffect, useState } from "react";
import { type AnyVariables, type CombinedError, type TypedDocumentNode, useQuery as useUrqlQuery } from "urql";

import { useKitText } from "./kit-text.ts";

export interface Query<Data> {
  /** The newest answer; while `waiting`, possibly that to the question before. */
  readonly data: Data | undefined;
  /** Why there is no answer, or, next to `data`, why it could not be refreshed. */
  readonly error: QueryError | undefined;
  /** An answer that nobody has seen is on its way; a refresh in the background is not waited for. */
  readonly waiting: boolean;
  readonly retry: () => void;
}

export interface QueryError {
  /** For people: what the API said, or that no answer of the API came. */
  readonly message: string;
}

export interface QueryOptions {
  /** Ask again every so often, while the tab is visible. */
  readonly refreshSeconds?: number;
}

export function useQuery<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: NoInfer<Variables>,
  { refreshSeconds }: QueryOptions = {},
): Query<Data> {
  const text = useKitText();
  const [result, execute] = useUrqlQuery<Data, AnyVariables>({ query: document, variables });
  const question = JSON.stringify(variables);
  const [kept, setKept] = useState<{ question: string; data: Data }>();
  // Kept here, because a refusal (`data: null`) would wipe out the client's last answer.
  const fresh = !result.fetching && !result.error && result.data ? { question, data: result.data } : undefined;
  if (fresh && (kept?.question !== question || kept.data !== fresh.data)) setKept(fresh);

  const retry = useCallback(() => execute({ requestPolicy: "network-only" }), [execute]);
  const refresh = useCallback(() => execute({ requestPolicy: "cache-and-network" }), [execute]);
  useRefresh(refresh, refreshSeconds);
  useRetryWhenOnline(retry, result.error !== undefined);

  const answer = fresh ?? kept;
  const isForThisQuestion = answer?.question === question;
  return {
    // After a failure the last answer may be to another question, and must not pass for the answer to this one.
    data: result.error && !isForThisQuestion ? undefined : answer?.data,
    error: result.error && { message: explain(result.error, text) },
    waiting: result.fetching && !isForThisQuestion,
    retry,
  };
}

/** Timers fire a little early at times; a refresh that is due but for a moment should not wait for the next. */
const almostASecond = 990;

function useRefresh(refresh: () => void, seconds: number | undefined): void {
  useEffect(() => {
    if (seconds === undefined) return;
    let last = Date.now();
    const refreshIfDue = (): void => {
      if (document.visibilityState !== "visible" || !navigator.onLine || Date.now() - last < seconds * almostASecond) return;
      last = Date.now();
      refresh();
    };

    const timer = window.setInterval(refreshIfDue, seconds * 1000);
    document.addEventListener("visibilitychange", refreshIfDue); // who comes back sees the present
    return () => {
      window.clearInterval(timer);
      document.removeEventListener("visibilitychange", refreshIfDue);
    };
  }, [refresh, seconds]);
}

function useRetryWhenOnline(retry: () => void, failed: boolean): void {
  useEffect(() => {
    if (!failed) return;
    window.addEventListener("online", retry);
    return () => window.removeEventListener("online", retry);
  }, [retry, failed]);
}

function explain({ graphQLErrors, networkError, response, message }: CombinedError, text: ReturnType<typeof useKitText>): string {
  if (graphQLErrors[0]) return graphQLErrors[0].message;
  if (networkError instanceof TypeError) return text("unreachable");
  // Something between here and the API answered in its place; what it says is not made for people, and may be nothing.
  const { status } = (response ?? {}) as Partial<Response>;
  return status === undefined ? message : text("noAnswer", { status });
}
