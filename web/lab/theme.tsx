// Light or dark: first as the system has it, then as the button says.
import { useState } from "preact/hooks";

export type Theme = "light" | "dark";
export const systemTheme = (): Theme => (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");

/// The document has its colors before anything is drawn again with them.
export const wear = (theme: Theme) => { document.documentElement.dataset.theme = theme; };

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, set] = useState(systemTheme());
  return [theme, (to) => { wear(to); set(to); }];
}

export interface ThemeProps { theme: Theme; setTheme(theme: Theme): void }

export function ThemeButton({ theme, setTheme }: ThemeProps) {
  const other = theme === "dark" ? "light" : "dark";
  return <button type="button" aria-label={other + " colors"} onClick={() => setTheme(other)}>{theme === "dark" ? "☀" : "☾"}</button>;
}
