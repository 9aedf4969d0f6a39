// Lengths and sizes in a configuration: written with their unit, read as milliseconds and bytes.

import { z } from 'zod'
import { type Duration, parseDuration, parseSize, type Size } from '../base/quantities.ts'

export const duration = () =>
  z.custom<Duration>().meta({ title: 'length of time' }).transform(quantity(parseDuration))
export const size = () => z.custom<Size>().meta({ title: 'size' }).transform(quantity(parseSize))
export const count = (least = 1) => z.int().min(least)

function quantity(parse: (text: string) => number) {
  return (text: string, context: z.RefinementCtx): number => {
    try {
      return parse(text)
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as RangeError).message })
      return z.NEVER
    }
  }
}
