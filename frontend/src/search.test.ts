import { expect, test } from "vitest";

import { parseSearch, stringifySearch } from "./search.ts";

test.each(["", "?days=7", "?event=signed+up&days=7", "?a=1&a=2&b=true", "?json=%7B%22a%22%3A1%7D"])("the router leaves %j as it is", (search) => {
  expect(stringifySearch(parseSearch(search))).toBe(search);
});
