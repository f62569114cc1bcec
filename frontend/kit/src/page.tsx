/** The frame of every page: title, filters, and the states of the question that the page asks. */

import { type ReactNode, useEffect } from "react";

import { Button } from "./button.tsx";
import { EmptyState } from "./empty-state.tsx";
import { useKitText } from "./kit-text.ts";
import { Notice } from "./notice.tsx";
import { useOnline } from "./online.ts";
import styles from "./page.module.css";
import type { Query } from "./query.ts";

interface Heading {
  readonly title: string;
  /** Fields that decide what is asked; they stay usable while an answer is on its way. */
  readonly controls?: ReactNode;
}

export type PageProps<Data> =
  | (Heading & { readonly query: Query<Data>; readonly children: (data: Data) => ReactNode })
  | (Heading & { readonly query?: undefined; readonly children: ReactNode });

export function Page<Data>({ title, controls, ...rest }: PageProps<Data>) {
  useEffect(() => {
    document.title = `${title} · Jackfield`;
  }, [title]);

  return (
    <div className={styles.page}>
      <h1 className={styles.title}>{title}</h1>
      {controls && (
        <div className={styles.controls}>
          <div className={styles.content}>{controls}</div>
        </div>
      )}
      <div className={styles.content}>{rest.query ? <Answer query={rest.query}>{rest.children}</Answer> : rest.children}</div>
    </div>
  );
}

function Answer<Data>({ query, children }: { readonly query: Query<Data>; readonly children: (data: Data) => ReactNode }) {
  const text = useKitText();
  const online = useOnline();
  const retry = <Button onClick={query.retry}>{text("retry")}</Button>;

  if (query.data === undefined) {
    if (!online) return <EmptyState title={text("offlineTitle")} hint={text("offlineHint")} />;
    if (query.error) {
      return (
        <Notice kind="bad" title={text("errorTitle")} action={retry}>
          {query.error.message}
        </Notice>
      );
    }
    return <PageSkeleton />;
  }

  return (
    <>
      {query.error && (
        <div className={styles.stale}>
          <Notice kind="attention" action={retry}>
            {text("refreshFailed", { reason: query.error.message })}
          </Notice>
        </div>
      )}
      <div className={styles.answer} aria-busy={query.waiting}>
        {children(query.data)}
      </div>
    </>
  );
}

/** The rough shape of what comes; shows itself only to those who have waited 300 ms. */
export function PageSkeleton() {
  const text = useKitText();
  return (
    <div className={styles.skeleton} role="status">
      <span className={styles.unseen}>{text("loading")}</span>
      <div className={styles.skeletonLine} />
      <div className={styles.skeletonBlock} />
    </div>
  );
}
