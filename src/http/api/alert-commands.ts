// A command about an alert.

import type { AlertAnswer, AlertChange } from '../../model/alert-change.ts'
import { ALERT_RULE } from '../../model/run.ts'
import { alertCommandTopic } from '../../topics/alert-topic.ts'
import { commandEngine } from './engine-commands.ts'
import type { Commanded, EngineCommandPorts } from './engine-commands.ts'

export type CommandAlert = (
  key: string,
  change: AlertChange,
  order: object,
) => Promise<Commanded<AlertAnswer>>

export const openAlertCommands =
  (ports: EngineCommandPorts): CommandAlert =>
  (key, change, order) =>
    commandEngine(alertCommandTopic(key, change, ports.root), order, ALERT_RULE, ports)
