// Which process is the hub. An engine has a process of its own, a child of the hub's; to others, both are the
// hub.

/** This process, unless it is an engine's. */
export let hubPid = process.pid

/** How `ps` shows a process of ours in which code of the user runs. */
export const titleOf = (name: string): string => `vigie ${name}`

export const ENGINE_TITLE = titleOf('engine')

/** This process is an engine's, begun by the hub. */
export function markEngineProcess(): void {
  hubPid = process.ppid
}
