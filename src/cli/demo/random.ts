// Random numbers that a seed determines: everything that happens in the demonstration comes of them.

export interface Random {
  /** From `least` up to, but not including, `most`. */
  between(least: number, most: number): number
  /** True with this probability. */
  chance(probability: number): boolean
}

/** Mulberry32, by Tommy Ettinger: 32 bits of state, more than enough for weather. */
export function randomOf(seed: number, name: string): Random {
  // FNV-1a: each part of the world has numbers of its own, whatever the others take.
  let state = seed ^ 0x811c9dc5
  for (const byte of Buffer.from(name)) state = Math.imul(state ^ byte, 0x01000193)
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    between: (least, most) => least + next() * (most - least),
    chance: (probability) => next() < probability,
  }
}
