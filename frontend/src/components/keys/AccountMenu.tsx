import { useAccess } from "../../hooks/useAccess";
import { IconButton } from "../ui/Button";
import { later } from "../ui/later";
import { Menu } from "../ui/Menu";

const AccountItems = later(async () => (await import("./AccountItems")).AccountItems);

/** Who one is here: signing in and out, and keys for those who hand them out. */
export function AccountMenu() {
  const { held } = useAccess();
  const label = held ? `Signed in as ${held.name}` : "Who you are here";
  return (
    <Menu trigger={<IconButton icon="key" label={label} />}>
      <AccountItems />
    </Menu>
  );
}
