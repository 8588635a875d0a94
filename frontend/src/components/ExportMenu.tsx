import { exportUrl } from "../api/transcripts";
import { notices } from "../hooks/useNotices";
import { copyText } from "../lib/clipboard";
import type { Paragraph } from "../lib/paragraphs";
import type { SpeakerLook } from "../lib/speakers";
import { Button } from "./ui/Button";
import { Menu, MenuItem, MenuLabel, MenuLink, MenuSeparator } from "./ui/Menu";

const FORMATS = [
  ["docx", "Word"],
  ["txt", "Plain text"],
  ["md", "Markdown"],
  ["srt", "Subtitles"],
  ["vtt", "Web subtitles"],
  ["json", "Everything, for programs"],
  ["rttm", "Who spoke when"],
] as const;

interface ExportMenuProps {
  jobId: string;
  paragraphs: readonly Paragraph[];
  speakers: ReadonlyMap<string, SpeakerLook>;
  separator: string;
}

export function ExportMenu({ jobId, paragraphs, speakers, separator }: ExportMenuProps) {
  const copy = async (): Promise<void> => {
    const copied = await copyText(textOf(paragraphs, speakers, separator));
    notices.show(copied ? "The text is copied." : "This browser does not let pages copy.");
  };
  return (
    <Menu
      trigger={
        <Button icon="download">
          <span>Export</span>
        </Button>
      }
    >
      <MenuItem onSelect={() => void copy()}>Copy the text</MenuItem>
      <MenuSeparator />
      <MenuLabel>Download as</MenuLabel>
      {FORMATS.map(([format, label]) => (
        <MenuLink key={format} href={exportUrl(jobId, format, true)} note={format}>
          {label}
        </MenuLink>
      ))}
    </Menu>
  );
}

export function textOf(
  paragraphs: readonly Paragraph[],
  speakers: ReadonlyMap<string, SpeakerLook>,
  separator: string,
): string {
  return paragraphs
    .map(({ speaker, words }) => {
      const name = speaker === null ? undefined : speakers.get(speaker)?.name;
      const text = words.map((word) => word.text).join(separator);
      return name ? `${name}: ${text}` : text;
    })
    .join("\n\n");
}
