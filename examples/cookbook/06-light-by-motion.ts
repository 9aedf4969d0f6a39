// Light while somebody is there
//
// On with the first motion, off when nothing has moved for five minutes. Each motion begins the five minutes anew.

import { publish, rule } from 'vigie'

const motion = {
  on: 'motion/+room',
  when: ({ payload }: { readonly payload: unknown }) => payload === 'on',
} as const

export const on = rule('cookbook-light-on', {
  ...motion,
  do: ({ params }) => publish(`lights/${params.room}/set`, 'on'),
})

export const off = rule('cookbook-light-off', {
  ...motion,
  debounce: '5m',
  do: ({ params }) => publish(`lights/${params.room}/set`, 'off'),
})
