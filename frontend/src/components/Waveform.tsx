import { useEffect, useMemo, useRef, useState, type PointerEvent, type KeyboardEvent } from "react";
import type { Outline, Transcript } from "../api/transcripts";
import type { Player } from "../hooks/usePlayer";
import { COLORS, type SpeakerLook } from "../lib/speakers";
import { clock } from "../lib/time";
import { barsOf, type Bar } from "../lib/waveform";

interface WaveformProps {
  outline: Outline | undefined;
  duration: number;
  turns: Transcript["turns"];
  speakers: ReadonlyMap<string, SpeakerLook>;
  player: Player;
}

const BAR_PX = 2;
const STEP_PX = 4;

/** The recording as bars in the speakers' colours; what was played is stronger. */
export function Waveform({ outline, duration, turns, speakers, player }: WaveformProps) {
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const bars = useMemo(
    () => (outline ? barsOf(outline.data, Math.floor(width / STEP_PX), duration, turns) : []),
    [outline, width, duration, turns],
  );
  useEffect(() => {
    const show = (seconds: number): void => {
      const element = frame.current;
      if (!element) return;
      const share = duration ? Math.min(1, seconds / duration) : 0;
      element.style.setProperty("--played", `${share * 100}%`);
      element.setAttribute("aria-valuenow", String(Math.floor(seconds)));
      element.setAttribute("aria-valuetext", `${clock(seconds)} of ${clock(duration)}`);
    };
    show(player.time);
    return player.onTime(show);
  }, [player, duration]);

  const seekTo = (event: PointerEvent<HTMLDivElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    player.seek(((event.clientX - box.left) / box.width) * duration);
  };
  const press = (event: KeyboardEvent): void => {
    const steps: Record<string, number> = { ArrowLeft: -5, ArrowRight: 5, PageDown: -30, PageUp: 30 };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    player.skip(step);
  };
  return (
    <div
      ref={frame}
      className="waveform"
      role="slider"
      tabIndex={0}
      aria-label="Place in the recording"
      aria-valuemin={0}
      aria-valuemax={Math.floor(duration)}
      aria-valuenow={0}
      onKeyDown={press}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        seekTo(event);
      }}
      onPointerMove={(event) => {
        if (event.buttons) seekTo(event);
      }}
    >
      <Bars bars={bars} speakers={speakers} className="still" />
      <Bars bars={bars} speakers={speakers} className="played" />
    </div>
  );
}

interface BarsProps {
  bars: readonly Bar[];
  speakers: ReadonlyMap<string, SpeakerLook>;
  className: string;
}

function Bars({ bars, speakers, className }: BarsProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useThemeNow();
  useEffect(() => {
    const element = canvas.current;
    const drawing = element?.getContext("2d");
    if (!element || !drawing) return;
    const { width, height } = element.getBoundingClientRect();
    const ratio = window.devicePixelRatio || 1;
    element.width = Math.round(width * ratio);
    element.height = Math.round(height * ratio);
    drawing.scale(ratio, ratio);
    const colorOf = (name: string): string => {
      element.style.color = `var(--${name})`; // asked of the styles: they know light from dark
      return getComputedStyle(element).color;
    };
    const colors = Array.from({ length: COLORS }, (_, color) => colorOf(`s${color}`));
    const silence = colorOf("quiet");
    bars.forEach((bar, place) => {
      const color = bar.speaker === null ? undefined : speakers.get(bar.speaker)?.color;
      drawing.fillStyle = (color === undefined ? undefined : colors[color]) ?? silence;
      const tall = Math.max(BAR_PX, bar.height * height);
      drawing.beginPath();
      drawing.roundRect(place * STEP_PX, (height - tall) / 2, BAR_PX, tall, BAR_PX / 2);
      drawing.fill();
    });
  }, [bars, speakers, theme]);
  return <canvas ref={canvas} className={className} aria-hidden="true" />;
}

function useWidth(element: React.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    if (!element.current) return;
    const watch = new ResizeObserver(([entry]) => {
      setWidth(entry?.contentRect.width ?? 0);
    });
    watch.observe(element.current);
    return () => {
      watch.disconnect();
    };
  }, [element]);
  return width;
}

/** Changes when the page turns light or dark. */
function useThemeNow(): string {
  const read = (): string =>
    `${document.documentElement.dataset.theme ?? ""} ${String(matchMedia("(prefers-color-scheme: dark)").matches)}`;
  const [theme, setTheme] = useState(read);
  useEffect(() => {
    const change = (): void => {
      setTheme(read());
    };
    const media = matchMedia("(prefers-color-scheme: dark)");
    const watch = new MutationObserver(change);
    watch.observe(document.documentElement, { attributeFilter: ["data-theme"] });
    media.addEventListener("change", change);
    return () => {
      watch.disconnect();
      media.removeEventListener("change", change);
    };
  }, []);
  return theme;
}
