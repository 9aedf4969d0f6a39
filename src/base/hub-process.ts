// The process id of the hub. An engine is a child process of its hub; to other programs, both are the hub.

/** The pid of this process, unless it is an engine; then that of its hub. */
export let hubPid = process.pid

/** The title under which `ps` shows a process that runs user code. */
export const titleOf = (name: string): string => `vigie ${name}`

export const ENGINE_TITLE = titleOf('engine')

/** Declares that this process is an engine, begun by the hub. */
export function markEngineProcess(): void {
  hubPid = process.ppid
}
