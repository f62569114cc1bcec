/** A project's home: how to send the first event. It belongs to the shell, so it is there with no plugin at all. */

import { Code, EmptyState, Page } from "@jackfield/kit";
import { useParams } from "@tanstack/react-router";

import styles from "./home-page.module.css";
import { NotFoundPage } from "./not-found-page.tsx";
import { useShellText } from "./shell-text.ts";
import { inOrder, pageAddress, useWorkspace } from "./workspace.ts";

export function HomePage() {
  const text = useShellText();
  const { number } = useParams({ strict: false });
  const { projects, pages } = useWorkspace();
  const project = projects.find((each) => String(each.number) === number);
  const [firstPage] = inOrder(pages);
  if (!project) return <NotFoundPage />;

  return (
    <Page title={text("sendFirstEvent")}>
      <ol className={styles.steps}>
        <li>
          <h2>{text("stepSend")}</h2>
          <p>{text("stepSendHint")}</p>
          <Code name={text("request")}>{exampleRequest(window.location.origin, project.token)}</Code>
        </li>
        <li>
          <h2>{text("stepSee")}</h2>
          {firstPage ? (
            <p>
              <a href={pageAddress(project, firstPage)}>{text("openPage", { page: firstPage.title })}</a>
            </p>
          ) : (
            <EmptyState title={text("noPages")} hint={text("noPagesHint")} action={<Code name={text("command")}>pip install jackfield-…</Code>} />
          )}
        </li>
      </ol>

      <section className={styles.facts} aria-labelledby="project-facts">
        <h2 id="project-facts">{project.name}</h2>
        <dl>
          <dt>{text("token")}</dt>
          <dd>
            <Code name={text("token")}>{project.token}</Code>
            <p>{text("tokenHint")}</p>
          </dd>
          <dt>{text("timezone")}</dt>
          <dd>{project.timezone}</dd>
        </dl>
      </section>
    </Page>
  );
}

function exampleRequest(server: string, token: string): string {
  return [
    `curl -X POST ${server}/v1/events \\`,
    `  -H 'Authorization: Bearer ${token}' \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -d '{"event":"signed up","distinct_id":"ada"}'`,
  ].join("\n");
}
