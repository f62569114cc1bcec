/** What guests wrote, the newest first, and where they can sign. */

import { EmptyState, Notice, Page, today, useFormat, useProject, useQuery } from "@jackfield/kit";

import styles from "./guestbook.module.css";
import { type GuestbookProject, GuestbookQuery } from "./guestbook-query.ts";
import { useGuestbookText } from "./guestbook-text.ts";

export function Guestbook() {
  const text = useGuestbookText();
  const { number } = useProject();
  const guestbook = useQuery(GuestbookQuery, { project: number }, { refreshSeconds: 10 });

  return (
    <Page title={text("title")} query={guestbook}>
      {({ project }) => (project ? <Entries project={project} /> : <Notice kind="attention">{text("noProject")}</Notice>)}
    </Page>
  );
}

function Entries({ project }: { readonly project: GuestbookProject }) {
  const text = useGuestbookText();
  const format = useFormat();
  const { timezone } = useProject();
  const form = <a href={`/guestbook/of/${encodeURIComponent(project.token)}`}>{text("form")}</a>;
  const entries = project.guestbook.nodes;

  if (entries.length === 0) return <EmptyState title={text("emptyTitle")} hint={text("emptyHint")} action={form} />;
  return (
    <>
      <ul className={styles.entries}>
        {entries.map((entry) => (
          <li key={entry.uuid}>
            <blockquote className={styles.message}>{entry.message}</blockquote>
            <p className={styles.guest}>
              {entry.guestName} · <time dateTime={entry.signedAt}>{format.longDay(today(timezone, new Date(entry.signedAt)))}</time>
            </p>
            {entry.thanks && <p className={styles.guest}>{entry.thanks}</p>}
          </li>
        ))}
      </ul>
      <p>{form}</p>
    </>
  );
}
