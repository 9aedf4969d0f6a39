// Runs as root in a namespace of few pids: see pid-pressure.long.test.ts. Prints what became of victims and
// bystanders.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '../../src/base/clock.ts'
import type { ProcessIdentity } from '../../src/model/action.ts'
import { endProcesses } from '../../src/process/end.ts'
import { thisMachine } from '../../src/process/table.ts'

const KILLS = Number(process.argv[2])
const AT_ONE_TIME = 8

const count = { kills: 0, ended: 0, gone: 0, survived: 0, reused: 0, hit: 0 }

/** A process that runs where nobody means it. */
const startBystander = () => spawn('sleep', ['600'], { stdio: 'ignore', detached: true })

/** The kernel gives the next process the pid behind this one, if it is free; see pid_namespaces(7). */
function startBystanderAs(pid: number) {
  writeFileSync('/proc/sys/kernel/ns_last_pid', String(pid - 1))
  return startBystander()
}

/** Every other victim ends by itself, and a bystander has its pid when it is to be ended. */
async function killOne(turn: number): Promise<void> {
  const endsItself = turn % 2 === 0
  const script = endsItself ? 'exit' : 'sleep 60 & wait'
  const child = spawn('sh', ['-c', script], { stdio: 'ignore', detached: turn % 3 === 0 })
  // No pid is free at this moment.
  if (child.pid === undefined) {
    await once(child, 'error')
    await pause(10)
    return killOne(turn)
  }
  const exited = once(child, 'exit')
  const identity = thisMachine.look(child.pid)!.identity
  if (endsItself) await exited
  const bystander = endsItself ? startBystanderAs(identity.pid) : startBystander()
  const gone = once(bystander, 'exit')
  if (bystander.pid === identity.pid) count.reused++
  await end(identity)
  const seen = thisMachine.look(bystander.pid!)
  if (seen === undefined || seen.state === 'zombie') count.hit++
  else bystander.kill('SIGKILL')
  await Promise.all([exited, gone])
}

async function end(identity: ProcessIdentity): Promise<void> {
  const endings = await endProcesses([identity], { graceMs: 1_000, clock: systemClock, descendants: true })
  const how = endings.find(({ pid }) => pid === identity.pid)?.how
  count.kills++
  if (how === 'gone') count.gone++
  else if (how === 'terminated' || how === 'killed') count.ended++
  else count.survived++
}

for (let turn = 0; turn < KILLS; turn += AT_ONE_TIME)
  await Promise.all(
    Array.from({ length: Math.min(AT_ONE_TIME, KILLS - turn) }, (_, index) => killOne(turn + index)),
  )
console.log(JSON.stringify(count))
