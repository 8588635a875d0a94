import type { SpeakerHints, Transcript } from "../api/transcripts";
import type { Player } from "../hooks/usePlayer";
import { sampleOf, type SpeakerLook } from "../lib/speakers";
import { lengthInWords } from "../lib/time";
import { SpeakerSlider } from "./SpeakerSlider";
import { IconButton } from "./ui/Button";
import { Menu, MenuItem, MenuLabel, MenuSeparator } from "./ui/Menu";

export interface SpeakerPanelActs {
  askName: (speaker: SpeakerLook) => void;
  merge: (speaker: SpeakerLook, into: SpeakerLook) => void;
  tellApart: (hints: SpeakerHints) => void;
}

interface SpeakerPanelProps {
  speakers: ReadonlyMap<string, SpeakerLook>;
  turns: Transcript["turns"];
  player: Player;
  isTellingApart: boolean;
  /** Null where it is only to be read. */
  acts: SpeakerPanelActs | null;
}

export function SpeakerPanel({ speakers, turns, player, isTellingApart, acts }: SpeakerPanelProps) {
  const all = [...speakers.values()];
  const total = all.reduce((sum, speaker) => sum + speaker.seconds, 0) || 1;
  return (
    <section className="speakers" aria-labelledby="speakers-title" aria-busy={isTellingApart}>
      <h2 id="speakers-title">Speakers</h2>
      <ul>
        {all.map((speaker) => (
          <li key={speaker.id} className={`speaker s${speaker.color}`}>
            <IconButton
              icon="play"
              className="sample"
              label={`Hear ${speaker.name}`}
              onClick={() => {
                const sample = sampleOf(turns, speaker.id);
                if (sample) player.playFrom(sample.start, sample.end);
              }}
            />
            <div className="speaker-facts">
              <p>
                <strong>{speaker.name}</strong>
                <span>{lengthInWords(speaker.seconds)}</span>
              </p>
              <div className="share-bar">
                <div style={{ width: `${(100 * speaker.seconds) / total}%` }} />
              </div>
            </div>
            {acts && <PanelMenu {...{ speaker, all, acts }} />}
          </li>
        ))}
      </ul>
      {acts && (
        <SpeakerSlider count={all.length} isBusy={isTellingApart} onChange={acts.tellApart} />
      )}
    </section>
  );
}

interface PanelMenuProps {
  speaker: SpeakerLook;
  all: readonly SpeakerLook[];
  acts: SpeakerPanelActs;
}

function PanelMenu({ speaker, all, acts }: PanelMenuProps) {
  const others = all.filter((one) => one.id !== speaker.id);
  return (
    <Menu trigger={<IconButton icon="more" label={`More for ${speaker.name}`} />}>
      <MenuItem
        onSelect={() => {
          acts.askName(speaker);
        }}
      >
        Rename
      </MenuItem>
      {others.length > 0 && (
        <>
          <MenuSeparator />
          <MenuLabel>Is the same person as</MenuLabel>
          {others.map((other) => (
            <MenuItem
              key={other.id}
              onSelect={() => {
                acts.merge(speaker, other);
              }}
            >
              <span className={`swatch s${other.color}`} /> {other.name}
            </MenuItem>
          ))}
        </>
      )}
    </Menu>
  );
}
