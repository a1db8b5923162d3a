// Finds the file behind an import of user code: as tsx does, and where that fails, as moose knows better.

import { fileURLToPath, pathToFileURL } from "node:url";
import { nodeLoader } from "./node-modules.js";

/** The package that user code imports its declarations from. */
export const libraryName = "@514labs/moose-lib";

export interface ResolutionEvents {
  /** A user file asked for something that is not there; it may be there next time. */
  onMissing(importer: string): void;
}

/** Must be installed after tsx, so that it stands in front of it. */
export function installResolution(library: string, events: ResolutionEvents): void {
  const resolve = nodeLoader._resolveFilename;
  nodeLoader._resolveFilename = (request, parent, ...rest) => {
    try {
      return resolve.call(nodeLoader, request, parent, ...rest);
    } catch (error) {
      const found = secondTry(request, parent?.filename, error, library);
      if (found !== undefined) return found;
      if (parent?.filename) events.onMissing(parent.filename);
      throw error;
    }
  };
}

function secondTry(
  request: string,
  importer: string | undefined,
  error: unknown,
  library: string,
): string | undefined {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "MODULE_NOT_FOUND" && request === libraryName) return library;
  if (code === "ERR_PACKAGE_PATH_NOT_EXPORTED" && importer) return resolveAsImport(request, importer);
  return undefined;
}

/** For packages that export something to `import` only; Node can `require` the ES modules that they hold. */
function resolveAsImport(request: string, importer: string): string | undefined {
  try {
    const url = import.meta.resolve(request, pathToFileURL(importer).href);
    return url.startsWith("file:") ? fileURLToPath(url) : undefined;
  } catch {
    return undefined;
  }
}
