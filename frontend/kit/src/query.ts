/** Ask GraphQL from a component: keeps the last answer while the next is on its way, refreshes while somebody looks. */

import { useCallback, useEffect, useState } from "react";
import { type AnyVariables, type CombinedError, type TypedDocumentNode, useQuery as useUrqlQuery } from "urql";

import { useOnline } from "./online.ts";

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
  readonly message: string;
  /** The server was not reached at all. */
  readonly unreachable: boolean;
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
  const [result, execute] = useUrqlQuery<Data, AnyVariables>({ query: document, variables });
  const question = JSON.stringify(variables);
  const [answered, setAnswered] = useState<string>();
  const settled = !result.fetching && !result.error && result.data !== undefined;
  if (settled && answered !== question) setAnswered(question);

  const retry = useCallback(() => execute({ requestPolicy: "network-only" }), [execute]);
  const refresh = useCallback(() => execute({ requestPolicy: "cache-and-network" }), [execute]);
  useRefresh(refresh, refreshSeconds);
  useRetryWhenOnline(retry, result.error !== undefined);

  const isForThisQuestion = settled || answered === question;
  return {
    // After a failure the last answer may be to another question, and must not pass for the answer to this one.
    data: result.error && !isForThisQuestion ? undefined : result.data,
    error: result.error && readError(result.error),
    waiting: result.fetching && !isForThisQuestion,
    retry,
  };
}

function useRefresh(refresh: () => void, seconds: number | undefined): void {
  useEffect(() => {
    if (seconds === undefined) return;
    let last = Date.now();
    const refreshIfDue = (): void => {
      if (document.visibilityState !== "visible" || !navigator.onLine || Date.now() - last < seconds * 990) return;
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
  const online = useOnline();
  const [wasOnline, setWasOnline] = useState(online);
  useEffect(() => {
    if (online && !wasOnline && failed) retry();
    setWasOnline(online);
  }, [online, wasOnline, failed, retry]);
}

function readError({ graphQLErrors, networkError, message }: CombinedError): QueryError {
  return { message: graphQLErrors[0]?.message ?? networkError?.message ?? message, unreachable: networkError instanceof TypeError };
}
