import { useState } from "react";
import { messageOf } from "../../api/client";
import type { Key } from "../../api/keys";
import { useAccess, useApiKeys } from "../../hooks/useAccess";
import { usedInWords } from "../../lib/keyWords";
import { whenInWords } from "../../lib/time";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { NewKeyDialog } from "./NewKeyDialog";
import "./keys.css";

/** Every key, what it may do and does; making and taking back. */
export function KeyList() {
  const { found } = useApiKeys();
  const [isMaking, setIsMaking] = useState(false);
  const [doomed, setDoomed] = useState<Key | null>(null);
  return (
    <section aria-labelledby="api-keys">
      <div className="section-head">
        <h1 id="api-keys">API keys</h1>
        <Button
          look="primary"
          icon="key"
          onClick={() => {
            setIsMaking(true);
          }}
        >
          New key
        </Button>
      </div>
      <p className="hint">
        For people and programs outside your network. Each key has its own recordings, and sees nobody else’s.
      </p>
      {found.isError && (
        <p className="error" role="alert">
          {messageOf(found.error)}
        </p>
      )}
      {found.data?.length === 0 && <p className="empty">There is no key yet.</p>}
      <ul className="rows key-rows">
        {found.data?.map((key) => (
          <KeyRow
            key={key.id}
            apiKey={key}
            onRevoke={() => {
              setDoomed(key);
            }}
          />
        ))}
      </ul>
      {isMaking && (
        <NewKeyDialog
          onClose={() => {
            setIsMaking(false);
          }}
        />
      )}
      {doomed && (
        <RevokeDialog
          apiKey={doomed}
          onClose={() => {
            setDoomed(null);
          }}
        />
      )}
    </section>
  );
}

function KeyRow({ apiKey: key, onRevoke }: { apiKey: Key; onRevoke: () => void }) {
  const isOver = key.expires_at !== null && key.expires_at * 1000 < Date.now();
  const facts = [
    key.scopes.join(", "),
    `made ${whenInWords(key.created_at)}`,
    key.expires_at === null ? null : `${isOver ? "ended" : "ends"} ${new Date(key.expires_at * 1000).toLocaleDateString()}`,
    key.quotas.concurrent_jobs == null ? null : `${key.quotas.concurrent_jobs} jobs at once`,
  ];
  const used = key.last_used_at === null ? "Never used" : `Last used ${whenInWords(key.last_used_at)}`;
  return (
    <li className="row" data-over={isOver || undefined}>
      <div className="row-main">
        <h2>{key.name}</h2>
        <p className="hint">{facts.filter(Boolean).join(" · ")}</p>
        <p className="hint">
          {used} · today {usedInWords(key.used_today, key.quotas)}
        </p>
      </div>
      <Button look="danger" aria-label={`Take back the key ${key.name}`} onClick={onRevoke}>
        Take back
      </Button>
    </li>
  );
}

function RevokeDialog({ apiKey: key, onClose }: { apiKey: Key; onClose: () => void }) {
  const { revoke } = useApiKeys();
  const { held } = useAccess();
  return (
    <Dialog title={`Take back ${key.name}?`} onClose={onClose}>
      <p>
        Whoever has this key is shut out at once, for good. Its recordings stay on the server, but nobody sees them any
        more: delete them with the key first if they are to go.
      </p>
      {held?.name === key.name && <p className="warning">You are signed in with a key of this name.</p>}
      <div className="dialog-actions">
        <Button look="quiet" data-first onClick={onClose}>
          Keep it
        </Button>
        <Button
          look="danger"
          disabled={revoke.isPending}
          onClick={() => {
            revoke.mutate(key.id, { onSuccess: onClose });
          }}
        >
          Take it back
        </Button>
      </div>
    </Dialog>
  );
}
