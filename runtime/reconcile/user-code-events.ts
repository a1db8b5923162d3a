// What user code did beside declaring, as events of a dev session.

import type { UserCodeEvent } from "../load/user-code.js";
import type { OnDevEvent } from "./dev-event.js";

export function userCodeEvents(onEvent: OnDevEvent): (event: UserCodeEvent) => void {
  return (event) => {
    switch (event.kind) {
      case "output":
        return onEvent({ event: "output", line: event.line });
      case "problem":
      case "crashed":
        return onEvent({ event: "problems", kept: false, diagnostics: [event.diagnostic] });
      case "mode":
        return onEvent({
          event: "notice",
          text: `the code now runs in ${event.mode} mode: ${event.because}`,
        });
      case "replaced":
        if (!event.differs) return;
        return onEvent({
          event: "notice",
          text: "a fresh process read other tables from the same code: a module keeps state between saves",
        });
      case "replacement-failed":
        return onEvent({ event: "problems", kept: false, diagnostics: event.diagnostics });
    }
  };
}
