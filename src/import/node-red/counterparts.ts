// What each node of Node-RED would be in a rule: one sentence a kind, with what the node says.

import { inComment, textIn } from '../code.ts'
import type { FlowNode } from './flows.ts'

/**
 * `direct`: a rule says the same. `by-hand`: a rule can do it, and somebody has to write that. `none`: there is nothing
 * like it.
 */
export type Fit = 'direct' | 'by-hand' | 'none'

export interface Counterpart {
  readonly fit: Fit
  readonly words: string
}

type Say = (node: FlowNode) => Counterpart

const direct = (words: string): Counterpart => ({ fit: 'direct', words })
const byHand = (words: string): Counterpart => ({ fit: 'by-hand', words })
const none = (words: string): Counterpart => ({ fit: 'none', words })

const textOf = (node: FlowNode, key: string): string => inComment(textIn(node.settings[key]))

const SAYINGS: Readonly<Record<string, Say>> = {
  'mqtt in'(node) {
    const topic = textOf(node, 'topic')
    if (topic === '') return byHand('a rule for each topic: the node subscribes to what messages tell it')
    const kept = node.settings['rap'] === true ? ', and event.retain' : ''
    return direct(`on: '${topic}'${kept}`)
  },
  'mqtt out'(node) {
    const topic = textOf(node, 'topic')
    if (topic === '') return byHand('publish(topic, …), with the topic that msg.topic had')
    const options = [
      ...(textOf(node, 'qos') === '0' || textOf(node, 'qos') === '2' ? [`qos: ${textOf(node, 'qos')}`] : []),
      ...(String(node.settings['retain']) === 'true' ? ['retain: true'] : []),
    ]
    return direct(`publish('${topic}', …${options.length > 0 ? `, { ${options.join(', ')} }` : ''})`)
  },
  inject(node) {
    const cron = textOf(node, 'crontab')
    const repeat = Number(textOf(node, 'repeat') || 0)
    if (cron !== '') return direct(`on: cron('${cron}')`)
    if (repeat > 0) return direct(`on: cron(…), every ${repeat} s`)
    return byHand('a message that somebody publishes: the node waits for a click')
  },
  switch(node) {
    const rules = node.settings['rules']
    const count = Array.isArray(rules) ? rules.length : 0
    const property = textOf(node, 'property') || 'payload'
    return count > 1
      ? direct(`${count} rules with one trigger, each with a when over ${property}`)
      : direct(`when: a condition over ${property}`)
  },
  change: (node) => direct(`in do: what is published is made of the payload (${settingsOf(node)})`),
  template: () => direct('a template literal'),
  json: () => direct('nothing: a payload that is JSON is parsed'),
  range: () => direct('an expression in do'),
  rbe: (node) => reportBy(node),
  filter: (node) => reportBy(node),
  delay(node) {
    const kind = textOf(node, 'pauseType')
    if (kind === 'rate' && node.settings['drop'] === true)
      return direct(`rateLimit: [${textOf(node, 'rate')}, …]`)
    if (kind === 'rate') return direct(`throttle: messages wait for their turn`)
    if (kind === 'delay') return direct(`wait('${textOf(node, 'timeout')}${unitOf(node)}') in do`)
    return byHand('wait in do, with a length that is computed')
  },
  trigger(node) {
    const duration = textOf(node, 'duration')
    if (node.settings['extend'] === true) return direct(`debounce: '${duration}${unitOf(node)}'`)
    return direct(`two actions with wait('${duration}${unitOf(node)}') between them`)
  },
  'http request'(node) {
    const url = textOf(node, 'url')
    return url === ''
      ? byHand('webhook(…), with the address that msg.url had')
      : direct(`webhook('${url}', { method: '${textOf(node, 'method') || 'GET'}' })`)
  },
  exec(node) {
    const words = textOf(node, 'command')
    const own =
      node.settings['addpay'] === false || textOf(node, 'addpay') === ''
        ? ''
        : ', with the payload as one argument'
    return direct(`shell\`${words}\`${own}; no shell reads it, so pipes and * need shell.script`)
  },
  'e-mail': () => direct('alert(…) over a channel mail'),
  telegram: () => direct('alert(…) over a channel telegram'),
  debug: () => direct('nothing: vigie tail and the page show what passes'),
  comment: () => direct('a comment'),
  catch: () => direct('onFailure of the action, and the page lists dead runs'),
  status: () => byHand('the topics vigie/runs/<rule> say how actions end'),
  complete: () => byHand('the topics vigie/runs/<rule> say how actions end'),
  'link in': () => direct('nothing: the flow goes on at the other end'),
  'link out': () => direct('nothing: the flow goes on at the other end'),
  'link call': () => byHand('a function that several rules import'),
  junction: () => direct('nothing'),
  function: (node) => byHand(`a function in TypeScript: ${linesOf(node)} lines of JavaScript`),
  'http in': () => byHand('an intake: what services deliver over HTTP becomes a message'),
  'http response': () => none('an intake answers by itself'),
  'websocket in': () => none('no trigger; MQTT over WebSocket is there'),
  'websocket out': () => none('no action; MQTT over WebSocket is there'),
  'tcp in': () => none('no trigger for bare TCP'),
  'udp in': () => none('no trigger for UDP'),
  file: () => byHand('call(() => appendFile(…))'),
  'file in': () => byHand('call(() => readFile(…)), or read it in the rule file'),
  watch: () => none('no trigger for files; a watch in vigie looks at processes'),
  split: () => byHand('a loop in do: an action for each part'),
  join: () => byHand('last(topic) of the other topics, or together'),
  batch: () => byHand('together: { window, atLeast }'),
  sort: () => byHand('an expression in do'),
  csv: () => byHand('a parser in the payload schema'),
  xml: () => byHand('a parser in the payload schema'),
  yaml: () => byHand('a parser in the payload schema'),
  html: () => byHand('a parser in do'),
}

export function counterpartOf(node: FlowNode): Counterpart {
  const say = Object.hasOwn(SAYINGS, node.type) ? SAYINGS[node.type] : undefined
  if (say !== undefined) return say(node)
  if (node.type.startsWith('subflow:')) return byHand('a function that several rules import: it is a subflow')
  if (/^ui[-_]/.test(node.type)) return none('no dashboard: the page of the hub shows topics and history')
  if (/^(?:server-|api-|ha-|trigger-state|poll-state)/.test(node.type))
    return none('Home Assistant stays where it is: speak to it over MQTT')
  return none(`"${inComment(node.type)}" is a node of its own author`)
}

const reportBy = (node: FlowNode): Counterpart => {
  const kind = textOf(node, 'func')
  return kind === 'rbe' || kind === 'rbei' || kind === ''
    ? direct('changed: true')
    : byHand('changed: a function that rounds as the dead band does')
}

const UNITS: Readonly<Record<string, string>> = {
  milliseconds: 'ms',
  seconds: 's',
  minutes: 'm',
  hours: 'h',
  days: 'd',
  ms: 'ms',
  s: 's',
  min: 'm',
  hr: 'h',
}
const unitOf = (node: FlowNode): string => UNITS[textOf(node, 'timeoutUnits') || textOf(node, 'units')] ?? 's'

const settingsOf = (node: FlowNode): string => {
  const rules = node.settings['rules']
  const kinds = Array.isArray(rules)
    ? rules.map((rule: { t?: unknown; p?: unknown }) => `${String(rule.t)} ${String(rule.p)}`)
    : []
  return inComment(kinds.join(', ')) || 'no rule'
}

const linesOf = (node: FlowNode): number =>
  textOf(node, 'func') === '' ? 0 : String(node.settings['func']).trim().split('\n').length
