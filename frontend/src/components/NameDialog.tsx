import { useId, useState } from "react";
import { Button } from "./ui/Button";
import { Dialog } from "./ui/Dialog";

interface NameDialogProps {
  title: string;
  name: string;
  hint?: string;
  onSave: (name: string) => void;
  onClose: () => void;
}

export function NameDialog({ title, name, hint, onSave, onClose }: NameDialogProps) {
  const id = useId();
  const [typed, setTyped] = useState(name);
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onSave(typed.trim());
          onClose();
        }}
      >
        <label htmlFor={id}>Name</label>
        <input
          id={id}
          data-first
          value={typed}
          maxLength={200}
          autoComplete="off"
          onFocus={(event) => {
            event.target.select();
          }}
          onChange={(event) => {
            setTyped(event.target.value);
          }}
        />
        {hint && <p className="hint">{hint}</p>}
        <div className="dialog-actions">
          <Button look="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button look="primary" type="submit">
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
