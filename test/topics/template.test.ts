import { describe, expect, it } from 'vitest'
import { filterOf, parseTemplate, textOf, topicOf, topicTemplateProblem } from '../../src/topics/template.ts'

const values: Record<string, string> = { name: 'web/shop +1', 'build.phase': 'COMPLETED', empty: '' }
const valueAt = (place: string): string | undefined => values[place]

describe('a template', () => {
  it('becomes a topic in which each value is part of one level, whatever it holds', () => {
    expect(topicOf(parseTemplate('builds/{name}/{build.phase}'), valueAt)).toBe(
      'builds/web%2Fshop %2B1/COMPLETED',
    )
    expect(topicOf(parseTemplate('a-{build.phase}-b'), valueAt)).toBe('a-COMPLETED-b')
    expect(topicOf(parseTemplate('plain'), valueAt)).toBe('plain')
  })

  it('has a level for a value that is not there', () => {
    expect(topicOf(parseTemplate('x/{gone}/{empty}'), valueAt)).toBe('x/_/_')
  })

  it('has a filter that matches all its topics', () => {
    expect(filterOf(parseTemplate('in/x-{name}/{build.phase}/end'))).toBe('in/+/+/end')
  })

  it('becomes a text only where all values are there', () => {
    expect(textOf(parseTemplate('{name} {build.phase}'), valueAt)).toBe('web/shop +1 COMPLETED')
    expect(textOf(parseTemplate('{name} {gone}'), valueAt)).toBeNull()
    expect(textOf(parseTemplate('{empty}'), valueAt)).toBeNull()
  })

  it.each([
    ['a/{b', /brace without a partner/],
    ['a/b}', /brace without a partner/],
    ['a/{}', /place without a name/],
  ])('is refused as %j', (text, sentence) => {
    expect(() => parseTemplate(text)).toThrow(sentence)
  })

  it('is no topic where its own text is none', () => {
    expect(topicTemplateProblem(parseTemplate('a/#/{b}'))).toMatch(/#/)
    expect(topicTemplateProblem(parseTemplate('a/{b}'))).toBeUndefined()
  })
})
