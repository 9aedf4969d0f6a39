// The trigger of commands: what is published on `<root>/commands/<name>/<verb>`. Authors write `command(…)`.

import { RESULT } from '../../../model/command.ts'
import type { CommandOrder } from '../../../model/command.ts'
import { TRIGGER } from './trigger.ts'
import type { Trigger } from './trigger.ts'

export type CommandParams = { readonly command: string; readonly verb: string }

/** Commands of the hub's own parts, which have rules of their own. */
export const RESERVED_COMMANDS: readonly string[] = ['alerts', 'rules']

/**
 * @param name of one command; by default all of them
 * @param isMeant which of all
 */
export const commanded = (
  name?: string,
  isMeant: (command: string) => boolean = () => true,
): Trigger<CommandParams, CommandOrder> => ({
  [TRIGGER]: {
    text: name === undefined ? 'any command' : `command(${JSON.stringify(name)})`,
    filter: ({ root }) => `${root}/commands/${name ?? '+command'}/+verb`,
    params({ command = name ?? '', verb = '' }) {
      const isOther = verb === RESULT || RESERVED_COMMANDS.includes(command) || !isMeant(command)
      return isOther ? undefined : { command, verb }
    },
  },
})
