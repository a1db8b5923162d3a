// Numbers that look random and come again from the same seed.

export interface Random {
  readonly seed: number;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  /** The same things in another order. */
  shuffled<T>(things: readonly T[]): readonly T[];
}

/** @param seed - from `MOOSE_TEST_SEED` to repeat a run, else a new one */
export function random(seed = Number(process.env.MOOSE_TEST_SEED ?? Date.now() % 1_000_000)): Random {
  let state = seed | 0;
  const next = (): number => {
    // The generator mulberry32: 32 bits of state are plenty for choosing moments.
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return {
    seed,
    between,
    shuffled: (things) =>
      things
        .map((thing) => ({ thing, key: next() }))
        .sort((a, b) => a.key - b.key)
        .map(({ thing }) => thing),
  };
}
