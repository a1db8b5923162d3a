import { type Key, OlapTable, type UInt32 } from "@514labs/moose-lib";

export interface Reading {
  sensor: Key<string>;
  at: Date;
  value: UInt32;
}

export const readings = new OlapTable<Reading>("readings", { orderByFields: ["sensor", "at"] });
