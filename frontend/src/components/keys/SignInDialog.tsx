import { useId, useState } from "react";
import { access, type Why } from "../../api/access";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import "./keys.css";

const REASONS: Record<Why, string> = {
  needed: "From where you are, this server wants to know who asks. Paste the key you were given.",
  refused: "The key you signed in with is no longer good: it was taken back, or has expired. Paste another one.",
  offered: "With a key you see what was sent in with it.",
};

/** Asks for a key, tries it, and keeps it for as long as the window is open. */
export function SignInDialog({ why }: { why: Why }) {
  const id = useId();
  const [typed, setTyped] = useState("");
  const [wrong, setWrong] = useState<string | null>(null);
  const [isTried, setIsTried] = useState(false);
  const leave = (): void => {
    access.leave();
  };
  const signIn = async (): Promise<void> => {
    setIsTried(true);
    setWrong(null);
    setWrong(await access.signIn(typed));
    setIsTried(false);
  };
  return (
    <Dialog title="Sign in" onClose={leave}>
      <p>{REASONS[why]}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void signIn();
        }}
      >
        <label htmlFor={id}>Key</label>
        <input
          id={id}
          data-first
          type="password"
          className="key-field"
          value={typed}
          required
          placeholder="quoth_…"
          autoComplete="off"
          spellCheck={false}
          aria-invalid={wrong !== null}
          aria-describedby={`${id}-told`}
          onChange={(event) => {
            setTyped(event.target.value);
          }}
        />
        <div id={`${id}-told`}>
          {wrong ? (
            <p className="error" role="alert">
              {wrong}
            </p>
          ) : (
            <p className="hint">It is kept until you sign out or close this window, and in no address.</p>
          )}
        </div>
        <div className="dialog-actions">
          <Button look="quiet" onClick={leave}>
            Not now
          </Button>
          <Button look="primary" type="submit" disabled={isTried}>
            {isTried ? "Trying it…" : "Sign in"}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
