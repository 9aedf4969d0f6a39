// What a folder of rules declares, by name and by number.

export interface DeclaredNames {
  /** A watch is a rule as well. */
  readonly rules: readonly string[]
  readonly pings: readonly string[]
  readonly watches: readonly string[]
}

/** `3 rules, 17 pings, 2 watches`; what there is none of is left out, but for rules. */
export function countedDeclarations({ rules, pings, watches }: DeclaredNames): string {
  const parts = [counted(rules.length - watches.length, 'rule', 'rules')]
  if (pings.length > 0) parts.push(counted(pings.length, 'ping', 'pings'))
  if (watches.length > 0) parts.push(counted(watches.length, 'watch', 'watches'))
  return parts.join(', ')
}

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`
