import { notices, useNotices } from "../hooks/useNotices";
import { Button, IconButton } from "./ui/Button";

export function Notices() {
  const shown = useNotices();
  return (
    <div className="notices" role="status" aria-live="polite">
      {shown.map(({ id, text, kind, action }) => (
        <div key={id} className="notice" data-kind={kind}>
          <p>{text}</p>
          {action && (
            <Button look="quiet" onClick={action.run}>
              {action.label}
            </Button>
          )}
          <IconButton
            icon="close"
            label="Dismiss"
            onClick={() => {
              notices.dismiss(id);
            }}
          />
        </div>
      ))}
    </div>
  );
}
