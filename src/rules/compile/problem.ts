// A problem of a declaration: a sentence that names file, line, declaration and key.

import type { z } from 'zod'
import type { Declaration } from '../authoring/declaration.ts'
import { DECLARATION } from '../authoring/declared.ts'
import { placeIn } from '../context/stack-place.ts'
import { unknownKey } from '../validate/leaf.ts'

export interface Problem {
  readonly file: string
  /** The whole sentence, file and line included. */
  readonly message: string
}

/** Where a declaration stands, for messages. */
export interface Spot {
  readonly file: string
  /** `rules/door.ts:12` */
  readonly line: string
  /** `rule "door"` */
  readonly title: string
}

/** @param file as people write it */
export function spotOf(file: string, declaration: Declaration): Spot {
  const title = `${declaration[DECLARATION]} ${JSON.stringify(declaration.name)}`
  const line = placeIn(file, declaration.stack)?.split(':')[0]
  return { file, line: line === undefined ? file : `${file}:${line}`, title }
}

export const problem = (spot: Spot, sentence: string): Problem => ({
  file: spot.file,
  message: `${spot.line}: ${spot.title}: ${sentence}`,
})

/** One sentence per thing that is wrong. */
export const problemsOf = (spot: Spot, error: z.ZodError, shape: z.ZodObject): Problem[] =>
  error.issues.flatMap((issue) => {
    const key = issue.path.map(String).join('.')
    if (issue.code !== 'unrecognized_keys')
      return [problem(spot, key ? `${key}: ${issue.message}` : issue.message)]
    return issue.keys.map((unknown) =>
      problem(spot, `${key ? `${key}: ` : ''}${unknownKey(unknown, knownAt(shape, issue.path))}`),
    )
  })

/** The keys that are known at a place in the shape. */
function knownAt(shape: z.ZodObject, path: readonly PropertyKey[]): readonly string[] {
  let at: unknown = shape
  for (const key of path) {
    at = unwrapped(at)
    at = isObject(at) ? at.shape[String(key)] : isArray(at) ? at.element : undefined
  }
  at = unwrapped(at)
  return isObject(at) ? Object.keys(at.shape) : []
}

function unwrapped(type: unknown): unknown {
  while (typeof type === 'object' && type !== null && 'unwrap' in type && !isArray(type))
    type = (type as z.ZodOptional).unwrap()
  return type
}
const isObject = (type: unknown): type is z.ZodObject =>
  typeof type === 'object' && type !== null && 'shape' in type
const isArray = (type: unknown): type is z.ZodArray =>
  typeof type === 'object' && type !== null && 'element' in type
