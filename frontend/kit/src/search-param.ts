/** State that lives in the address, so that a link shows the same and Back undoes the last choice. */

import { useCallback } from "react";

import { useLive, usePageContext } from "./page-context.ts";
import type { NavigateOptions } from "./page-contract.ts";

/**
 * Read and set one parameter of the address.
 *
 * A value equal to `fallback` is left out of the address: a page as it opens has a clean link.
 */
export function useSearchParam(name: string, fallback: string): [string, (value: string, options?: NavigateOptions) => void] {
  const { location, navigate } = usePageContext();
  const value = readParam(useLive(location).search, name, fallback);

  const setValue = useCallback(
    (next: string, options?: NavigateOptions) => {
      const { search } = location.current();
      if (readParam(search, name, fallback) !== next) navigate(writeParam(search, name, next, fallback), options);
    },
    [location, navigate, name, fallback],
  );

  return [value, setValue];
}

/** The parameter's value in a search string such as `?days=7`. */
export function readParam(search: string, name: string, fallback: string): string {
  return new URLSearchParams(search).get(name) ?? fallback;
}

/** The search string with the parameter set; `?` alone when none is left, which as a link means "no parameters". */
export function writeParam(search: string, name: string, value: string, fallback: string): string {
  const params = new URLSearchParams(search);
  if (value === fallback) params.delete(name);
  else params.set(name, value);
  return `?${params}`;
}
