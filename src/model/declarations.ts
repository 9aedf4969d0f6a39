// The declarations of a rules folder: their names and their number.

export interface DeclaredNames {
  /** The names of the rules, watches included: a watch is a rule, too. */
  readonly rules: readonly string[]
  readonly pings: readonly string[]
  readonly watches: readonly string[]
}

/** `3 rules, 17 pings, 2 watches`. Kinds of which there are none are left out, except rules. */
export function countedDeclarations({ rules, pings, watches }: DeclaredNames): string {
  const parts = [counted(rules.length - watches.length, 'rule', 'rules')]
  if (pings.length > 0) parts.push(counted(pings.length, 'ping', 'pings'))
  if (watches.length > 0) parts.push(counted(watches.length, 'watch', 'watches'))
  return parts.join(', ')
}

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`
