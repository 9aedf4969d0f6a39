// The page `man vigie`, made from the commands as `vigie --help` lists them.

import { COMMANDS } from '../src/cli/commands.ts'

/** A hyphen is a minus to man, so that options can be copied. A line may not begin with a dot. */
const roff = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/^([.'])/gm, '\\&$1')

export function manual(version: string): string {
  const commands = COMMANDS.map(({ usage, summary }) => `.TP\n.B vigie ${roff(usage)}\n${roff(summary)}`)
  return `.TH VIGIE 1 "" "vigie ${version}" "User Commands"
.SH NAME
vigie \\- MQTT broker that acts on what passes through it, and never misses it
.SH SYNOPSIS
.B vigie
.I command
[options]
.SH DESCRIPTION
vigie is an MQTT broker with a rule engine. Rules in small TypeScript files say what to do when a message arrives or
fails to arrive, on a schedule, when a host stops answering, or when a process runs away. Every message and every action
is kept.
.SH COMMANDS
.B vigie help
.I command
prints the options of a command.
${commands.join('\n')}
.SH FILES
.TP
.I /etc/vigie/vigie.config.ts
the configuration of the hub of this machine; a command takes
.I vigie.config.ts
in the folder at hand before it
.TP
.I /etc/vigie/rules
its rules, loaded again when they are saved
.TP
.I /etc/vigie/environment
secrets of rules and channels for the service, NAME=value
.TP
.I /var/lib/vigie
its history, and the users who may log in
.SH ENVIRONMENT
.TP
.B VIGIE_CONFIG
the configuration file where neither
.B \\-\\-config
nor the folder at hand names one
.SH EXIT STATUS
0: done. 1: it failed, or something is wrong. 2: the command line is wrong. 78: the configuration is wrong.
.SH SEE ALSO
.I /usr/share/doc/vigie/docs
`
}
