// The reader thread: answers queries from a read-only connection, so that a slow query delays neither sockets
// nor commits.

import { workerData } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import { serveCalls } from '../../base/calls.ts'
import { openQueries } from '../queries/queries.ts'

export interface ReaderOptions {
  readonly dataDir: string
  readonly port: MessagePort
}

const { dataDir, port } = workerData as ReaderOptions
serveCalls(port, openQueries(dataDir))
