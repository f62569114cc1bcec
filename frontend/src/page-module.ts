/** Fetches a plugin's page: stylesheet first, so that it never shows itself unstyled. */

import type { PageModule } from "@jackfield/kit";

import type { PluginPage } from "./workspace.ts";

const styles = new Map<string, Promise<void>>();

/**
 * Load the page's stylesheet and module.
 *
 * Raises:
 *   Error: the module cannot be fetched or run, or does not export what `definePage` of the kit returns.
 */
export async function loadPageModule({ entry, style }: Pick<PluginPage, "entry" | "style">): Promise<PageModule> {
  const [imported] = await Promise.all([import(/* @vite-ignore */ entry) as Promise<{ default?: unknown }>, style ? linkStyle(style) : undefined]);
  if (!isPageModule(imported.default)) throw new Error(`${entry} has no default export with mount() and unmount()`);
  return imported.default;
}

function isPageModule(value: unknown): value is PageModule {
  return typeof value === "object" && value !== null && "mount" in value && "unmount" in value;
}

/** Link a stylesheet once. It stays: its rules are scoped by the page's build, and a second visit is instant. */
function linkStyle(address: string): Promise<void> {
  const linked = styles.get(address) ?? appendStyle(address);
  styles.set(address, linked);
  return linked;
}

function appendStyle(address: string): Promise<void> {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = address;
  document.head.append(link);
  return new Promise((resolve) => {
    link.addEventListener("load", () => resolve());
    link.addEventListener("error", () => resolve()); // an unstyled page is better than none
  });
}
