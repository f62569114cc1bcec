/** The address as a plugin's page sees it: relative to where the page lives. */

import type { Live, PageLocation } from "@jackfield/kit";

/** What this needs of the router's history. */
interface History {
  readonly location: { readonly pathname: string; readonly search: string };
  subscribe(listener: () => void): () => void;
}

/** The location below `basePath`; stays as it was while the address is that of another page, which is about to take over. */
export function createPageLocation(history: History, basePath: string): Live<PageLocation> {
  let last: PageLocation = { path: "", search: "" };

  return {
    current() {
      const { pathname, search } = history.location;
      if (pathname !== basePath && !pathname.startsWith(`${basePath}/`)) return last;
      const path = pathname.slice(basePath.length);
      if (path !== last.path || search !== last.search) last = { path, search };
      return last;
    },
    subscribe: (listener) => history.subscribe(listener),
  };
}
