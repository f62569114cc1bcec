/** A project's home: how to send the first event. It belongs to the shell, so it is there with no plugin at all. */

import { Code, EmptyState, Page } from "@jackfield/kit";

import styles from "./home-page.module.css";
import { useShellText } from "./shell-text.ts";
import { inOrder, pageAddress, type Project, useWorkspace } from "./workspace.ts";

export function HomePage({ project }: { readonly project: Project }) {
  const text = useShellText();
  const [firstPage] = inOrder(useWorkspace().pages);

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
            <EmptyState title={text("noPages")} hint={text("noPagesHint")} action={<code>pip install jackfield-…</code>} />
          )}
        </li>
      </ol>

      <section className={styles.facts} aria-labelledby="project-facts">
        <h2 id="project-facts">{project.name}</h2>
        <dl>
          <dt>{text("tokenLabel")}</dt>
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
