// What an action does, in a few words. Names and arguments in it are text from outside: whoever prints it makes
// it printable.

import { formatDuration } from '../base/quantities.ts'
import type { ActionSpec, ProcessSelector, ProcessTarget } from './action.ts'
import { isOnHost } from './host.ts'
import type { SecretText } from './secret.ts'

/** What an action would do, and where, for a person; secrets as their names. */
export const describeAction = (spec: ActionSpec): string =>
  `${describeDeed(spec)}${isOnHost(spec) ? ` on ${spec.host}` : ''}`

function describeDeed(spec: ActionSpec): string {
  switch (spec.kind) {
    case 'shell':
      return spec.script === undefined ? spec.argv.map(quoted).join(' ') : `sh -c ${quoted(spec.script)}`
    case 'webhook':
      return `${spec.method} ${secretless(spec.url)}`
    case 'publish':
      return `publish ${spec.topic}`
    case 'alert':
      return `${spec.resolve ? 'resolve' : 'alert'} ${spec.key}: ${spec.title}`
    case 'notify':
      return `tell the alert channel ${spec.channel}`
    case 'kill':
      return `kill ${describeTarget(spec.target)}${spec.dryRun ? ', dry run' : ''}`
    case 'renice':
      return `renice ${describeTarget(spec.target)} to ${spec.nice}${spec.dryRun ? ', dry run' : ''}`
    case 'restart': {
      const stop = spec.stop === undefined ? '' : `, after ending ${describeTarget(spec.stop)}`
      return `start ${spec.argv.map(quoted).join(' ')}${stop}${spec.dryRun ? ', dry run' : ''}`
    }
    case 'list':
      return `list ${describeTarget(spec.target)}`
    case 'reap':
      return `reap ${spec.target.name} (${spec.target.identity.pid})`
    case 'wait':
      return `wait ${formatDuration(spec.lengthMs)}`
    case 'call':
      return 'call a function'
    case 'parallel':
      return `${spec.steps.length} side by side`
  }
  return spec satisfies never
}

function describeTarget(target: ProcessTarget): string {
  if ('identity' in target) return `${target.name} (${target.identity.pid})`
  return 'watch' in target ? `what the watch ${target.watch} finds` : describeSelector(target.select)
}

function describeSelector(selector: ProcessSelector): string {
  const { name, user, commandLine, olderThanMs, parent, cgroup, unit } = selector
  const said = [
    ...(name === undefined ? [] : [`called ${name}`]),
    ...(user === undefined ? [] : [`of user ${user}`]),
    ...(commandLine === undefined ? [] : [`with /${commandLine}/ in the command line`]),
    ...(olderThanMs === undefined ? [] : [`older than ${formatDuration(olderThanMs)}`]),
    ...(parent === undefined ? [] : [`started by ${parent}`]),
    ...(cgroup === undefined ? [] : [`in the control group ${cgroup}`]),
    ...(unit === undefined ? [] : [`of the unit ${unit}`]),
  ]
  return `every process ${said.join(', ')}`
}

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word))

function secretless(text: SecretText): string {
  if (typeof text === 'string') return text
  return 'secret' in text ? `{${text.secret}}` : text.map(secretless).join('')
}
