import type { ReactNode } from "react";
import { useSettings, type Theme } from "../hooks/useSettings";
import { AccountMenu } from "./keys/AccountMenu";
import { IconButton } from "./ui/Button";
import { Menu, MenuItem } from "./ui/Menu";

const THEMES: Record<Theme, string> = {
  system: "As the system",
  light: "Light",
  dark: "Dark",
};

export function Header({ children }: { children?: ReactNode }) {
  const [{ theme }, change] = useSettings();
  return (
    <header className="header">
      <a className="wordmark" href="#/" aria-label="Quoth, to the start">
        Quoth
      </a>
      {children}
      <AccountMenu />
      <Menu trigger={<IconButton icon="sun" label="Light or dark" />}>
        {(Object.keys(THEMES) as Theme[]).map((one) => (
          <MenuItem
            key={one}
            note={one === theme ? "✓" : ""}
            onSelect={() => {
              change({ theme: one });
            }}
          >
            {THEMES[one]}
          </MenuItem>
        ))}
      </Menu>
    </header>
  );
}
