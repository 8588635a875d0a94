import type { Paragraph } from "../lib/paragraphs";
import type { SpeakerLook } from "../lib/speakers";
import { Menu, MenuItem, MenuLabel, MenuSeparator } from "./ui/Menu";

export interface SpeakerActs {
  /** Say whose a paragraph is; null for somebody new. */
  reassign: (paragraph: Paragraph, speaker: string | null) => void;
  askName: (speaker: SpeakerLook) => void;
}

interface SpeakerMenuProps {
  paragraph: Paragraph;
  speaker: SpeakerLook | undefined;
  speakers: ReadonlyMap<string, SpeakerLook>;
  acts: SpeakerActs;
}

/** Who speaks in a paragraph, and whoever else it may have been. */
export function SpeakerMenu({ paragraph, speaker, speakers, acts }: SpeakerMenuProps) {
  const others = [...speakers.values()].filter((one) => one.id !== speaker?.id);
  return (
    <Menu
      trigger={
        <button type="button" className="speaker-name">
          {speaker?.name ?? "Nobody known"}
        </button>
      }
    >
      <MenuLabel>This paragraph is said by</MenuLabel>
      {others.map((other) => (
        <MenuItem
          key={other.id}
          onSelect={() => {
            acts.reassign(paragraph, other.id);
          }}
        >
          <span className={`swatch s${other.color}`} /> {other.name}
        </MenuItem>
      ))}
      <MenuItem
        onSelect={() => {
          acts.reassign(paragraph, null);
        }}
      >
        Somebody new
      </MenuItem>
      {speaker && (
        <>
          <MenuSeparator />
          <MenuItem
            onSelect={() => {
              acts.askName(speaker);
            }}
          >
            Rename {speaker.name} everywhere
          </MenuItem>
        </>
      )}
    </Menu>
  );
}
