/** Turns clicks on ordinary links into navigation without a page load, for the shell and for every plugin's page. */

import { useRouter } from "@tanstack/react-router";
import { type MouseEvent, useCallback } from "react";

/** Whether an address is a page of the shell. All others are the server's and the plugins': a plugin may answer at any path. */
export function isPage(pathname: string): boolean {
  return /^\/(project\/.*)?$/.test(pathname);
}

export function useFollowLinks(): (event: MouseEvent) => void {
  const router = useRouter();

  return useCallback(
    (event) => {
      const link = (event.target as Element).closest("a[href]");
      if (!(link instanceof HTMLAnchorElement) || !shouldFollow(event, link)) return;
      event.preventDefault();
      const { pathname, search, hash } = new URL(link.href);
      router.history.push(pathname + search + hash);
    },
    [router],
  );
}

function shouldFollow(event: MouseEvent, link: HTMLAnchorElement): boolean {
  const wantsOtherPlace = event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
  if (event.defaultPrevented || wantsOtherPlace || link.target || link.hasAttribute("download")) return false;
  const { origin, pathname, search, hash } = new URL(link.href);
  const isWithinPage = hash !== "" && pathname === window.location.pathname && search === window.location.search;
  return origin === window.location.origin && !isWithinPage && isPage(pathname);
}
