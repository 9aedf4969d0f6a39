// The commands by name, for `vigie --help`. What a command needs is loaded when it is called, so this file
// imports nothing that takes time: no schema, no database, no process.

import type { CommandEntry } from './frame/command.ts'

/** In the order in which the help lists them. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    usage: 'start',
    summary: 'run the hub until it is told to stop',
    load: async () => (await import('./commands/start.ts')).start,
  },
  {
    usage: 'status',
    summary: 'show how the hub is: its clients, its journal, its rules, and what is wrong',
    load: async () => (await import('./commands/status.ts')).status,
  },
  {
    usage: 'pings',
    summary: 'list the pings: state, latency, next check, and why one is not up',
    load: async () => (await import('./commands/pings.ts')).pings,
  },
  {
    usage: 'check [dir]',
    summary: 'check a folder of rules: that they load, their examples, their types; no action runs',
    load: async () => (await import('./commands/check.ts')).check,
  },
  {
    usage: 'explain <topic> [payload]',
    summary: 'tell which rules a message would fire, and why it would not fire the others; no action runs',
    load: async () => (await import('./commands/explain.ts')).explain,
  },
  {
    usage: 'backtest <files...>',
    summary:
      'try rules on recorded events: what they would have done, and how that differs from what was done',
    load: async () => (await import('./commands/backtest.ts')).backtest,
  },
  {
    usage: 'history [filter]',
    summary: 'show recorded events, of all topics or of those that match an MQTT filter',
    load: async () => (await import('./commands/history.ts')).history,
  },
  {
    usage: 'alert <list|show|ack|unack|silence|unsilence|resolve|test> [key]',
    summary: 'list and show alerts, say what becomes of one, or try a channel (test CHANNEL)',
    load: async () => (await import('./commands/alert.ts')).alert,
  },
  {
    usage: 'runs',
    summary: 'show the runs of rules, with the result of each step',
    load: async () => (await import('./commands/runs.ts')).runs,
  },
  {
    usage: 'ps',
    summary: 'show the processes that the watches look at, with CPU and memory, and who is a zombie of whom',
    load: async () => (await import('./commands/ps.ts')).ps,
  },
  {
    usage: 'kill <name>',
    summary: 'end the processes of a command or a watch of the rules',
    load: async () => (await import('./commands/kill.ts')).kill,
  },
  {
    usage: 'run [words...]',
    summary:
      'show ID, retry ID or cancel ID: one run of a rule; or with --name NAME -- COMMAND: run a command as a task',
    load: async () => (await import('./commands/run.ts')).run,
  },
  {
    usage: 'why <event-or-run>',
    summary: 'show what caused an event or a run, and everything that followed from it',
    load: async () => (await import('./commands/why.ts')).why,
  },
  {
    usage: 'clients [show|kick] [id]',
    summary: 'list clients: who is here, how the others left; show or disconnect one',
    load: async () => (await import('./commands/clients.ts')).clients,
  },
  {
    usage: 'retained <list|rm> [filter]',
    summary: 'list or clear retained messages, those of the hub itself included',
    load: async () => (await import('./commands/retained.ts')).retained,
  },
  {
    usage: 'user <add|rm|passwd|list|import> [name|file]',
    summary: 'add, remove, list and import the users who may log in',
    load: async () => (await import('./commands/user.ts')).user,
  },
]
