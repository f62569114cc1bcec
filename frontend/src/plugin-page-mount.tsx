/** Loads a plugin's page and mounts it; when it breaks, says so instead of showing nothing. */

import { Button, locale, Notice, type PageContext, PageSkeleton } from "@jackfield/kit";
import { useRouter } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";

import { createPageLocation } from "./page-location.ts";
import { loadPageModule } from "./page-module.ts";
import styles from "./plugin-page-mount.module.css";
import { useShellText } from "./shell-text.ts";
import { theme } from "./theme.ts";
import { pageAddress, type PluginPage, type Project } from "./workspace.ts";

export function PluginPageMount({ project, page }: { readonly project: Project; readonly page: PluginPage }) {
  const router = useRouter();
  const container = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<"loading" | "mounted" | { error: unknown }>("loading");

  useEffect(() => {
    let gone = false; // StrictMode and quick clicks leave before the module has come
    let unmount = (): void => undefined;
    const basePath = pageAddress(project, page);
    const element = document.createElement("div"); // a fresh one each time: pages may rely on it
    container.current?.append(element);

    document.title = `${page.title} · Jackfield`; // until the page says better; for good if it breaks

    const fail = (error: unknown): void => {
      if (!gone) setState({ error });
    };
    const context: PageContext = {
      project: { number: project.number, name: project.name, timezone: project.timezone },
      basePath,
      location: createPageLocation(router.history, basePath),
      locale,
      theme,
      navigate(to, { replace = false } = {}) {
        const { pathname, search, hash } = new URL(to, window.location.href);
        router.history[replace ? "replace" : "push"](pathname + search + hash);
      },
      fail,
    };

    async function mount(): Promise<void> {
      const module = await loadPageModule(page);
      if (gone) return;
      module.mount(element, context);
      unmount = () => module.unmount(element);
      setState("mounted");
    }
    mount().catch(fail);

    return () => {
      gone = true;
      unmount();
      element.remove();
      setState("loading");
    };
  }, [project, page, router]);

  const broken = typeof state === "object";
  return (
    <>
      {state === "loading" && (
        <div className={styles.padding}>
          <PageSkeleton />
        </div>
      )}
      {broken && <BrokenPage page={page} error={state.error} />}
      <div ref={container} hidden={broken} />
    </>
  );
}

function BrokenPage({ page, error }: { readonly page: PluginPage; readonly error: unknown }) {
  const text = useShellText();
  return (
    <div className={styles.padding}>
      <Notice
        kind="bad"
        title={text("pageBroken", { page: page.title, plugin: page.plugin })}
        action={<Button onClick={() => window.location.reload()}>{text("reloadPage")}</Button>}
      >
        <p className={styles.hint}>{text("pageBrokenHint")}</p>
        <pre className={styles.error}>{error instanceof Error ? `${error.name}: ${error.message}` : String(error)}</pre>
      </Notice>
    </div>
  );
}
