// Named places at which the crash suite ends the process with SIGKILL, as a power cut would. Inert unless the variable
// VIGIE_KILL_AT names one: `settle` for the first time that the place is passed, `settle:3` for the third.

export type KillPoint = 'receive' | 'commit' | 'evaluate' | 'plan' | 'step-start' | 'step-end' | 'settle'

const [chosen, passes] = (process.env['VIGIE_KILL_AT'] ?? '').split(':')
let left = Number(passes ?? 1)

export function killPoint(name: KillPoint): void {
  if (name === chosen && --left === 0) process.kill(process.pid, 'SIGKILL')
}
