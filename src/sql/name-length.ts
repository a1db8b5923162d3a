// How long the name of a table may be: the server makes a file of it.

/** A file's name may have 255 bytes; beside the table's stand the database's, a uuid, two dots and `.sql`. */
const room = 255 - 36 - 2 - 4;

/** Bytes that the server's file name takes for a name: one for a plain character, three for each byte of any other. */
function fileNameLength(name: string): number {
  let length = 0;
  for (const byte of new TextEncoder().encode(name)) {
    length += /[A-Za-z0-9_]/.test(String.fromCharCode(byte)) ? 1 : 3;
  }
  return length;
}

/** True when the server can hold a table of that name in that database (measured on 26.7). */
export function fitsFileName(database: string, name: string): boolean {
  return fileNameLength(name) + fileNameLength(database) <= room;
}
