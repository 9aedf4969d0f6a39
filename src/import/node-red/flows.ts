// The export of Node-RED: one array of nodes, of which some are flows (tabs) and some settings of others.

import { textIn } from '../code.ts'
import { ImportError } from '../imported.ts'

export interface FlowNode {
  readonly id: string
  readonly type: string
  readonly name: string
  /** The flow in which it lies; `undefined` for flows and settings. */
  readonly z: string | undefined
  /** The ids of the nodes behind each of its outputs. */
  readonly wires: readonly (readonly string[])[]
  readonly isDisabled: boolean
  readonly settings: Readonly<Record<string, unknown>>
}

export interface Flow {
  readonly label: string
  readonly kind: 'flow' | 'subflow'
  readonly isDisabled: boolean
  readonly nodes: readonly FlowNode[]
}

export interface Flows {
  readonly flows: readonly Flow[]
  /** Nodes that others refer to by their ids: brokers, servers. */
  readonly settings: ReadonlyMap<string, FlowNode>
}

/** @throws ImportError when the text is no export of Node-RED */
export function parseFlows(text: string): Flows {
  const nodes = listIn(text).map((each) => nodeOf(each))
  const heads = nodes.filter(({ type }) => type === 'tab' || type === 'subflow')
  const known = new Set(heads.map(({ id }) => id))
  const flows = heads.map(({ id, type, settings, name, isDisabled }) => ({
    label: textIn(settings['label']) || name || id,
    kind: type === 'tab' ? ('flow' as const) : ('subflow' as const),
    isDisabled,
    nodes: nodes.filter(({ z }) => z === id),
  }))
  // What is exported by selecting nodes has no flow around it.
  const loose = nodes.filter(({ z, wires }) => z !== undefined && !known.has(z) && wires.length > 0)
  if (loose.length > 0)
    flows.push({ label: 'nodes without a flow', kind: 'flow', isDisabled: false, nodes: loose })
  return { flows, settings: new Map(nodes.filter(({ z }) => z === undefined).map((node) => [node.id, node])) }
}

function listIn(text: string): readonly Readonly<Record<string, unknown>>[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw new ImportError('it is not JSON')
  }
  const list = Array.isArray(parsed) ? (parsed as unknown[]) : (parsed as { flows?: unknown } | null)?.flows
  if (!Array.isArray(list) || !list.every((each) => each !== null && typeof each === 'object'))
    throw new ImportError('it is not the export of flows, which is an array of nodes')
  return list as Readonly<Record<string, unknown>>[]
}

function nodeOf(raw: Readonly<Record<string, unknown>>): FlowNode {
  const { id, type, name, label, z, wires, d, disabled } = raw
  const lists = Array.isArray(wires) ? (wires as unknown[]) : []
  return {
    id: textIn(id),
    type: textIn(type),
    name: textIn(name) || textIn(label),
    z: typeof z === 'string' && z !== '' ? z : undefined,
    wires: lists.map((each) => (Array.isArray(each) ? each.map(String) : [])),
    isDisabled: d === true || disabled === true,
    settings: raw,
  }
}
