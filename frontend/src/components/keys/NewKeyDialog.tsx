import { useId, useState } from "react";
import { messageOf } from "../../api/client";
import type { NewKey, Scope } from "../../api/keys";
import { useApiKeys } from "../../hooks/useAccess";
import { quotasOf } from "../../lib/keyWords";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { KeyShownOnce } from "./KeyShownOnce";

const SCOPES: readonly { scope: Scope; does: string }[] = [
  { scope: "transcribe", does: "Send recordings in and work on them" },
  { scope: "read", does: "Read and hear its own recordings" },
  { scope: "delete", does: "Delete its own recordings" },
  { scope: "admin", does: "Make and take back keys" },
];
const DAY = 86_400;
const TERMS = [
  { value: "", label: "Never" },
  { value: "1", label: "After a day" },
  { value: "7", label: "After a week" },
  { value: "30", label: "After a month" },
  { value: "365", label: "After a year" },
] as const;
const QUOTAS = [
  { name: "hours", label: "Hours of audio a day", step: "0.1" },
  { name: "gigabytes", label: "Gigabytes a day", step: "0.1" },
  { name: "jobs", label: "Jobs at once", step: "1" },
] as const;

export function NewKeyDialog({ onClose }: { onClose: () => void }) {
  const { create } = useApiKeys();
  const [made, setMade] = useState<NewKey | null>(null);
  if (made) return <KeyShownOnce made={made} onClose={onClose} />;
  return (
    <Dialog title="New key" onClose={onClose}>
      <form
        className="new-key"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate(formOf(new FormData(event.currentTarget)), { onSuccess: setMade });
        }}
      >
        <Fields />
        {create.isError && (
          <p className="error" role="alert">
            {messageOf(create.error)}
          </p>
        )}
        <div className="dialog-actions">
          <Button look="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button look="primary" type="submit" disabled={create.isPending}>
            Make it
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Fields() {
  const id = useId();
  return (
    <>
      <label htmlFor={`${id}-name`}>Who or what is it for?</label>
      <input id={`${id}-name`} name="name" data-first required maxLength={100} autoComplete="off" />
      <fieldset className="scopes">
        <legend>What it may do</legend>
        {SCOPES.map(({ scope, does }) => (
          <label key={scope}>
            <input type="checkbox" name="scope" value={scope} defaultChecked={scope !== "admin"} /> {does}
          </label>
        ))}
      </fieldset>
      <label htmlFor={`${id}-term`}>It ends</label>
      <select id={`${id}-term`} name="term" defaultValue="">
        {TERMS.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
      <details>
        <summary>How much it may use</summary>
        <div className="quotas">
          {QUOTAS.map(({ name, label, step }) => (
            <label key={name}>
              {label}
              <input type="number" name={name} min="0" step={step} placeholder="any" inputMode="decimal" />
            </label>
          ))}
        </div>
      </details>
    </>
  );
}

function formOf(data: FormData) {
  const text = (name: string): string => String(data.get(name) ?? "");
  return {
    name: text("name"),
    scopes: data.getAll("scope") as Scope[],
    expires_in: text("term") ? Number(text("term")) * DAY : null,
    quotas: quotasOf(text("hours"), text("gigabytes"), text("jobs")),
  };
}
