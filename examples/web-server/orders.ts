// What is to be done for an order, behind the back of a web page: an invoice is made, and a message says so. The page
// has its answer as soon as the order is committed; the invoice comes, also when the hub is killed in between.

import { publish, rule, shell } from 'vigie'
import { z } from 'zod'

/** The program that makes an invoice. It is given the order on its standard input. */
const INVOICE = process.env['INVOICE'] ?? '/usr/local/bin/make-invoice'

export default rule('order', {
  on: 'orders/+id',
  payload: z.object({ item: z.string(), count: z.int().min(1) }),
  // The page may send an order twice, because its visitor clicked twice.
  dedupe: { key: ({ params }) => params.id, window: '1d' },
  do: ({ params }) => [
    shell({ timeout: '10m', retry: { attempts: 5, min: '1s', max: '1m' } })`${INVOICE} ${params.id}`,
    ([invoice]) => publish(`invoices/${params.id}`, invoice?.['stdout'], { retain: true }),
  ],
  examples: [
    { topic: 'orders/17', payload: { item: 'tea', count: 2 }, expect: 'fire' },
    { topic: 'orders/17', payload: { item: 'tea', count: 0 }, expect: 'skip' },
  ],
})
