import { access } from "../../api/access";
import { signOut, useAccess, useWhoAmI } from "../../hooks/useAccess";
import { goTo } from "../../hooks/useRoute";
import { MenuItem, MenuLabel } from "../ui/Menu";

export function AccountItems() {
  const { held } = useAccess();
  const { data: who } = useWhoAmI();
  return (
    <>
      <MenuLabel>
        {held ? `Signed in as ${held.name}` : who?.needs_key ? "Not signed in" : "Your network needs no key"}
      </MenuLabel>
      {who?.scopes.includes("admin") && (
        <MenuItem
          onSelect={() => {
            goTo({ view: "keys" });
          }}
        >
          API keys
        </MenuItem>
      )}
      {held ? (
        <MenuItem onSelect={() => void signOut()}>Sign out</MenuItem>
      ) : (
        <MenuItem
          onSelect={() => {
            access.offer();
          }}
        >
          Sign in with a key
        </MenuItem>
      )}
    </>
  );
}
