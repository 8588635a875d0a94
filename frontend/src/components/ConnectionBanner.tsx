import { useIsLost } from "../hooks/useConnection";

/** Said calmly, while there is no connection. */
export function ConnectionBanner() {
  const isLost = useIsLost();
  return (
    <div className="connection-place" role="status" aria-live="polite">
      {isLost && (
        <p className="connection">
          <span className="dot bad" /> The server cannot be reached. What you change is kept here, and sent as soon as it is back.
        </p>
      )}
    </div>
  );
}
