/** Where in the page one is. It stands behind the `#`, so no server or log sees a share's token. */

export type Route =
  | { view: "home" }
  | { view: "job"; id: string }
  | { view: "share"; token: string }
  | { view: "keys" }
  | { view: "help"; topic: "https" };

export function parseRoute(hash: string): Route {
  if (hash === "#/keys") return { view: "keys" };
  if (hash === "#/help/https") return { view: "help", topic: "https" };
  const [, view, rest] = /^#\/(job|share)\/([\w-]{1,200})$/.exec(hash) ?? [];
  if (view === "job" && rest) return { view, id: rest };
  if (view === "share" && rest) return { view, token: rest };
  return { view: "home" };
}

export function addressOf(route: Route): string {
  if (route.view === "job") return `#/job/${route.id}`;
  if (route.view === "share") return `#/share/${route.token}`;
  if (route.view === "keys") return "#/keys";
  if (route.view === "help") return `#/help/${route.topic}`;
  return "#/";
}
