import { useEffect, useRef } from "react";
import type { Search } from "../hooks/useSearch";
import { IconButton } from "./ui/Button";
import { Icon } from "./ui/Icon";

export function SearchBar({ search }: { search: Search }) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);
  const { query, matches, current, ask, step, close } = search;
  return (
    <div className="search-bar" role="search">
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
      <IconButton icon="close" label="Close the search" onClick={close} />
    </div>
  );
}
