// Checks a command, and makes of it what its rule is made of, or the list of what is wrong with it.

import { z } from 'zod'
import { messageOf } from '../../base/printable.ts'
import { COMMAND_VERBS } from '../../model/command.ts'
import { processTarget } from '../authoring/actions/process-target.ts'
import type { CommandOptions } from '../authoring/command.ts'
import { RESERVED_COMMANDS } from '../authoring/triggers/commanded.ts'
import { duration, leaf, oneOf, text } from '../validate/leaf.ts'
import { onHost } from './host-shape.ts'
import { problem, problemsOf } from './problem.ts'
import type { Problem, Spot } from './problem.ts'

const commandShape = z.strictObject({
  target: z.unknown(),
  allow: z.array(oneOf(COMMAND_VERBS)).min(1, 'expected at least one verb'),
  users: z.array(text),
  run: leaf(
    "a program and its arguments, such as ['/usr/bin/worker', '--fast']",
    (value) => Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === 'string'),
  ).optional(),
  grace: duration.optional(),
  on: onHost.optional(),
  ttl: duration.optional(),
})

/** Returns the definition as it was given, when it can be carried out. */
export function compileCommand(
  name: string,
  options: CommandOptions,
  spot: Spot,
): CommandOptions | readonly Problem[] {
  const parsed = commandShape.safeParse(options)
  if (!parsed.success) return problemsOf(spot, parsed.error, commandShape)
  if (RESERVED_COMMANDS.includes(name))
    return [problem(spot, `the hub itself has commands called ${name}; give it another name`)]
  if (options.allow.includes('restart') && options.run === undefined)
    return [problem(spot, 'restart: say with `run` which program it starts')]
  if (!options.allow.includes('restart') && options.run !== undefined)
    return [problem(spot, "run: only `restart` starts it; put 'restart' into `allow`")]
  try {
    if (typeof options.target === 'object' && options.target !== null && 'identity' in options.target)
      return [
        problem(spot, 'target: expected a selector or a watch; a process of today is not there tomorrow'),
      ]
    processTarget('target', options.target, { ...(options.on && { on: options.on }) })
    return options
  } catch (error) {
    return [problem(spot, messageOf(error))]
  }
}
