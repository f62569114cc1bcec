/** A form field: label above, help below, an error in the help's place. */

import { createContext, type ReactNode, useContext, useId } from "react";

import styles from "./field.module.css";

/** What a control needs to belong to its field. */
interface FieldLink {
  readonly id?: string;
  readonly "aria-describedby"?: string;
  readonly "aria-invalid"?: true;
}

const FieldLinkContext = createContext<FieldLink>({});

/** Attributes for the control inside the nearest `Field`. */
export function useFieldLink(): FieldLink {
  return useContext(FieldLinkContext);
}

export interface FieldProps {
  readonly label: string;
  readonly help?: ReactNode;
  readonly error?: string | undefined;
  readonly children: ReactNode;
}

export function Field({ label, help, error, children }: FieldProps) {
  const id = useId();
  const note = error ?? help;
  const link: FieldLink = {
    id,
    ...(note ? { "aria-describedby": `${id}-note` } : {}),
    ...(error ? { "aria-invalid": true } : {}),
  };

  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={id}>
        {label}
      </label>
      <FieldLinkContext value={link}>{children}</FieldLinkContext>
      {/* Always there, so that a screen reader hears an error arrive. */}
      <div id={`${id}-note`} className={error ? styles.error : styles.help} role={error ? "alert" : undefined}>
        {note}
      </div>
    </div>
  );
}

/** Fields side by side, for the filters above what they filter. */
export function FieldGroup({ children }: { readonly children: ReactNode }) {
  return <div className={styles.group}>{children}</div>;
}
