/** Text for machines, with a button that copies it. */

import { useEffect, useRef, useState } from "react";

import { Button } from "./button.tsx";
import styles from "./code.module.css";
import { useKitText } from "./kit-text.ts";

export interface CodeProps {
  /** What it is, as the copy button calls it: "token", "request". */
  readonly name: string;
  readonly children: string;
}

export function Code({ name, children }: CodeProps) {
  const text = useKitText();
  const source = useRef<HTMLElement>(null);
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = window.setTimeout(() => setCopied(false), 2000);
    return () => window.clearTimeout(timer);
  }, [copied]);

  async function copy(): Promise<void> {
    // Browsers keep the clipboard from pages served without TLS; what is selected they still copy. If not, it is ready for Ctrl C.
    if (window.isSecureContext) {
      await navigator.clipboard.writeText(children);
      setCopied(true);
    } else if (source.current) {
      window.getSelection()?.selectAllChildren(source.current);
      setCopied(document.execCommand("copy"));
    }
  }

  return (
    <div className={styles.box}>
      {/* Scrolls sideways, so a keyboard must reach it. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className={styles.text} tabIndex={0} aria-label={name} role="region">
        <code ref={source}>{children}</code>
      </pre>
      <Button look="quiet" className={styles.copy ?? ""} onClick={() => void copy()}>
        <span aria-live="polite">{copied ? text("copied") : text("copy", { what: name })}</span>
      </Button>
    </div>
  );
}
