/** Makes a page module of a React component. */

import { type ComponentType, StrictMode } from "react";
import { createRoot, type Root } from "react-dom/client";
import { Provider as GraphqlProvider } from "urql";

import { graphqlClient } from "./graphql-client.ts";
import { PageContextProvider } from "./page-context.ts";
import type { PageModule } from "./page-contract.ts";

let mounts = 0;

/**
 * Make the default export of a page's entry module.
 *
 * The page gets a React root of its own: no React context crosses the border, so shell and page can change independently.
 */
export function definePage(Component: ComponentType): PageModule {
  const roots = new WeakMap<HTMLElement, Root>();

  return {
    mount(element, context) {
      const root = createRoot(element, {
        identifierPrefix: `page-${(mounts += 1)}-`, // the shell's root counts its ids from one too
        onUncaughtError: (error) => context.fail(error),
      });
      roots.set(element, root);
      root.render(
        <StrictMode>
          <PageContextProvider value={context}>
            <GraphqlProvider value={graphqlClient}>
              <Component />
            </GraphqlProvider>
          </PageContextProvider>
        </StrictMode>,
      );
    },

    unmount(element) {
      const root = roots.get(element);
      roots.delete(element);
      // The shell calls this while its own React is at work, and React refuses to take a root down during that.
      queueMicrotask(() => root?.unmount());
    },
  };
}
