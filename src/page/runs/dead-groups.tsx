// Dead runs by what went wrong, with a retry and a discard for each group.

import type { DeadGroup } from '../../model/queries.ts'
import { useAnswer } from '../api/use-answer.ts'
import { AskButton } from '../ui/ask-button.tsx'
import { Loaded, Nothing } from '../ui/loaded.tsx'
import { Ago } from '../ui/moment.tsx'
import { OutcomeLine, useOutcome } from '../ui/outcome.tsx'
import { counted } from '../words/moments.ts'
import { changeAll } from './change-all.ts'

const EVERY_MS = 5_000

export function DeadGroups() {
  const dead = useAnswer<readonly DeadGroup[]>('/api/runs/dead', {}, EVERY_MS)
  const outcome = useOutcome()
  const done = (said: string): void => {
    outcome.tell(said)
    dead.reload()
  }
  return (
    <section aria-label="Dead runs by what went wrong">
      <OutcomeLine of={outcome} />
      <Loaded of={dead}>
        {(groups) =>
          groups.length === 0 ? (
            <Nothing>No run is dead.</Nothing>
          ) : (
            <ul class="cards">
              {groups.map((group) => (
                <Group key={`${group.rule} ${group.error}`} group={group} onDone={done} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </section>
  )
}

interface GroupProps {
  readonly group: DeadGroup
  readonly onDone: (said: string) => void
}

function Group({ group: { rule, sample, count, lastAt, runs }, onDone }: GroupProps) {
  const those = runs.length.toLocaleString('en')
  const all = count === 1 ? 'the run' : count > runs.length ? `the newest ${those}` : `all ${those}`
  const of = `of ${rule}`
  return (
    <li class="panel pad alert" data-state="firing">
      <p class="line">
        <b class="number">{counted(count, 'dead run')}</b>
        <a class="name" href={`/rules/${encodeURIComponent(rule)}`}>
          {rule}
        </a>
        <span class="soft">
          last <Ago at={lastAt} />, <a href={`/runs/${runs[0]}`}>run #{runs[0]}</a>
        </span>
      </p>
      <p class="body">{sample}</p>
      <span class="acts">
        <AskButton
          label={`Retry ${all}`}
          name={`Retry ${all} ${of}`}
          title={`Retry ${counted(runs.length, 'dead run')} ${of}?`}
          confirm={`Retry ${all}`}
          act={() => changeAll(runs, 'retry')}
          onDone={onDone}
        >
          <p>
            Their dead steps are tried again, with as many attempts as before. Steps that are done stay done.
          </p>
        </AskButton>
        <AskButton
          label={`Discard ${all}`}
          name={`Discard ${all} ${of}`}
          title={`Discard ${counted(runs.length, 'dead run')} ${of}?`}
          confirm={`Discard ${all}`}
          isDanger
          act={() => changeAll(runs, 'discard')}
          onDone={onDone}
        >
          <p>
            Nobody tries them again, and they are no longer counted as dead. The history keeps them as
            cancelled.
          </p>
        </AskButton>
      </span>
    </li>
  )
}
