/** One of a few values. The browser's own list: it is right on phones, with keyboards and with screen readers. */

import styles from "./control.module.css";
import { useFieldLink } from "./field.tsx";

export interface SelectOption {
  readonly value: string;
  readonly label: string;
}

export interface SelectProps {
  readonly value: string;
  readonly options: readonly SelectOption[];
  readonly onChange: (value: string) => void;
  readonly "aria-label"?: string;
}

export function Select({ value, options, onChange, ...rest }: SelectProps) {
  return (
    <span className={styles.selectBox}>
      <select className={`${styles.control} ${styles.select}`} value={value} onChange={(event) => onChange(event.target.value)} {...useFieldLink()} {...rest}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      <svg className={styles.chevron} viewBox="0 0 12 12" aria-hidden="true">
        <path d="M2.5 4.5 6 8l3.5-3.5" fill="none" stroke="currentColor" strokeWidth="1.5" />
      </svg>
    </span>
  );
}
