import { useState } from "react";
import { stretchOf, type Paragraph, type Stretch } from "../lib/paragraphs";
import type { SpeakerLook } from "../lib/speakers";
import { Menu, MenuItem, MenuLabel, MenuSeparator } from "./ui/Menu";

export interface SpeakerActs {
  /** Say whose a stretch is; null for somebody new. */
  reassign: (stretch: Stretch, speaker: string | null, name?: string) => void;
  askName: (speaker: SpeakerLook) => void;
}

interface SpeakerMenuProps {
  paragraph: Paragraph;
  speaker: SpeakerLook | undefined;
  speakers: ReadonlyMap<string, SpeakerLook>;
  acts: SpeakerActs;
}

/** Who speaks in a paragraph, and whoever else it may have been. */
export function SpeakerMenu(props: SpeakerMenuProps) {
  const [isWanted, setIsWanted] = useState(false);
  const name = props.speaker?.name ?? "Nobody known";
  if (isWanted) return <OpenedMenu {...props} />;
  return (
    // Most menus are never opened: a button in its place makes scrolling cheap.
    <button
      type="button"
      className="speaker-name"
      aria-haspopup="menu"
      aria-expanded={false}
      onClick={() => {
        setIsWanted(true);
      }}
    >
      {name}
    </button>
  );
}

function OpenedMenu({ paragraph, speaker, speakers, acts }: SpeakerMenuProps) {
  const others = [...speakers.values()].filter((one) => one.id !== speaker?.id);
  const stretch = stretchOf(paragraph.words);
  return (
    <Menu
      isOpenAtFirst
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
            acts.reassign(stretch, other.id);
          }}
        >
          <span className={`swatch s${other.color}`} /> {other.name}
        </MenuItem>
      ))}
      <MenuItem
        onSelect={() => {
          acts.reassign(stretch, null);
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
