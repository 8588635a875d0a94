interface ProgressProps {
  label: string;
  /** From 0 to 1. */
  fraction: number;
  isPaused?: boolean;
}

export function Progress({ label, fraction, isPaused = false }: ProgressProps) {
  const percent = Math.round(Math.max(0, Math.min(1, fraction)) * 100);
  return (
    <div
      className="progress"
      role="progressbar"
      aria-label={label}
      aria-valuenow={percent}
      data-paused={isPaused || undefined}
    >
      <div style={{ transform: `scaleX(${percent / 100})` }} />
    </div>
  );
}
