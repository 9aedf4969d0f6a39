// Processes: what the watches look at, and the zombies of the machine; a button that ends what a watch finds.

import { formatDuration, formatSize } from '../../base/quantities.ts'
import type { WatchedProcess, WatchedProcesses, WatchView, Zombie } from '../../model/watch.ts'
import { useAnswer } from '../api/use-answer.ts'
import { endProcesses } from '../processes/ending.ts'
import { AskButton } from '../ui/ask-button.tsx'
import { Badge } from '../ui/badge.tsx'
import { Heading } from '../ui/heading.tsx'
import { Loaded, Nothing } from '../ui/loaded.tsx'
import { OutcomeLine, useOutcome } from '../ui/outcome.tsx'
import { Who, whoIn } from '../ui/who.tsx'
import { counted } from '../words/moments.ts'

const EVERY_MS = 5_000

export function View() {
  const seen = useAnswer<WatchedProcesses>('/api/processes', {}, EVERY_MS)
  const outcome = useOutcome()
  const done = (said: string): void => {
    outcome.tell(said)
    seen.reload()
  }
  return (
    <>
      <Heading title="Processes" />
      <OutcomeLine of={outcome} />
      <Loaded of={seen}>
        {({ watches, zombies }) => (
          <>
            {watches.length === 0 && <Nothing>The rules declare no watch.</Nothing>}
            {watches.map((watch) => (
              <Watch key={watch.name} watch={watch} onDone={done} />
            ))}
            <Zombies zombies={zombies} />
          </>
        )}
      </Loaded>
    </>
  )
}

interface WatchProps {
  readonly watch: WatchView
  readonly onDone: (said: string) => void
}

function Watch({ watch, onDone }: WatchProps) {
  const { name, problem, hasGivenUp, count, processes } = watch
  return (
    <section class="panel watch">
      <div class="line pad">
        <h2>{name}</h2>
        <span class="soft">{counted(count, 'process', 'processes')}</span>
        {problem !== '' && <Badge tone="bad">cannot look: {problem}</Badge>}
        {hasGivenUp && <Badge tone="bad">too few run; it has given up</Badge>}
        <span class="end">
          <End watch={watch} onDone={onDone} />
        </span>
      </div>
      {processes.length > 0 && <ProcessTable processes={processes} />}
      {count > processes.length && (
        <p class="pad soft">and {(count - processes.length).toLocaleString('en')} more</p>
      )}
    </section>
  )
}

/** Ends those that meet the conditions of the watch at this moment. */
function End({ watch: { name, processes }, onDone }: WatchProps) {
  const meant = processes.filter(({ heldMs }) => heldMs !== null)
  return (
    <AskButton
      label="End them"
      name={`End the processes of ${name}`}
      title={`End ${counted(meant.length, 'process', 'processes')} that ${name} finds?`}
      confirm="End them"
      isDanger
      isDisabled={meant.length === 0}
      act={(form) =>
        endProcesses(name, { ...whoIn(form), ...(form.get('dryRun') !== null && { dryRun: true as const }) })
      }
      onDone={onDone}
    >
      <p>
        They are sent SIGTERM, and SIGKILL when that does not help. The hub spares itself, and what belongs to
        other users.
      </p>
      <ul class="plain few">
        {meant.slice(0, MOST_LISTED).map(({ pid, commandLine }) => (
          <li key={pid}>
            <span class="number">{pid}</span> <code>{commandLine}</code>
          </li>
        ))}
        {meant.length > MOST_LISTED && <li class="soft">and {meant.length - MOST_LISTED} more</li>}
      </ul>
      <label class="check">
        <input type="checkbox" name="dryRun" /> Only tell which would be ended
      </label>
      <Who />
    </AskButton>
  )
}

/** Processes that a question names. */
const MOST_LISTED = 8

const ProcessTable = ({ processes }: { readonly processes: readonly WatchedProcess[] }) => (
  <table class="list">
    <thead>
      <tr>
        <th scope="col">PID</th>
        <th scope="col">Command</th>
        <th scope="col">CPU</th>
        <th scope="col">Memory</th>
        <th scope="col">User</th>
        <th scope="col">Age</th>
        <th scope="col">Held</th>
      </tr>
    </thead>
    <tbody>
      {processes.map(({ pid, commandLine, cpuPercent, memoryBytes, user, ageMs, heldMs, isTold, state }) => (
        <tr key={pid}>
          <td>{pid}</td>
          <td class="wide">
            {state === 'zombie' && <Badge tone="bad">zombie</Badge>} <code>{commandLine}</code>
          </td>
          <td>{cpuPercent === null ? '' : `${cpuPercent.toFixed(1)} %`}</td>
          <td>{formatSize(memoryBytes)}</td>
          <td>{user}</td>
          <td>{formatDuration(ageMs)}</td>
          <td>
            {heldMs !== null && (
              <Badge tone={isTold ? 'bad' : 'warn'}>
                {isTold ? 'reported' : 'held'} {formatDuration(heldMs)}
              </Badge>
            )}
          </td>
        </tr>
      ))}
    </tbody>
  </table>
)

const Zombies = ({ zombies }: { readonly zombies: readonly Zombie[] }) => (
  <section class="panel watch">
    <div class="line pad">
      <h2>Zombies</h2>
      <span class="soft">
        {zombies.length === 0
          ? 'There are none on this machine.'
          : 'They have ended, and the process that started them does not take notice.'}
      </span>
    </div>
    {zombies.length > 0 && (
      <table class="list">
        <thead>
          <tr>
            <th scope="col">PID</th>
            <th scope="col">Name</th>
            <th scope="col">Age</th>
            <th scope="col">Not reaped by</th>
          </tr>
        </thead>
        <tbody>
          {zombies.map(({ pid, name, ageMs, parent }) => (
            <tr key={pid}>
              <td>{pid}</td>
              <td class="wide mono">{name}</td>
              <td>{formatDuration(ageMs)}</td>
              <td>{parent === null ? 'nobody' : `${parent.name} (${parent.pid})`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
  </section>
)
