import { useEffect, useRef, useState } from "react";
import { notices } from "../hooks/useNotices";
import type { Search } from "../hooks/useSearch";
import type { Match } from "../lib/finding";
import { Button, IconButton } from "./ui/Button";
import { Icon } from "./ui/Icon";

type Replace = (matches: readonly Match[], replacement: string) => Promise<void>;

interface SearchBarProps {
  search: Search;
  /** Null where it is only to be read. */
  onReplace: Replace | null;
}

export function SearchBar({ search, onReplace }: SearchBarProps) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);
  const { query, matches, current, isReplacing, ask, step, open, close } = search;
  return (
    <div className="search-bar" role="search">
      <div className="search-line">
        <label className="search-field">
          <Icon name="search" />
          <span className="visually-hidden">Search the transcript</span>
          <input
            ref={input}
            value={query}
            placeholder="Search the transcript"
            onChange={(event) => {
              ask(event.target.value);
            }}
            onKeyDown={(event) => {
              if (event.key === "Escape") close();
              if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
            }}
          />
        </label>
        <span className="hint" role="status">
          {query && (matches.length ? `${current + 1} of ${matches.length}` : "Not found")}
        </span>
        <IconButton icon="up" label="Match before" disabled={!matches.length} onClick={() => { step(-1); }} />
        <IconButton icon="down" label="Next match" disabled={!matches.length} onClick={() => { step(1); }} />
        {onReplace && (
          <IconButton
            icon="replace"
            label="Replace"
            aria-expanded={isReplacing}
            onClick={() => {
              open(!isReplacing);
            }}
          />
        )}
        <IconButton icon="close" label="Close the search" onClick={close} />
      </div>
      {onReplace && isReplacing && <ReplaceLine search={search} onReplace={onReplace} />}
    </div>
  );
}

function ReplaceLine({ search, onReplace }: { search: Search; onReplace: Replace }) {
  const [replacement, setReplacement] = useState("");
  const { matches, current, close } = search;
  const one = matches[current];
  const replaceOne = (): void => {
    if (one) void onReplace([one], replacement);
  };
  const replaceAll = (): void => {
    const count = matches.length;
    onReplace(matches, replacement).then(
      () => notices.show(count === 1 ? "One place is changed." : `${count} places are changed. Undo takes all back.`),
      () => undefined, // it was told
    );
  };
  return (
    <div className="search-line">
      <label className="search-field">
        <Icon name="replace" />
        <span className="visually-hidden">Replace with</span>
        <input
          value={replacement}
          placeholder="Replace with"
          onChange={(event) => {
            setReplacement(event.target.value);
          }}
          onKeyDown={(event) => {
            if (event.key === "Escape") close();
            if (event.key === "Enter") replaceOne();
          }}
        />
      </label>
      <Button disabled={!one} onClick={replaceOne}>
        Replace
      </Button>
      <Button disabled={!one} onClick={replaceAll}>
        All
      </Button>
    </div>
  );
}
