// Answers of a broker that report an error for the one topic of a request, in the versions that the client speaks.

interface TopicError {
  readonly code: number;
  readonly name: string;
  readonly throttleMs?: number;
}

export function errorAnswer(request: string, correlation: number, error: TopicError): Buffer {
  const body = Buffer.concat([
    int32(correlation),
    noTags,
    int32(error.throttleMs ?? 0),
    // An array of one is written as its length plus one.
    Buffer.from([2]),
    item(request, error),
    noTags,
    noTags,
  ]);
  return Buffer.concat([int32(body.length), body]);
}

function item(request: string, { code, name }: TopicError): Buffer {
  switch (request) {
    case "CreateTopics":
      // Version 7: name, id, error, text, partitions, replication, configs.
      return Buffer.concat([text(name), noId, int16(code), noText, int32(-1), int16(-1), Buffer.from([1])]);
    case "DeleteTopics":
      // Version 6: name, id, error, text.
      return Buffer.concat([text(name), noId, int16(code), noText]);
    case "CreatePartitions":
      // Version 3: name, error, text.
      return Buffer.concat([text(name), int16(code), noText]);
    case "IncrementalAlterConfigs":
      // Version 1: error, text, kind of resource, name.
      return Buffer.concat([int16(code), noText, Buffer.from([2]), text(name)]);
    default:
      throw new Error(`no answer is known to ${request}`);
  }
}

const noTags = Buffer.from([0]);
const noText = Buffer.from([0]);
const noId = Buffer.alloc(16);

function text(value: string): Buffer {
  return Buffer.concat([Buffer.from([value.length + 1]), Buffer.from(value)]);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
