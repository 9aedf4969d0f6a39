// Alerts: what is wrong, since when, and who looks after it.

import type { AlertAnswer } from '../api/answers.ts'
import { useAnswer } from '../api/use-answer.ts'
import { AlertActs } from '../alerts/acts.tsx'
import { TellBrowser } from '../alerts/tell-browser.tsx'
import { useQuery } from '../shell/router.ts'
import { Badge } from '../ui/badge.tsx'
import { Choice, Filters } from '../ui/field.tsx'
import { Heading } from '../ui/heading.tsx'
import { Loaded, Nothing } from '../ui/loaded.tsx'
import { Age } from '../ui/moment.tsx'
import { OutcomeLine, useOutcome } from '../ui/outcome.tsx'
import { ALERT_TONES, SEVERITY_TONES } from '../words/states.ts'

const EVERY_MS = 5_000
const MOST = 500

const SHOWN = [
  ['', 'open'],
  ['firing', 'firing'],
  ['acknowledged', 'acknowledged'],
  ['silenced', 'silenced'],
  ['pending', 'pending'],
  ['resolved', 'resolved'],
  ['all', 'all'],
] as const

export function View() {
  const [query, setQuery] = useQuery()
  const shown = query.get('state') ?? ''
  const asked = shown === 'all' ? { all: true, limit: MOST } : { state: shown, limit: MOST }
  const alerts = useAnswer<readonly AlertAnswer[]>('/api/alerts', asked, EVERY_MS)
  const outcome = useOutcome()
  const done = (said: string): void => {
    outcome.tell(said)
    alerts.reload()
  }
  return (
    <>
      <Heading title="Alerts" />
      <Filters>
        <Choice label="Show" value={shown} options={SHOWN} onValue={(state) => setQuery({ state })} />
      </Filters>
      <TellBrowser onDone={outcome.tell} />
      <OutcomeLine of={outcome} />
      <Loaded of={alerts}>
        {(listed) =>
          listed.length === 0 ? (
            <Nothing>{shown === '' ? 'No alert is open.' : 'No alert is like that.'}</Nothing>
          ) : (
            <ul class="cards">
              {listed.map((alert) => (
                <AlertCard key={alert.key} alert={alert} onDone={done} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </>
  )
}

interface AlertCardProps {
  readonly alert: AlertAnswer
  readonly onDone: (said: string) => void
}

function AlertCard({ alert, onDone }: AlertCardProps) {
  const { key, state, severity, title, body, since, count } = alert
  return (
    <li class="panel pad alert" data-state={state}>
      <p class="line">
        <Badge tone={ALERT_TONES[state]}>{state}</Badge>
        <a class="name" href={`/alerts/${encodeURIComponent(key)}`}>
          {title}
        </a>
        <Badge tone={SEVERITY_TONES[severity]}>{severity}</Badge>
      </p>
      {body !== '' && <p class="body">{body}</p>}
      <p class="soft">
        <span class="mono">{key}</span>, {state} for <Age at={since} />
        {count > 1 && `, raised ${count} times`}
        <By alert={alert} />
      </p>
      <AlertActs alert={alert} onDone={onDone} />
    </li>
  )
}

export const By = ({ alert: { acknowledgedBy, silencedBy } }: { readonly alert: AlertAnswer }) => (
  <>
    {acknowledgedBy !== undefined && `, by ${acknowledgedBy}`}
    {silencedBy !== undefined && `, by ${silencedBy}`}
  </>
)
