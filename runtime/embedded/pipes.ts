// Named pipes between the engine and this process: rows stream out, and inserts stream in, without being held in memory.

import { execFile } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { promisify } from "node:util";

const chunkBytes = 64 * 1024;

/** A named pipe, and the name of a file beside it. */
export interface Slot {
  readonly pipe: string;
  readonly file: string;
}

/** A fixed number of slots; each is used by one statement at a time. */
export class SlotPool {
  readonly #free: Slot[];

  private constructor(free: Slot[]) {
    this.#free = free;
  }

  /** Makes `count` pipes in `folder`, with one call of `mkfifo`. */
  static async create(folder: string, count: number): Promise<SlotPool> {
    const slots = Array.from({ length: count }, (_, i) => ({
      pipe: path.join(folder, `pipe-${i}`),
      file: path.join(folder, `data-${i}`),
    }));
    await promisify(execFile)("mkfifo", ["-m", "600", ...slots.map((slot) => slot.pipe)]);
    return new SlotPool(slots);
  }

  take(): Slot {
    const slot = this.#free.pop();
    if (slot === undefined) throw new Error("every pipe is in use: more statements run than the gate allows");
    return slot;
  }

  /** Gives a slot back. Both ends of its pipe must be closed: what was left unread is then gone. */
  give(slot: Slot): void {
    this.#free.push(slot);
  }
}

/** Puts small data into the slot's file and returns its name. The file is overwritten by the slot's next use. */
export async function writeData(slot: Slot, data: Uint8Array): Promise<string> {
  await fs.promises.writeFile(slot.file, data, { mode: 0o600 });
  return slot.file;
}

export interface PipeReader {
  /** Says that the engine has written all; what is still in the pipe is read first. */
  writerIsDone(): void;
  readonly finished: Promise<void>;
}

/**
 * Reads a pipe until `writerIsDone`, one piece at a time: the next is read when `onChunk` has settled.
 * The piece given to `onChunk` is only valid until then. Our own writing end stays open meanwhile, so
 * the engine never waits for a reader and the end is seen exactly once.
 */
export function readPipe(name: string, onChunk: (chunk: Buffer) => Promise<void>): PipeReader {
  const readFd = fs.openSync(name, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  const writeFd = fs.openSync(name, fs.constants.O_WRONLY | fs.constants.O_NONBLOCK);
  // Node reads into this one buffer; the option is documented for connections and missing in the types here.
  const options: net.SocketConstructorOpts & { readonly onread: net.OnReadOpts } = {
    fd: readFd,
    readable: true,
    writable: false,
    onread: {
      buffer: Buffer.allocUnsafe(chunkBytes),
      callback: (length, buffer) => {
        void onChunk(Buffer.from(buffer.buffer, buffer.byteOffset, length)).then(
          () => socket.resume(),
          (error: Error) => socket.destroy(error),
        );
        return false;
      },
    },
  };
  const socket: net.Socket = new net.Socket(options);
  const finished = new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.once("close", () => resolve());
    socket.once("end", () => socket.destroy());
  });
  finished.catch(() => undefined);
  socket.resume();
  return { writerIsDone: () => fs.closeSync(writeFd), finished };
}

export interface PipeWriter {
  /** Settles when the piece is in the pipe, that is, at the pace of the engine. */
  write(chunk: Uint8Array): Promise<void>;
  /** Closes our end: the engine sees the end of the data. */
  close(): void;
}

/** Opens a pipe for writing, without waiting for the engine to open it for reading. */
export function writePipe(name: string): PipeWriter {
  const fd = fs.openSync(name, fs.constants.O_RDWR | fs.constants.O_NONBLOCK);
  const socket = new net.Socket({ fd, readable: false, writable: true });
  socket.on("error", () => undefined);
  return {
    write: (chunk) =>
      new Promise((resolve, reject) => {
        socket.write(chunk, (error) => (error ? reject(error) : resolve()));
      }),
    close: () => void socket.destroy(),
  };
}

/** More than files can be put into the folder in the meantime. */
const removals = 200;

/**
 * Removes the folder of the pipes. `mkfifo` or a request may put files into it meanwhile, with which one removal fails:
 * Node's own retries do not look for new files.
 */
export function removePipes(folder: string): void {
  for (let n = 0; n < removals; n++) {
    try {
      return fs.rmSync(folder, { recursive: true, force: true });
    } catch {
      // The last time, what remains is left to the system's own cleaning of temporary folders.
    }
  }
}
