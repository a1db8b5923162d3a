// What moose migrate is given for a chain, and what comes of it.

import type { Diagnostic } from "../../src/diagnostic.js";
import type { ChainFile, ChainLink } from "../../src/format/chain.js";
import type { OperationResult } from "../../src/status/migration-report.js";
import type { MigrateOptions } from "./migrate-options.js";

export interface ChainOptions extends Omit<MigrateOptions, "source" | "isOfChain"> {
  /** All of the chain, in order. */
  readonly links: readonly ChainLink[];
  /** Before a file is applied; `number` counts from 1 to `count`. */
  readonly onFile: (file: ChainFile, number: number, count: number) => void;
}

export interface AppliedFile {
  readonly id: string;
  /** None where the tables were so already. */
  readonly operations: readonly OperationResult[];
}

export type ChainResult =
  | { readonly state: "applied"; readonly files: readonly AppliedFile[] }
  | { readonly state: "already-applied" }
  /** Nothing was changed. */
  | { readonly state: "refused"; readonly diagnostics: readonly Diagnostic[] }
  /** Some of it was applied, or may have been; another run goes on from there. */
  | {
      readonly state: "unfinished";
      readonly files: readonly AppliedFile[];
      /** Of the file that was not finished. */
      readonly operations: readonly OperationResult[];
      readonly diagnostics: readonly Diagnostic[];
    };
