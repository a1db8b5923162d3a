// How many messages the streams hold and how far behind their readers are, in one line.

import type { TopicEvidence } from "../kafka/inspect.js";

/** Keeps what was said of each stream, so that the line tells of those that have not changed too. */
export class MessageLine {
  /** The one that changed last comes last. */
  readonly #streams = new Map<string, TopicEvidence>();

  /** Undefined as long as no stream has held a message. */
  update(streams: readonly TopicEvidence[], width: number): string | undefined {
    for (const stream of streams) {
      const isEmpty = stream.messages === 0 && !this.#streams.has(stream.name);
      if (isEmpty && !stream.groups?.length) continue;
      this.#streams.delete(stream.name);
      this.#streams.set(stream.name, stream);
    }
    return this.#streams.size === 0 ? undefined : lineOf([...this.#streams.values()].reverse(), width);
  }
}

const separator = "; ";

function lineOf(streams: readonly TopicEvidence[], width: number): string {
  const line = asManyAsFit(streams.map(streamText), width);
  return line.length > width ? `${line.slice(0, Math.max(width - 3, 0))}...` : line;
}

/** At least one, and how many there are besides. */
function asManyAsFit(texts: readonly string[], width: number): string {
  const [first = ""] = texts;
  let line = first;
  for (let shown = 1; shown < texts.length; shown++) {
    const longer = line + separator + (texts[shown] ?? "");
    const others = texts.length - shown - 1;
    const room = width - (others === 0 ? 0 : moreText(others).length);
    if (longer.length > room) return line + moreText(others + 1);
    line = longer;
  }
  return line;
}

function moreText(others: number): string {
  return `${separator}${others} more`;
}

function streamText({ name, messages, groups = [] }: TopicEvidence): string {
  const count = `${name} ${number(messages)} ${messages === 1 ? "message" : "messages"}`;
  const [last, ...others] = groups.toSorted((a, b) => b.lag - a.lag);
  if (last === undefined) return count;
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  return `${count}, lag ${number(last.lag)} (${last.id}${more})`;
}

function number(value: number): string {
  return value.toLocaleString("en-GB");
}
