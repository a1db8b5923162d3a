// The line on the messages of streams: short, whatever their number.

import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { humanView } from "../../runtime/cli/human-view.js";
import { MessageLine } from "../../runtime/cli/message-line.js";

const group = (id: string, lag: number) => ({ id, state: "STABLE", lag });

test("a stream without messages and readers is not spoken of until it has had some", () => {
  const line = new MessageLine();
  expect(line.update([{ name: "a", messages: 0, groups: [] }], 100)).toBeUndefined();
  expect(line.update([{ name: "a", messages: 1, groups: [] }], 100)).toBe("a 1 message");
  expect(line.update([{ name: "a", messages: 0, groups: [] }], 100)).toBe("a 0 messages");
});

test("of several groups the one that is furthest behind is named", () => {
  const groups = [group("fast", 1), group("slow", 1_200), group("new", 0)];
  expect(new MessageLine().update([{ name: "a", messages: 12_345, groups }], 100)).toBe(
    "a 12,345 messages, lag 1,200 (slow and 2 more)",
  );
});

test("where groups may not be seen, the messages are counted all the same", () => {
  expect(new MessageLine().update([{ name: "a", messages: 2, groups: undefined }], 100)).toBe("a 2 messages");
});

test("it fits into the terminal, what changed last first", () => {
  const line = new MessageLine();
  const streams = Array.from({ length: 30 }, (_, i) => ({ name: `s${i}`, messages: 2, groups: [] }));
  line.update(streams, 60);
  const text = line.update([{ name: "s7", messages: 3, groups: [] }], 60) ?? "";
  expect(text).toBe("s7 3 messages; s29 2 messages; s28 2 messages; 27 more");
  for (let width = 10; width < 80; width++)
    expect(line.update([], width)?.length ?? 0).toBeLessThanOrEqual(width);
});

test("on a terminal it stays below all other lines, and is written over", () => {
  const terminal = Object.assign(new PassThrough(), {
    isTTY: true,
    columns: 80,
  }) as unknown as NodeJS.WriteStream;
  let text = "";
  const view = humanView(terminal, (more) => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours, as the terminal of the test may have them
    text += more.replaceAll(/\u001b\[\d+m/g, "").replaceAll("\r\u001b[2K", "<");
  });
  view({ event: "messages", streams: [{ name: "a", messages: 1, groups: [] }] });
  view({ event: "messages", streams: [{ name: "a", messages: 2, groups: [] }] });
  view({ event: "notice", text: "something" });
  view({ event: "stopped" });
  expect(text).toBe("a 1 message<a 2 messages<something\na 2 messages\n\nstopped\n");
});
