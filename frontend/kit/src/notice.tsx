/** A line that says that something is wrong or wants attention, with a way out. */

import type { ReactNode } from "react";

import styles from "./notice.module.css";

export interface NoticeProps {
  readonly kind: "bad" | "attention";
  readonly title?: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}

export function Notice({ kind, title, children, action }: NoticeProps) {
  return (
    <div className={`${styles.notice} ${styles[kind]}`} role={kind === "bad" ? "alert" : "status"}>
      <div className={styles.words}>
        <svg className={styles.sign} viewBox="0 0 16 16" aria-hidden="true">
          {kind === "bad" ? <path d="M5 1.5h6L14.5 5v6L11 14.5H5L1.5 11V5z" /> : <path d="M8 1.5 15 14.5H1z" />}
          <path d="M8 5.5v4M8 11v1.5" />
        </svg>
        {title && <h2 className={styles.title}>{title}</h2>}
        {children && <div className={styles.text}>{children}</div>}
      </div>
      {action && <div className={styles.action}>{action}</div>}
    </div>
  );
}
