import { keyShown, SHORTCUTS } from "../lib/keys";
import { Dialog } from "./ui/Dialog";

export function HelpDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keys" isWide onClose={onClose}>
      <dl className="keys">
        {Object.values(SHORTCUTS).map(({ keys, does }) => (
          <div key={does}>
            <dt>{does}</dt>
            <dd>
              {keys.map((key) => (
                <kbd key={key}>{keyShown(key)}</kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <p className="hint">Click a word to hear it. Click a speaker’s name to say who it was.</p>
    </Dialog>
  );
}
