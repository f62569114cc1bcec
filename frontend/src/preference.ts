/** What this browser remembers for its user. Without storage everything works, and is forgotten. */

type Preference = "theme" | "locale";

export function recall(name: Preference): string | null {
  try {
    return localStorage.getItem(`jackfield.${name}`);
  } catch {
    return null;
  }
}

/** Keep a choice; null goes back to what the system says. */
export function remember(name: Preference, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`jackfield.${name}`);
    else localStorage.setItem(`jackfield.${name}`, value);
  } catch {
    // Storage is blocked: the choice holds until the tab is closed.
  }
}
