// A topic, or another text, with places for values: `builds/{name}/{build.phase}`. A place names a member of a JSON
// document by its path, or a header of a request by `header:`.

import { topicLevel } from './escape.ts'
import { topicNameProblem } from './names.ts'

/** Texts and places in turn: the first is a text. */
export interface Template {
  readonly texts: readonly string[]
  /** What stands between the texts, one fewer than these. */
  readonly places: readonly string[]
}

/** What stands in a topic for a value that is not there, so that nothing is lost for want of it. */
const ABSENT_LEVEL = '_'

/** @throws Error with a sentence when a brace has no partner, or a place no name */
export function parseTemplate(text: string): Template {
  const parts = text.split(/\{([^{}]*)\}/)
  const texts = parts.filter((_, index) => index % 2 === 0)
  const places = parts.filter((_, index) => index % 2 === 1)
  if (texts.some((each) => /[{}]/.test(each))) throw new Error('has a brace without a partner; write {name}')
  if (places.includes('')) throw new Error('has a place without a name; write {name}')
  return { texts, places }
}

/** Why no topic can be made of a template, as a sentence; `undefined` when one can. */
export const topicTemplateProblem = (template: Template): string | undefined =>
  topicNameProblem(joined(template, () => ABSENT_LEVEL))

/** Each value is part of one level, whatever is in it. */
export const topicOf = (template: Template, valueAt: (place: string) => string | undefined): string =>
  joined(template, (place) => topicLevel(valueAt(place) ?? '') || ABSENT_LEVEL)

/** The filter that matches every topic of a template. */
export const filterOf = (template: Template): string =>
  joined(template, () => '+')
    .split('/')
    .map((level) => (level.includes('+') ? '+' : level))
    .join('/')

/** The text with its values; `null` when one of them is not there. */
export function textOf(template: Template, valueAt: (place: string) => string | undefined): string | null {
  const values = template.places.map(valueAt)
  return values.some((value) => value === undefined || value === '')
    ? null
    : joined(template, (_, index) => values[index] ?? '')
}

const joined = ({ texts, places }: Template, valueOf: (place: string, index: number) => string): string =>
  texts.map((text, index) => (index === 0 ? text : valueOf(places[index - 1]!, index - 1) + text)).join('')
