// The declarations of a rules folder: their names and their number.

/** Names become topic levels (`<root>/runs/<rule>`) and stand in logs and commands. */
export const DECLARED_NAME = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,99}$/u
export const NAME_SENTENCE =
  "a name is made of letters, digits, '.', '_' and '-', and begins with a letter or a digit"

export interface DeclaredNames {
  /** The names of the rules, with those that watches and tasks are made of. */
  readonly rules: readonly string[]
  readonly pings: readonly string[]
  readonly watches: readonly string[]
  /** Other machines to which pings and watches belong. */
  readonly hosts: readonly string[]
  readonly tasks: readonly string[]
  /** A command is a rule, too. */
  readonly commands: readonly string[]
}

/**
 * The name of the rule that performs the `do` of a task: the task itself is a rule that follows its messages.
 */
export const taskDoName = (task: string): string => `${task}.do`

/** `3 rules, 17 pings, 2 watches, 1 task`. Kinds of which there are none are left out, except rules. */
export function countedDeclarations({
  rules,
  pings,
  watches,
  hosts,
  tasks,
  commands,
}: DeclaredNames): string {
  const made = new Set([...watches, ...tasks, ...tasks.map(taskDoName), ...commands])
  const parts = [counted(rules.filter((name) => !made.has(name)).length, 'rule', 'rules')]
  if (pings.length > 0) parts.push(counted(pings.length, 'ping', 'pings'))
  if (watches.length > 0) parts.push(counted(watches.length, 'watch', 'watches'))
  if (hosts.length > 0) parts.push(counted(hosts.length, 'host', 'hosts'))
  if (tasks.length > 0) parts.push(counted(tasks.length, 'task', 'tasks'))
  if (commands.length > 0) parts.push(counted(commands.length, 'command', 'commands'))
  return parts.join(', ')
}

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`
