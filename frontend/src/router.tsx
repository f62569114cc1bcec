/** Which address shows what. Plugin pages are not listed here: they come from the server and share one route. */

import { createRootRoute, createRoute, createRouter, Outlet } from "@tanstack/react-router";

import { Frame } from "./frame.tsx";
import { HomePage } from "./home-page.tsx";
import { NotFoundPage } from "./not-found-page.tsx";
import { PluginRoute } from "./plugin-route.tsx";
import { parseSearch, stringifySearch } from "./search.ts";
import { SignInPage } from "./sign-in-page.tsx";
import { StartPage } from "./start-page.tsx";

const root = createRootRoute({ component: Outlet });

const signIn = createRoute({ getParentRoute: () => root, path: "/sign-in", component: SignInPage });

const frame = createRoute({ getParentRoute: () => root, id: "frame", component: Frame });
const start = createRoute({ getParentRoute: () => frame, path: "/", component: StartPage });
const home = createRoute({ getParentRoute: () => frame, path: "/project/$number", component: HomePage });
const pluginPage = createRoute({ getParentRoute: () => frame, path: "/project/$number/$", component: PluginRoute });
const notFound = createRoute({ getParentRoute: () => frame, path: "$", component: NotFoundPage });

export const router = createRouter({
  routeTree: root.addChildren([signIn, frame.addChildren([start, home, pluginPage, notFound])]),
  parseSearch,
  stringifySearch,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
