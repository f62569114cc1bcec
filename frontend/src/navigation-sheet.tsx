/** The sidebar of narrow screens: a sheet that a button opens and any choice closes. */

import { useLocation } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";

import styles from "./navigation-sheet.module.css";
import { useShellText } from "./shell-text.ts";
import { Sidebar } from "./sidebar.tsx";

export function NavigationSheet() {
  const text = useShellText();
  const sheet = useRef<HTMLDialogElement>(null);
  const [open, setOpen] = useState(false);
  const { href } = useLocation();
  useEffect(() => sheet.current?.close(), [href]);

  function show(): void {
    setOpen(true);
    sheet.current?.showModal();
  }

  return (
    <>
      <button type="button" className={styles.button} aria-label={text("openNavigation")} onClick={show}>
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <path d="M3 6h14M3 10h14M3 14h14" fill="none" stroke="currentColor" strokeWidth="1.5" />
        </svg>
      </button>
      {/* A click on the backdrop is one on the dialog itself; Escape is the browser's. */}
      {/* oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions */}
      <dialog
        ref={sheet}
        className={styles.sheet}
        aria-label={text("navigation")}
        onClose={() => setOpen(false)}
        onClick={(event) => {
          if (event.target === sheet.current) sheet.current.close();
        }}
      >
        <button type="button" className={styles.close} aria-label={text("closeNavigation")} onClick={() => sheet.current?.close()}>
          <svg viewBox="0 0 20 20" aria-hidden="true">
            <path d="m5 5 10 10M15 5 5 15" fill="none" stroke="currentColor" strokeWidth="1.5" />
          </svg>
        </button>
        {open && <Sidebar />}
      </dialog>
    </>
  );
}
