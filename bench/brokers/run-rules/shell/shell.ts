// Two rules, so that sixteen commands may run at a time: eight of each.
import { rule, shell } from 'vigie'

const command = shell`/usr/bin/true`

export const first = rule('first', { on: 'run/+n', do: () => command })
export const second = rule('second', { on: 'run/+n', do: () => command })
