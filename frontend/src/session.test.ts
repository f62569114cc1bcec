import { expect, test } from "vitest";

import { safeNext } from "./session.ts";

test.each([
  ["?next=%2Fproject%2F1%2Finsights%3Fdays%3D7", "/project/1/insights?days=7"],
  ["", "/"],
  ["?next=https%3A%2F%2Fexample.com", "/"],
  ["?next=%2F%2Fexample.com", "/"],
  ["?next=%2F%5Cexample.com", "/"],
  ["?next=%2F%09%2Fexample.com", "/"],
  ["?next=javascript%3Aalert(1)", "/"],
])("%s goes to %s", (search, address) => {
  expect(safeNext(search)).toBe(address);
});
