// The pages of reference, made of the code: all that a rule file can import, as it is declared and documented, and each key
// of the configuration with its type, its default and its comment.

import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { parseSync } from 'vite'
import { z } from 'zod'

/** Parts of a syntax tree; only what is looked at has a name. */
interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [part: string]: unknown
}

interface Source {
  readonly file: string
  readonly text: string
  readonly body: readonly Node[]
}

const sources = new Map<string, Source>()

function sourceOf(file: string): Source {
  const known = sources.get(file)
  if (known) return known
  const text = readFileSync(file, 'utf8')
  const { program } = parseSync(file, text)
  const source = { file, text, body: program.body as unknown as readonly Node[] }
  sources.set(file, source)
  return source
}

// ── The rule API

const MODULES = [
  { name: 'vigie', file: 'src/index.ts', about: 'What a rule file and a configuration import.' },
  { name: 'vigie/testing', file: 'src/testing.ts', about: 'What a test imports.' },
] as const

const RULES_HEAD = `# Rule API

All that rule files, configurations and tests import, as it is declared in the code. [Rules](../rules.md) explains how it is
used; an editor shows the same.
`

/** @param root the repository */
export function ruleReference(root: string): string {
  const parts = MODULES.map(({ name, file, about }) => {
    const entries = exportsOf(join(root, file))
      .map(({ name: exported, from }) => entryOf(exported, from, root))
      .toSorted((one, other) => (one.heading.toLowerCase() < other.heading.toLowerCase() ? -1 : 1))
    return `## From \`${name}\`\n\n${about}\n\n${entries.map(({ text }) => text).join('\n')}`
  })
  return [RULES_HEAD, ...parts].join('\n')
}

/** What a module exports, and the file where that is declared. */
function exportsOf(file: string): { readonly name: string; readonly from: string }[] {
  const found: { name: string; from: string }[] = []
  for (const node of sourceOf(file).body) {
    if (node.type !== 'ExportNamedDeclaration') continue
    const from = node['source'] as { value: string } | null
    const specifiers = node['specifiers'] as readonly { exported: { name: string } }[]
    for (const { exported } of specifiers)
      found.push({
        name: exported.name,
        from: from ? declaredIn(join(dirname(file), from.value), exported.name) : file,
      })
    const declaration = node['declaration'] as Node | null
    if (declaration) found.push(...namesOf(declaration).map((name) => ({ name, from: file })))
  }
  return found
}

/** The file that declares what this one exports, maybe from another one. */
function declaredIn(file: string, name: string): string {
  const passedOn = exportsOf(file).find((each) => each.name === name)
  if (passedOn && passedOn.from !== file) return passedOn.from
  return importedFrom(sourceOf(file), name) ?? file
}

function namesOf(declaration: Node): string[] {
  const { id, declarations } = declaration as {
    id?: { name: string }
    declarations?: { id: { name: string } }[]
  }
  return id ? [id.name] : (declarations ?? []).map((each) => each.id.name)
}

function entryOf(name: string, file: string, root: string) {
  const { text, body } = sourceOf(file)
  const statements = body.filter((node) => {
    const declaration = (node['declaration'] as Node | null) ?? node
    return namesOf(declaration).includes(name)
  })
  const [first] = statements
  if (first === undefined) throw new Error(`${relative(root, file)} exports ${name} and does not declare it.`)
  const documented = statements
    .map((node) => commentBefore(text, node.start))
    .find((comment) => comment !== '')
  const declared = statements.map((node) => signature(text, node))
  const code = [...declared, ...typesNamedIn(declared.join('\n'), sourceOf(file), [name])].join('\n')
  const heading = name
  return {
    heading,
    text: `### \`${heading}\`\n\n${documented === undefined ? '' : `${documented}\n\n`}\`\`\`typescript\n${code}\n\`\`\`\n`,
  }
}

/** The types of the same file that a declaration names and nobody exports by name: its options. */
function typesNamedIn(declaration: string, source: Source, known: readonly string[]): string[] {
  const { text, body } = source
  const mentioned = new Set(declaration.match(/\b[A-Z]\w+/g))
  const found = body
    .map((node) => ({ node, declared: (node['declaration'] as Node | null | undefined) ?? node }))
    .filter(({ declared }) => /^TS(?:Interface|TypeAlias)Declaration$/.test(declared.type))
    .map(({ node, declared }) => ({ node, name: namesOf(declared)[0] ?? '' }))
    .filter(({ name }) => mentioned.has(name) && !known.includes(name))
  const all = [...known, ...found.map(({ name }) => name)]
  return found.flatMap(({ node }) => {
    const comment = rawCommentBefore(text, node.start)
    const code = `\n${comment === '' ? '' : `${comment}\n`}${text.slice(node.start, node.end)}`
    return [code, ...typesNamedIn(code, source, all)]
  })
}

/** A declaration without what it does: functions end before their body, constants before their value. */
function signature(text: string, node: Node): string {
  const declaration = (node['declaration'] as Node | null) ?? node
  const whole = text.slice(node.start, node.end)
  const until = (at: number | undefined): string =>
    (at === undefined ? whole : text.slice(node.start, at)).trimEnd().replace(/\s*=>?$/, '')
  if (declaration.type === 'FunctionDeclaration') return until((declaration['body'] as Node | null)?.start)
  if (declaration.type === 'ClassDeclaration') return publicMembers(text, node.start, declaration)
  if (declaration.type !== 'VariableDeclaration') return whole
  const [first] = declaration['declarations'] as readonly { id: Node; init: Node | null }[]
  const value = first?.init
  if (value?.type === 'ArrowFunctionExpression') return until((value['body'] as Node).start)
  return until(value?.start)
}

/** A class with what others may use of it. */
function publicMembers(text: string, start: number, declaration: Node): string {
  const body = declaration['body'] as Node & { readonly body: readonly Node[] }
  const members = body.body.filter((member) => {
    const key = member['key'] as Node | undefined
    return key?.type !== 'PrivateIdentifier' && (key as { name?: string } | undefined)?.name !== 'constructor'
  })
  const lines = members.map((member) => {
    const comment = rawCommentBefore(text, member.start)
    const value = member['value'] as Node | null
    const end = (value?.['body'] as Node | null | undefined)?.start ?? member.end
    return `${comment === '' ? '' : `  ${comment}\n`}  ${text.slice(member.start, end).trimEnd()}`
  })
  return `${text.slice(start, body.start)}{\n${lines.join('\n')}\n}`
}

const rawCommentBefore = (text: string, at: number): string =>
  /\/\*\*(?:(?!\*\/)[^])*\*\/\s*$/.exec(text.slice(0, at))?.[0].trimEnd() ?? ''

/** The text of the comment that documents what begins at `at`. */
const commentBefore = (text: string, at: number): string =>
  rawCommentBefore(text, at)
    .replace(/^\/\*\*\s*|\s*\*\/$/g, '')
    .replace(/^ *\* ?/gm, '')
    .replace(/^@param (\S+) (.*)/gm, '\n- `$1`: $2')
    .replace(/^@throws (.*)/gm, '\n- Throws $1')
    .replace(/^@returns (.*)/gm, '\n- Returns $1')
    .trim()

// ── The configuration

const CONFIGURATION_HEAD = `# Configuration, every key

Each key of \`vigie.config.ts\` with the type of its value and its default, from the schema by which the hub checks it.
[Configuration](../configuration.md) explains what matters, [limits](../limits.md) each limit.

Lengths of time are written \`'30s'\`, sizes \`'10MiB'\`. \`[]\` in a key stands for each entry of a list, \`*\` for a name
that you choose.
`

interface JsonSchema {
  readonly type?: string
  readonly title?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: JsonSchema | boolean
  readonly items?: JsonSchema
  readonly default?: unknown
}

interface Key {
  readonly path: string
  readonly type: string
  readonly default: string
}

/**
 * @param root the repository
 * @param schema that of the configuration
 */
export function configurationReference(root: string, schema: z.ZodType): string {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema
  const comments = new Comments(root)
  const rows = keysOf(json, '').map(
    ({ path, type, default: usual }) =>
      `| \`${path}\` | ${type.replaceAll('|', '\\|')} | ${usual} | ${comments.of(path).replaceAll('|', '\\|')} |`,
  )
  return `${CONFIGURATION_HEAD}\n| key | value | default | |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`
}

function* keysIn(schema: JsonSchema, path: string): Generator<Key> {
  for (const [name, value] of Object.entries(schema.properties ?? {})) {
    const at = path === '' ? name : `${path}.${name}`
    const isNeeded = schema.required?.includes(name) === true
    yield { path: at, type: typeOf(value), default: isNeeded ? 'needed' : shown(value.default) }
    yield* keysIn(value, at)
  }
  const { additionalProperties } = schema
  if (typeof additionalProperties === 'object') yield* keysIn(additionalProperties, `${path}.*`)
  if (schema.items) yield* keysIn(schema.items, `${path}[]`)
  for (const choice of schema.anyOf ?? schema.oneOf ?? []) yield* keysIn(choice, path)
}

/** Each key once: variants of a listener have most keys in common. */
const keysOf = (schema: JsonSchema, path: string): Key[] => {
  const keys = new Map<string, Key>()
  for (const key of keysIn(schema, path)) {
    const known = keys.get(key.path)
    if (!known) keys.set(key.path, key)
    else {
      const types = new Set([...known.type.split(' | '), ...key.type.split(' | ')])
      keys.set(key.path, { ...known, type: [...types].join(' | ') })
    }
  }
  return [...keys.values()]
}

function typeOf({ const: only, enum: values, anyOf, oneOf, type, items, title }: JsonSchema): string {
  if (only !== undefined) return code(only)
  if (values) return values.map(code).join(' | ')
  const choices = anyOf ?? oneOf
  if (choices) return [...new Set(choices.flatMap((choice) => typeOf(choice).split(' | ')))].join(' | ')
  if (type === 'array') return items ? `list of ${typeOf(items)}` : 'list'
  if (type === 'string') return 'text'
  return type ?? title ?? 'any'
}

const code = (value: unknown): string =>
  `\`${typeof value === 'string' ? `'${value}'` : JSON.stringify(value)}\``

function shown(value: unknown): string {
  if (value === undefined) return ''
  // A part of which each key has a default of its own.
  if (typeof value === 'object' && value !== null && Object.keys(value).length === 0 && !Array.isArray(value))
    return ''
  return code(value)
}

/** The comments of keys in the schemas, found by the structure of the schemas in the sources. */
class Comments {
  readonly #found = new Map<string, string>()

  constructor(root: string) {
    const file = join(root, 'src/config/config.ts')
    const schema = constantOf(sourceOf(file), 'configSchema')
    if (schema) this.#collect(schema, '')
  }

  of(path: string): string {
    return this.#found.get(path) ?? ''
  }

  #collect({ source, node }: Placed, path: string): void {
    const at = path + suffixOf(node)
    const object = objectIn(node)
    for (const property of (object?.['properties'] as readonly Node[] | undefined) ?? [])
      this.#property(source, property, at)
    for (const named of namesUsedIn(node, object)) {
      const placed = resolved(source, named)
      if (placed) this.#collect(placed, at)
    }
  }

  #property(source: Source, property: Node, path: string): void {
    if (property.type === 'SpreadElement') {
      const placed = resolved(source, (property['argument'] as { name?: string }).name ?? '')
      if (placed) this.#collect(placed, path)
      return
    }
    const { name = '' } = property['key'] as { name?: string }
    const at = path === '' ? name : `${path}.${name}`
    const comment = commentBefore(source.text, property.start).replace(/\s+/g, ' ')
    if (comment !== '') this.#found.set(at, comment)
    const value = (property['shorthand'] === true ? property['key'] : property['value']) as Node
    this.#collect({ source, node: value }, at)
  }
}

interface Placed {
  readonly source: Source
  readonly node: Node
}

/** What a path gains below a list or a record: `z.array(…)`, `z.record(…)`. */
function suffixOf(node: Node): string {
  const called = calledOf(node)
  return called.includes('array') ? '[]' : called.includes('record') ? '.*' : ''
}

/** The names of the functions in a chain of calls: `z.array(route).default([])` → array, default. */
function calledOf(node: Node): string[] {
  if (node.type !== 'CallExpression') return []
  const callee = node['callee'] as Node
  if (callee.type !== 'MemberExpression') return []
  const { name = '' } = callee['property'] as { name?: string }
  return [...calledOf(callee['object'] as Node), name]
}

/** The arguments of the first call of a chain: what `z.array(…)`, `z.strictObject(…)` is of. */
function argumentsOf(node: Node): readonly Node[] {
  if (node.type !== 'CallExpression') return []
  const callee = node['callee'] as Node
  const inner = callee.type === 'MemberExpression' ? (callee['object'] as Node) : undefined
  if (inner?.type === 'CallExpression') return argumentsOf(inner)
  // `alertsSchema.prefault({})`: what is given is no part of the schema.
  if ((inner as { name?: string } | undefined)?.name !== 'z') return []
  return node['arguments'] as readonly Node[]
}

/** The object of keys that a schema is made of, at any depth of arrays, unions and records. */
function objectIn(node: Node): Node | undefined {
  if (node.type === 'ObjectExpression') return node
  for (const argument of argumentsOf(node)) {
    const inside =
      argument.type === 'ArrayExpression' ? (argument['elements'] as readonly Node[]) : [argument]
    for (const each of inside) {
      const found =
        each.type === 'ObjectExpression' || each.type === 'CallExpression' ? objectIn(each) : undefined
      if (found) return found
    }
  }
  return undefined
}

/** Schemas that a schema names: `bridgesSchema`, the `route` of `z.array(route)`, the base of `mqttSchema.optional()`. */
function namesUsedIn(node: Node, object: Node | undefined): string[] {
  if (node.type === 'Identifier') return [(node as unknown as { name: string }).name]
  if (node.type !== 'CallExpression' || object) return []
  const callee = node['callee'] as Node
  const base = callee.type === 'MemberExpression' ? (callee['object'] as Node) : callee
  const inner = base.type === 'Identifier' && (base as unknown as { name: string }).name === 'z' ? [] : [base]
  return [...inner, ...(node['arguments'] as readonly Node[])].flatMap((each) =>
    each.type === 'ArrayExpression'
      ? (each['elements'] as readonly Node[]).flatMap((element) => namesUsedIn(element, undefined))
      : each.type === 'Identifier' || each.type === 'CallExpression'
        ? namesUsedIn(each, undefined)
        : [],
  )
}

/** A constant of the file, or of the file from which it is imported. */
function resolved(source: Source, name: string): Placed | undefined {
  const here = constantOf(source, name)
  if (here) return here
  const from = importedFrom(source, name)
  return from === undefined ? undefined : constantOf(sourceOf(from), name)
}

/** The file from which this one has a name. */
function importedFrom({ file, body }: Source, name: string): string | undefined {
  for (const node of body) {
    if (node.type !== 'ImportDeclaration') continue
    const specifiers = node['specifiers'] as readonly { local: { name: string } }[]
    const { value } = node['source'] as { value: string }
    if (value.startsWith('.') && specifiers.some(({ local }) => local.name === name))
      return join(dirname(file), value)
  }
  return undefined
}

function constantOf(source: Source, name: string): Placed | undefined {
  for (const node of source.body) {
    const declaration = (node['declaration'] as Node | null | undefined) ?? node
    if (declaration.type !== 'VariableDeclaration') continue
    for (const { id, init } of declaration['declarations'] as readonly {
      id: { name?: string }
      init: Node | null
    }[])
      if (id.name === name && init) return { source, node: init }
  }
  return undefined
}
