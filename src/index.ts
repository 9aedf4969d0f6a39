// All that a rule file or a configuration file imports.

export { type ConfigInput, defineConfig } from './config/config.ts'
export { alert } from './rules/authoring/actions/alert.ts'
export type {
  Action,
  ActionOptions,
  Actions,
  CallContext,
  Failure,
  Results,
} from './rules/authoring/actions/action.ts'
export { call } from './rules/authoring/actions/call.ts'
export { kill } from './rules/authoring/actions/kill.ts'
export { parallel } from './rules/authoring/actions/parallel.ts'
export { publish } from './rules/authoring/actions/publish.ts'
export { reap } from './rules/authoring/actions/reap.ts'
export { renice } from './rules/authoring/actions/renice.ts'
export { reply } from './rules/authoring/actions/reply.ts'
export { restart } from './rules/authoring/actions/restart.ts'
export { secret } from './rules/authoring/actions/secret.ts'
export { shell } from './rules/authoring/actions/shell.ts'
export { wait } from './rules/authoring/actions/wait.ts'
export { webhook } from './rules/authoring/actions/webhook.ts'
export { command } from './rules/authoring/command.ts'
export type { Command } from './rules/authoring/command.ts'
export type { Context, LastMessage } from './rules/context/context.ts'
export type { Declaration } from './rules/authoring/declaration.ts'
export { host } from './rules/authoring/host.ts'
export type { Host } from './rules/authoring/host.ts'
export { ping } from './rules/authoring/ping.ts'
export type { Ping } from './rules/authoring/ping.ts'
export { rule } from './rules/authoring/rule.ts'
export type { Example, Rule } from './rules/authoring/rule.ts'
export {
  availability,
  esphome,
  homeAssistant,
  tasmota,
  zigbee2mqtt,
  zigbee2mqttBridge,
} from './rules/authoring/triggers/availability.ts'
export { client } from './rules/authoring/triggers/client.ts'
export { cron } from './rules/authoring/triggers/cron.ts'
export { down, up } from './rules/authoring/triggers/ping.ts'
export { homie } from './rules/authoring/triggers/homie.ts'
export { silence } from './rules/authoring/triggers/silence.ts'
export { startup } from './rules/authoring/triggers/startup.ts'
export { sun } from './rules/authoring/triggers/sun.ts'
export { will } from './rules/authoring/triggers/will.ts'
export { task } from './rules/authoring/task.ts'
export type { Task } from './rules/authoring/task.ts'
export { watch } from './rules/authoring/watch.ts'
export type { Watch } from './rules/authoring/watch.ts'
export { alertTopic } from './topics/alert-topic.ts'
export { topicLevel } from './topics/escape.ts'
