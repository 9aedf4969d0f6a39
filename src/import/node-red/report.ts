// `vigie import node-red --report`: what each flow of Node-RED would become. A way from a node where messages
// come in to one where something is done is a rule; the report lists these ways with the counterpart of each
// node.

import { inComment, textIn } from '../code.ts'
import { type Counterpart, counterpartOf, type Fit } from './counterparts.ts'
import { type Flow, type FlowNode, parseFlows } from './flows.ts'

/** Ways of one flow that are listed; a wide flow has thousands. */
const MOST_WAYS = 50
const LONGEST_WAY = 40

export function reportOf(text: string): string {
  const { flows, settings } = parseFlows(text)
  const brokers = [...settings.values()].filter(({ type }) => type === 'mqtt-broker')
  const parts = flows.map((flow) => flowReport(flow, flows))
  return [
    ...brokers.map(
      ({ name, settings: of }) =>
        `Broker "${inComment(name)}" (${inComment(textIn(of['broker']))}): ` +
        'vigie takes its place, or has a bridge to it.',
    ),
    ...(brokers.length > 0 ? [''] : []),
    ...parts.flatMap(({ lines }) => [...lines, '']),
    summary(parts),
    '',
  ].join('\n')
}

interface FlowReport {
  readonly lines: readonly string[]
  readonly fits: readonly Fit[]
}

function flowReport({ label, kind, isDisabled, nodes }: Flow, flows: readonly Flow[]): FlowReport {
  const active = nodes.filter((node) => !node.isDisabled)
  const known = new Map(flows.flatMap((flow) => flow.nodes).map((node) => [node.id, node]))
  const starts = active.filter((node) => isStart(node, active))
  const ways = starts.flatMap((node) => waysFrom(node, known)).slice(0, MOST_WAYS + 1)
  const lines = [
    `${kind === 'flow' ? 'Flow' : 'Subflow'} "${inComment(label)}"${isDisabled ? ' (disabled)' : ''}: ` +
      counted(active.length, 'node'),
  ]
  for (const [index, way] of ways.slice(0, MOST_WAYS).entries()) {
    const said = way.map((node) => ({ node, ...counterpartOf(node) }))
    lines.push(`  rule ${index + 1}${verdictOf(said)}`)
    for (const { node, fit, words } of said) lines.push(`    ${MARKS[fit]} ${titleOf(node)}: ${words}`)
  }
  if (ways.length > MOST_WAYS) lines.push('  … and more ways')
  const onWay = new Set(ways.flat())
  const others = active.filter((node) => !onWay.has(node) && node.type !== 'comment')
  for (const node of others) {
    const { fit, words } = counterpartOf(node)
    lines.push(`  ${MARKS[fit]} ${titleOf(node)}: ${words}`)
  }
  return {
    lines,
    fits: ways.slice(0, MOST_WAYS).map((way) => worstOf(way.map((node) => counterpartOf(node)))),
  }
}

const MARKS: Readonly<Record<Fit, string>> = { direct: '=', 'by-hand': '~', none: '!' }

const titleOf = ({ type, name }: FlowNode): string =>
  name === '' || name === type ? inComment(type) : `${inComment(type)} "${inComment(name)}"`

/** A node in which messages begin: nothing leads to it, and it is no comment. */
const isStart = (node: FlowNode, nodes: readonly FlowNode[]): boolean =>
  node.wires.flat().length > 0 &&
  (node.type === 'link in' ? false : !nodes.some(({ wires }) => wires.flat().includes(node.id)))

/** Every way from a node to one that has no node behind it; a circle ends where it closes. */
function waysFrom(start: FlowNode, known: ReadonlyMap<string, FlowNode>): readonly (readonly FlowNode[])[] {
  const ways: FlowNode[][] = []
  const open: FlowNode[][] = [[start]]
  for (let way = open.pop(); way !== undefined && ways.length <= MOST_WAYS; way = open.pop()) {
    const last = way.at(-1)!
    const next = nextOf(last)
      .map((id) => known.get(id))
      .filter((node) => node !== undefined && !node.isDisabled && !way.includes(node))
    if (next.length === 0 || way.length >= LONGEST_WAY) ways.push(way)
    else for (const node of next.toReversed()) open.push([...way, node!])
  }
  return ways
}

/** Links are wires that nobody sees. */
const nextOf = ({ type, wires, settings }: FlowNode): readonly string[] =>
  type === 'link out' && Array.isArray(settings['links']) ? settings['links'].map(String) : wires.flat()

function worstOf(parts: readonly Counterpart[]): Fit {
  if (parts.some(({ fit }) => fit === 'none')) return 'none'
  return parts.some(({ fit }) => fit === 'by-hand') ? 'by-hand' : 'direct'
}

const VERDICTS: Readonly<Record<Fit, string>> = {
  direct: '',
  'by-hand': ', part of it by hand (~)',
  none: ', with parts that have no counterpart (!)',
}
const verdictOf = (parts: readonly Counterpart[]): string => VERDICTS[worstOf(parts)]

function summary(reports: readonly FlowReport[]): string {
  const fits = reports.flatMap((report) => report.fits)
  const of = (fit: Fit): number => fits.filter((each) => each === fit).length
  return (
    `${counted(fits.length, 'rule')}: ${of('direct')} say the same, ${of('by-hand')} need work by hand, ` +
    `${of('none')} have parts without a counterpart. docs/from-node-red.md tells how each is written.`
  )
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
