/** For an address that means nothing here. */

import { EmptyState, Page } from "@jackfield/kit";

import { useShellText } from "./shell-text.ts";

export function NotFoundPage() {
  const text = useShellText();
  return (
    <Page title={text("notFoundTitle")}>
      <EmptyState title={text("notFound", { address: window.location.pathname })} hint={text("notFoundHint")} action={<a href="/">{text("goToStart")}</a>} />
    </Page>
  );
}
