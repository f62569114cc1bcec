import { expect, test } from "vitest";

import { isPage } from "./follow-links.ts";

test.each(["/", "/project/1", "/project/1/insights"])("the shell shows %s", (pathname) => {
  expect(isPage(pathname)).toBe(true);
});

test.each(["/sign-in", "/graphql", "/v1/events", "/guestbook/of/phc_1", "/projects"])("the server answers %s", (pathname) => {
  expect(isPage(pathname)).toBe(false);
});
