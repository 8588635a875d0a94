import { useCallback, type ReactNode } from "react";
import { SKIP, SPEEDS, useAtTime, usePlayerState, type Player } from "../hooks/usePlayer";
import { useSettings } from "../hooks/useSettings";
import { clock } from "../lib/time";
import { Icon } from "./ui/Icon";
import { IconButton } from "./ui/Button";

interface PlayerBarProps {
  player: Player;
  duration: number;
  children: ReactNode;
}

export function PlayerBar({ player, duration, children }: PlayerBarProps) {
  const { isPlaying, error } = usePlayerState(player);
  const [{ speed }, change] = useSettings();
  const second = useCallback((seconds: number) => Math.floor(seconds), []);
  const time = useAtTime(player, second);
  if (error) {
    return (
      <footer className="player">
        <p className="hint">{error}</p>
      </footer>
    );
  }
  return (
    <footer className="player" aria-label="Player">
      <div className="player-buttons">
        <IconButton icon="rewind" label={`${SKIP} seconds back`} onClick={() => { player.skip(-SKIP); }} />
        <button
          type="button"
          className="play"
          aria-label={isPlaying ? "Pause" : "Play"}
          onClick={player.toggle}
        >
          <Icon name={isPlaying ? "pause" : "play"} isFilled={!isPlaying} />
        </button>
        <IconButton icon="forward" label={`${SKIP} seconds forward`} onClick={() => { player.skip(SKIP); }} />
      </div>
      <span className="player-time">{clock(time)}</span>
      {children}
      <span className="player-time">{clock(duration)}</span>
      <label className="speed">
        <span className="visually-hidden">Speed</span>
        <select
          value={speed}
          onChange={(event) => {
            change({ speed: Number(event.target.value) });
          }}
        >
          {SPEEDS.map((one) => (
            <option key={one} value={one}>
              {one}×
            </option>
          ))}
        </select>
      </label>
    </footer>
  );
}
