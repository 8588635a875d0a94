import { Component, lazy, Suspense, type ComponentType, type ReactNode } from "react";
import { notices } from "../../hooks/useNotices";

const LEFT_OUT = "This part of the page could not be loaded. Once the server can be reached, try again.";

/** Parts that are asked for so far, to be fetched while there is a connection. */
const loads = new Set<() => Promise<unknown>>();

/** A part of the page that comes when it is needed, and not at all without a connection. */
export function later<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): ComponentType<Props> {
  let fetched: Promise<ComponentType<Props>> | null = null;
  const fetchOnce = (): Promise<ComponentType<Props>> => {
    fetched ??= load().catch((error: unknown) => {
      fetched = null; // another time it may come
      throw error;
    });
    return fetched;
  };
  loads.add(fetchOnce);
  const make = (): ComponentType<Props> =>
    lazy(async () => ({ default: await fetchOnce() })) as unknown as ComponentType<Props>;
  let Part = make();
  return function Later(props: Props) {
    return (
      <Fallen
        onFall={() => {
          Part = make();
        }}
      >
        <Suspense fallback={null}>
          <Part {...props} />
        </Suspense>
      </Fallen>
    );
  };
}

/** Fetch all of it once the page has nothing else to do: then it is there without a connection. */
export function fetchTheRest(...more: (() => Promise<unknown>)[]): void {
  const idle = "requestIdleCallback" in window ? window.requestIdleCallback : (act: () => void) => setTimeout(act, 2000);
  idle(() => {
    for (const load of [...loads, ...more]) load().catch(() => undefined); // it is tried again when it is needed
  });
}

interface FallenProps {
  onFall: () => void;
  children: ReactNode;
}

/** Shows nothing of a part that did not come, says why, and tries again when it is asked for again. */
class Fallen extends Component<FallenProps, { hasFallen: boolean }> {
  override state = { hasFallen: false };

  static getDerivedStateFromError(): { hasFallen: boolean } {
    return { hasFallen: true };
  }

  override componentDidCatch(): void {
    this.props.onFall();
    notices.show(LEFT_OUT, "error");
  }

  override componentDidUpdate(before: FallenProps): void {
    if (this.state.hasFallen && before.children !== this.props.children) this.setState({ hasFallen: false });
  }

  override render(): ReactNode {
    return this.state.hasFallen ? null : this.props.children;
  }
}
