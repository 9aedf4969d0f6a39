// A zod schema guessed from some payloads: what all of them are, and no more. A name that some lack is optional;
// a few texts that come back again and again are an enum.

/** Texts are an enum if there are so few of them among so many samples. */
const MOST_CHOICES = 6
const SAMPLES_A_CHOICE = 3
const DEEPEST = 8

/** @param samples parsed payloads, at least one */
export const guessSchema = (samples: readonly unknown[], indent = ''): string => schemaOf(samples, indent, 0)

function schemaOf(samples: readonly unknown[], indent: string, depth: number): string {
  const present = samples.filter((sample) => sample !== null)
  if (present.length === 0) return 'z.null()'
  const schema = depth > DEEPEST ? 'z.unknown()' : schemaOfPresent(present, indent, depth)
  return present.length < samples.length ? `${schema}.nullable()` : schema
}

function schemaOfPresent(samples: readonly unknown[], indent: string, depth: number): string {
  const kinds = Map.groupBy(samples, kindOf)
  const schemas = Array.from(kinds, ([kind, those]) => {
    if (kind === 'object') return objectSchema(those as Readonly<Record<string, unknown>>[], indent, depth)
    if (kind === 'array') return arraySchema(those as unknown[][], indent, depth)
    if (kind === 'string') return stringSchema(those as string[])
    if (kind === 'number') return those.every((each) => Number.isSafeInteger(each)) ? 'z.int()' : 'z.number()'
    return kind === 'boolean' ? 'z.boolean()' : 'z.unknown()'
  })
  return schemas.length === 1 ? schemas[0]! : `z.union([${schemas.join(', ')}])`
}

const kindOf = (value: unknown): string => (Array.isArray(value) ? 'array' : typeof value)

function objectSchema(
  samples: readonly Readonly<Record<string, unknown>>[],
  indent: string,
  depth: number,
): string {
  const names = new Set(samples.flatMap((sample) => Object.keys(sample)))
  if (names.size === 0) return 'z.object({})'
  const inner = `${indent}  `
  const members = Array.from(names, (name) => {
    const those = samples.filter((sample) => Object.hasOwn(sample, name)).map((sample) => sample[name])
    const optional = those.length < samples.length ? '.optional()' : ''
    return `${inner}${keyOf(name)}: ${schemaOf(those, inner, depth + 1)}${optional},\n`
  })
  return `z.object({\n${members.join('')}${indent}})`
}

function arraySchema(samples: readonly unknown[][], indent: string, depth: number): string {
  const items = samples.flat()
  return items.length === 0 ? 'z.array(z.unknown())' : `z.array(${schemaOf(items, indent, depth + 1)})`
}

function stringSchema(samples: readonly string[]): string {
  const choices = new Set(samples)
  const isChoice =
    choices.size <= MOST_CHOICES && samples.length >= 2 && samples.length >= choices.size * SAMPLES_A_CHOICE
  if (isChoice) return `z.enum([${Array.from(choices).toSorted().map(quoted).join(', ')}])`
  if (samples.every((text) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(text)))
    return 'z.iso.datetime()'
  return 'z.string()'
}

const keyOf = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name))

export const quoted = (text: string): string => {
  const plain = JSON.stringify(text).slice(1, -1)
  return `'${plain.replaceAll('\\"', '"').replaceAll("'", String.raw`\'`)}'`
}
