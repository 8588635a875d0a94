import * as Radix from "@radix-ui/react-dropdown-menu";
import type { ReactElement, ReactNode } from "react";

interface MenuProps {
  trigger: ReactElement;
  isOpenAtFirst?: boolean;
  children: ReactNode;
}

/** A menu at a button. It is not modal: locking the page would need styles the policy forbids. */
export function Menu({ trigger, isOpenAtFirst = false, children }: MenuProps) {
  return (
    <Radix.Root modal={false} defaultOpen={isOpenAtFirst}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className="menu" align="end" sideOffset={6} collisionPadding={12} loop>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface ItemProps {
  onSelect: () => void;
  children: ReactNode;
  note?: string;
  look?: "danger";
}

export function MenuItem({ onSelect, children, note, look }: ItemProps) {
  return (
    <Radix.Item className="menu-item" onSelect={onSelect} data-look={look}>
      <span>{children}</span>
      {note && <span className="menu-note">{note}</span>}
    </Radix.Item>
  );
}

export function MenuLink({ href, children, note }: { href: string; children: ReactNode; note?: string }) {
  return (
    <Radix.Item className="menu-item" asChild>
      <a href={href} download>
        <span>{children}</span>
        {note && <span className="menu-note">{note}</span>}
      </a>
    </Radix.Item>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className="menu-label">{children}</Radix.Label>;
}

export function MenuSeparator() {
  return <Radix.Separator className="menu-separator" />;
}
