/** The one GraphQL client of a browser tab; the shell and all pages share it and its cache. */

import { cacheExchange, Client, fetchExchange } from "urql";

import { csrfToken } from "./csrf.ts";

export const graphqlClient = new Client({
  url: "/graphql",
  exchanges: [cacheExchange, fetchExchange],
  requestPolicy: "cache-and-network",
  preferGetMethod: false, // the session's requests are checked against forgery, which is done for POST
  fetch: fetchSignedIn,
  fetchOptions: () => ({ credentials: "same-origin", headers: { "X-CSRFToken": csrfToken() } }),
});

/** Where to sign in and come back from to the given place. */
export function signInAddress(here: { pathname: string; search: string }): string {
  const next = here.pathname + here.search;
  return next === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(next)}`;
}

/** Fetch; when the session is over, go and sign in. */
async function fetchSignedIn(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const response = await fetch(input, init);
  if (response.status !== 401) return response;

  window.location.assign(signInAddress(window.location));
  return new Promise(() => undefined); // the page goes away: no error should flash up before
}
