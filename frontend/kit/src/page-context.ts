/** The page's context, inside React. Knows nothing of the shell but the contract. */

import { createContext, useContext, useSyncExternalStore } from "react";

import type { Live, PageContext, PageProject } from "./page-contract.ts";

export const PageContextProvider = createContext<PageContext | null>(null);

/** The context that the shell mounted this page with. */
export function usePageContext(): PageContext {
  const context = useContext(PageContextProvider);
  if (!context) throw new Error("This component works only within a page made by definePage()");
  return context;
}

/** The project whose page this is. */
export function useProject(): PageProject {
  return usePageContext().project;
}

/** Read a live value and draw again when it changes. */
export function useLive<Value>(live: Live<Value>): Value {
  return useSyncExternalStore(live.subscribe, live.current);
}
