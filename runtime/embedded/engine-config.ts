// The configuration of the embedded engine: pools of the size that one developer needs, not those of a server.

import fs from "node:fs";
import path from "node:path";

/**
 * With its own sizes the engine starts about 120 threads that it never needs here, and each takes memory as it is first
 * used: over a day of saves the process grew by 40 MB. The pool that merges and mutates stays as it is, for the
 * settings of tables (`number_of_free_entries_in_pool_to_execute_mutation`) count on its size.
 */
const poolSizes: Readonly<Record<string, number>> = {
  background_schedule_pool_size: 4,
  background_common_pool_size: 2,
  background_fetches_pool_size: 1,
  background_move_pool_size: 1,
  background_buffer_flush_schedule_pool_size: 1,
  background_message_broker_schedule_pool_size: 1,
  background_distributed_schedule_pool_size: 1,
  max_thread_pool_free_size: 8,
  max_io_thread_pool_size: 8,
  max_io_thread_pool_free_size: 0,
  max_active_parts_loading_thread_pool_size: 4,
  max_outdated_parts_loading_thread_pool_size: 2,
  max_parts_cleaning_thread_pool_size: 2,
  tables_loader_foreground_pool_size: 2,
  tables_loader_background_pool_size: 2,
};

const tableSettings: Readonly<Record<string, number>> = {
  /** Rewrites that are over and that a table still lists; 100 of each table would be kept in memory. */
  finished_mutations_to_keep: 20,
  /**
   * How many seconds a part stays after it was merged into another one. chDB lets it go at once, when the new part may be
   * in the system's memory alone: after a power failure both would be gone. Linux writes to the disk what is 30 s old
   * (`vm.dirty_expire_centisecs`); a server keeps parts for 8 minutes.
   */
  old_parts_lifetime: 60,
};

/** Writes the configuration into `folder` and returns the arguments with which the engine is opened. */
export function writeEngineConfig(folder: string): readonly string[] {
  const file = path.join(folder, "engine.xml");
  const tables = `<merge_tree>\n${elements(tableSettings)}</merge_tree>\n`;
  fs.writeFileSync(file, `<clickhouse>\n${elements(poolSizes)}${tables}</clickhouse>\n`, { mode: 0o600 });
  return [`--config-file=${file}`];
}

function elements(values: Readonly<Record<string, number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `<${name}>${value}</${name}>\n`)
    .join("");
}
