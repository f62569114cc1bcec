/** Which address shows what. Plugin pages are not listed here: they come from the server and share one route. */

import { createRootRoute, createRoute, createRouter, Outlet } from "@tanstack/react-router";

import { Frame } from "./frame.tsx";
import { NotFoundPage } from "./not-found-page.tsx";
import { ProjectRoute } from "./project-route.tsx";
import { parseSearch, stringifySearch } from "./search.ts";
import { SignInPage } from "./sign-in-page.tsx";
import { StartPage } from "./start-page.tsx";

const root = createRootRoute({ component: Outlet });

const signIn = createRoute({ getParentRoute: () => root, path: "/sign-in", component: SignInPage });

const frame = createRoute({ getParentRoute: () => root, id: "frame", component: Frame });
const start = createRoute({ getParentRoute: () => frame, path: "/", component: StartPage });
const project = createRoute({ getParentRoute: () => frame, path: "/project/$", component: ProjectRoute });
const notFound = createRoute({ getParentRoute: () => frame, path: "$", component: NotFoundPage });

export const router = createRouter({
  routeTree: root.addChildren([signIn, frame.addChildren([start, project, notFound])]),
  parseSearch,
  stringifySearch,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
