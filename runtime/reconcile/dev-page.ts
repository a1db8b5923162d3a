// What of a dev session is shown to others, and from when on.

import type { Settings } from "../config/settings.js";
import type { OnDevEvent } from "./dev-event.js";
import type { DevState } from "./dev-state.js";
import type { Server } from "./server.js";

/** What shows the sessions to others, while they go on. */
export interface DevPage {
  /** A session is on its way with these settings. Returns at once, and throws nothing. */
  show(settings: Settings, state: DevState): void;
  close(): Promise<void>;
}

export interface ShownSession {
  readonly page?: DevPage | undefined;
  readonly state: DevState;
  readonly onEvent: OnDevEvent;
  /** Grows when somebody lets existing objects be taken over. */
  readonly adopt: string[];
}

/** The page is loaded when the first round is over, for which it would take time; but a long one is there to be seen. */
const longRoundMs = 10_000;

/** The page comes when the first round is over, or takes long. */
export function showSession(
  { adopt, onEvent, page, state }: ShownSession,
  settings: Settings,
  server: Promise<Server>,
  session: { wake(): void },
): { now(): void; never(): void } {
  const wake = () => session.wake();
  const takeOver = (addresses: readonly string[]): void => {
    adopt.push(...addresses.filter((address) => !adopt.includes(address)));
    onEvent({ event: "notice", text: `approved on the status page: ${addresses.join(", ")} is taken over` });
    wake();
  };
  let isOver = false;
  void server.then(
    ({ clickhouse }) => isOver || state.reached({ settings, clickhouse, wake, adopt: takeOver }),
    () => undefined,
  );
  const show = (): void => page?.show(settings, state);
  const timer = setTimeout(show, longRoundMs);
  const never = (): void => {
    isOver = true;
    clearTimeout(timer);
  };
  return {
    never,
    now() {
      clearTimeout(timer);
      show();
    },
  };
}
