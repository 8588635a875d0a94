import { useId, useState } from "react";
import { shareLink } from "../api/shares";
import { notices } from "../hooks/useNotices";
import { useShares } from "../hooks/useShares";
import { copyText } from "../lib/clipboard";
import { whenInWords } from "../lib/time";
import { Button } from "./ui/Button";
import { Choice } from "./ui/Choice";
import { Dialog } from "./ui/Dialog";

const DAY = 86_400;
const TERMS = [
  { value: "1", label: "A day" },
  { value: "7", label: "A week" },
  { value: "30", label: "A month" },
] as const;
type Term = (typeof TERMS)[number]["value"];

export function ShareDialog({ jobId, onClose }: { jobId: string; onClose: () => void }) {
  const { found, create, revoke } = useShares(jobId);
  const [days, setDays] = useState<Term>("7");
  const id = useId();
  const link = create.data && shareLink(create.data.token);
  const copy = async (text: string): Promise<void> => {
    if (await copyText(text)) notices.show("The link is copied.");
  };
  return (
    <Dialog title="Share" onClose={onClose}>
      <p>Whoever has the link can read and listen, and change nothing.</p>
      <div className="share-new">
        <Choice label="Good for" value={days} choices={TERMS} onChange={setDays} />
        <Button
          look="primary"
          icon="link"
          disabled={create.isPending}
          onClick={() => {
            create.mutate(Number(days) * DAY);
          }}
        >
          Make a link
        </Button>
      </div>
      {link && (
        <div className="share-link">
          <label htmlFor={id}>It is shown this once</label>
          <div>
            <input id={id} readOnly value={link} onFocus={(event) => { event.target.select(); }} />
            <Button icon="copy" onClick={() => void copy(link)}>
              Copy
            </Button>
          </div>
        </div>
      )}
      <ul className="rows">
        {found.data?.data.map((share) => (
          <li key={share.id} className="row">
            <p className="row-main">
              Made {whenInWords(share.created_at)}, good until {new Date(share.expires_at * 1000).toLocaleDateString()}
            </p>
            <Button
              look="danger"
              onClick={() => {
                revoke.mutate(share.id);
              }}
            >
              Take back
            </Button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
