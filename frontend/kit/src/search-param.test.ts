import { expect, test } from "vitest";

import { readParam, writeParam } from "./search-param.ts";

test("a parameter that is not in the address has its fallback", () => {
  expect(readParam("", "days", "30")).toBe("30");
  expect(readParam("?days=7&event=signed+up", "event", "")).toBe("signed up");
});

test("setting one parameter keeps the others", () => {
  expect(writeParam("?days=7", "event", "a&b = ü", "")).toBe("?days=7&event=a%26b+%3D+%C3%BC");
});

test("the fallback leaves the address clean", () => {
  expect(writeParam("?days=7", "days", "30", "30")).toBe("?");
});

test("what is written is read back", () => {
  expect(readParam(writeParam("", "event", "100% / a+b", ""), "event", "")).toBe("100% / a+b");
});
