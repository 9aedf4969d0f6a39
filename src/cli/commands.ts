// The commands by name, for `vigie --help`. What a command needs is loaded when it is called, so this file
// imports nothing that takes time: no schema, no database, no process.

import type { CommandEntry } from './frame/command.ts'

/** In the order in which the help lists them below the heading of their group. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    group: 'Begin and run',
    usage: 'init [dir]',
    summary: 'write a folder to begin with: settings, three rules, a test',
    load: async () => (await import('./commands/init.ts')).init,
  },
  {
    group: 'Begin and run',
    usage: 'demo',
    summary: 'run a hub with a small house and a build server, to look at',
    load: async () => (await import('./commands/demo.ts')).demo,
  },
  {
    group: 'Begin and run',
    usage: 'start',
    summary: 'run the hub until it is told to stop',
    load: async () => (await import('./commands/start.ts')).start,
  },
  {
    group: 'Begin and run',
    usage: 'doctor',
    summary: 'find what is wrong with this machine, settings and hub',
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
  {
    group: 'Look',
    usage: 'status',
    summary: 'show how the hub is, and what is wrong',
    load: async () => (await import('./commands/status.ts')).status,
  },
  {
    group: 'Look',
    usage: 'pings',
    summary: 'list pings: state, latency, next check, why one is not up',
    load: async () => (await import('./commands/pings.ts')).pings,
  },
  {
    group: 'Look',
    usage: 'bridges',
    summary: 'list bridges to other brokers: state, and why one is down',
    load: async () => (await import('./commands/bridges.ts')).bridges,
  },
  {
    group: 'Write rules',
    usage: 'check [dir]',
    summary: 'find what is wrong with a folder of rules and their types',
    load: async () => (await import('./commands/check.ts')).check,
  },
  {
    group: 'Write rules',
    usage: 'explain <topic> [payload]',
    summary: 'tell which rules a message would fire, and why not the others',
    load: async () => (await import('./commands/explain.ts')).explain,
  },
  {
    group: 'Write rules',
    usage: 'backtest <files...>',
    summary: 'try rules on recorded messages, and compare with what was done',
    load: async () => (await import('./commands/backtest.ts')).backtest,
  },
  {
    group: 'Look',
    usage: 'history [filter]',
    summary: 'list recorded messages, of all topics or of an MQTT filter',
    load: async () => (await import('./commands/history.ts')).history,
  },
  {
    group: 'Look',
    usage: 'tail [filter]',
    summary: 'show messages as they pass, also those that are not kept',
    load: async () => (await import('./commands/tail.ts')).tail,
  },
  {
    group: 'Look',
    usage: 'topics [filter]',
    summary: 'list all topics ever seen: last value, when, how many events',
    load: async () => (await import('./commands/topics.ts')).topics,
  },
  {
    group: 'Act',
    usage: 'pub <topic> [payload]',
    summary: 'publish a message, a file, or each line of the standard input',
    load: async () => (await import('./commands/pub.ts')).pub,
  },
  {
    group: 'Look',
    usage: 'sub <filters...>',
    summary: 'subscribe as an MQTT client, and print what comes',
    load: async () => (await import('./commands/sub.ts')).sub,
  },
  {
    group: 'Act',
    usage: 'alert <list|show|ack|unack|silence|unsilence|resolve|test> [key]',
    summary: 'list, show, acknowledge and silence alerts; try a channel',
    load: async () => (await import('./commands/alert.ts')).alert,
  },
  {
    group: 'Look',
    usage: 'runs',
    summary: 'list what rules did, with the result of each step',
    load: async () => (await import('./commands/runs.ts')).runs,
  },
  {
    group: 'Look',
    usage: 'ps',
    summary: 'list watched processes: CPU, memory, zombies and their parents',
    load: async () => (await import('./commands/ps.ts')).ps,
  },
  {
    group: 'Act',
    usage: 'kill <name>',
    summary: 'end the processes of a command or a watch of the rules',
    load: async () => (await import('./commands/kill.ts')).kill,
  },
  {
    group: 'Act',
    usage: 'rules [list|pause|resume] [name]',
    summary: 'list rules: in force, paused, last run; pause and resume one',
    load: async () => (await import('./commands/rules.ts')).rules,
  },
  {
    group: 'Act',
    usage: 'run [words...]',
    summary: 'show, retry, cancel or discard a run; run a command as a task',
    load: async () => (await import('./commands/run.ts')).run,
  },
  {
    group: 'Begin and run',
    usage: 'agent',
    summary: 'run pings, watches and commands of a hub on this machine',
    load: async () => (await import('./commands/agent.ts')).agent,
  },
  {
    group: 'Look',
    usage: 'why <event-or-run>',
    summary: 'show what caused an event or a run, and all that followed',
    load: async () => (await import('./commands/why.ts')).why,
  },
  {
    group: 'Look',
    usage: 'clients [show|kick] [id]',
    summary: 'list clients: who is here, how the others left; disconnect one',
    load: async () => (await import('./commands/clients.ts')).clients,
  },
  {
    group: 'Data and access',
    usage: 'retained <list|rm> [filter]',
    summary: 'list or clear retained messages',
    load: async () => (await import('./commands/retained.ts')).retained,
  },
  {
    group: 'Data and access',
    usage: 'user <add|rm|passwd|list|import> [name|file]',
    summary: 'add, remove, list and import the users who may log in',
    load: async () => (await import('./commands/user.ts')).user,
  },
  {
    group: 'Begin and run',
    usage: 'import <mosquitto|mqttwarn|node-red> <file>',
    summary: "turn another program's configuration into rules",
    load: async () => (await import('./commands/import.ts')).imported,
  },
  {
    group: 'Data and access',
    usage: 'token <add|rm|list> [name]',
    summary: 'make, remove and list the tokens for asking over HTTP',
    load: async () => (await import('./commands/token.ts')).token,
  },
  {
    group: 'Data and access',
    usage: 'export [filter]',
    summary: 'write the history to a file, as JSON lines or CSV',
    load: async () => (await import('./commands/export.ts')).exported,
  },
  {
    group: 'Data and access',
    usage: 'replay <file>',
    summary: 'publish recorded messages again, at their pace',
    load: async () => (await import('./commands/replay.ts')).replay,
  },
  {
    group: 'Data and access',
    usage: 'backup <file>',
    summary: 'copy all that the hub remembers, while it goes on',
    load: async () => (await import('./commands/backup.ts')).backup,
  },
  {
    group: 'Begin and run',
    usage: 'completion <bash|zsh|fish> [line...]',
    summary: 'print what makes a shell complete commands, options and names',
    load: async () => (await import('./commands/completion.ts')).completionOf(COMMANDS),
  },
]
