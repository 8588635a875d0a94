import { useId, useRef, useState } from "react";
import type { NewKey } from "../../api/keys";
import { copyText } from "../../lib/clipboard";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";

/** A key that was just made: the one time that anybody sees it. */
export function KeyShownOnce({ made, onClose }: { made: NewKey; onClose: () => void }) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [told, setTold] = useState("");
  const copy = async (): Promise<void> => {
    const isCopied = await copyText(made.key);
    // The old way of copying took the choice of text along.
    field.current?.focus();
    field.current?.select();
    setTold(isCopied ? "Copied." : "This browser does not let pages copy: the key is marked, copy it by key or by touch.");
  };
  return (
    <Dialog
      title={`The key for ${made.name}`}
      onClose={() => {
        // A click beside it would lose the key for good.
        setTold("Once you have it, press “I have it”: it is never shown again.");
      }}
    >
      <p>Copy it now. Only a hash of it is kept: it is never shown again.</p>
      <div className="share-link">
        <label htmlFor={id}>Key</label>
        <div>
          <input
            ref={field}
            id={id}
            data-first
            readOnly
            className="key-field"
            value={made.key}
            onFocus={(event) => {
              event.target.select();
            }}
          />
          <Button icon="copy" onClick={() => void copy()}>
            Copy
          </Button>
        </div>
        <p className="hint" role="status">
          {told}
        </p>
      </div>
      <p className="hint">It goes into the header “Authorization: Bearer …”, or into this page’s sign-in.</p>
      <div className="dialog-actions">
        <Button look="primary" onClick={onClose}>
          I have it
        </Button>
      </div>
    </Dialog>
  );
}
