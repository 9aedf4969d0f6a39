// What somebody can do about a rule: pause it for a reason and up to an end, and resume it.

import type { RulePauseReport } from '../../model/rule-pause.ts'
import { postJson } from '../api/client.ts'
import { AskButton } from '../ui/ask-button.tsx'
import { Moment } from '../ui/moment.tsx'
import { Who, whoIn } from '../ui/who.tsx'

interface PauseActsProps {
  readonly rule: string
  readonly pause: RulePauseReport | null
  readonly onDone: (said: string) => void
}

export function PauseActs({ rule, pause, onDone }: PauseActsProps) {
  const path = `/api/rules/${encodeURIComponent(rule)}`
  const resume = async (form: FormData): Promise<string> => {
    const { event } = await postJson<{ event: number }>(`${path}/resume`, whoIn(form), {})
    return `“${rule}” is resumed: event #${event}.`
  }
  const stop = async (form: FormData): Promise<string> => {
    const order = { reason: textIn(form, 'reason'), ...endIn(form, pause), ...whoIn(form) }
    const { event } = await postJson<{ event: number }>(`${path}/pause`, order, {})
    return `“${rule}” is paused: event #${event}.`
  }
  const isPaused = pause?.state === 'paused'
  return (
    <span class="acts">
      {isPaused && (
        <AskButton
          label="Resume"
          name={`Resume ${rule}`}
          title={`Resume “${rule}”?`}
          confirm="Resume"
          act={resume}
          onDone={onDone}
        >
          <p>It is asked about each event from now on. What came meanwhile is not made up for.</p>
          <Who />
        </AskButton>
      )}
      <AskButton
        label={isPaused ? 'Change the pause' : 'Pause'}
        name={isPaused ? `Change the pause of ${rule}` : `Pause ${rule}`}
        title={isPaused ? `Change the pause of “${rule}”?` : `Pause “${rule}”?`}
        confirm={isPaused ? 'Change the pause' : 'Pause'}
        act={stop}
        onDone={onDone}
      >
        <p>It is asked about no event and begins no run. Runs that it has begun go on.</p>
        <label class="field">
          Reason
          <input name="reason" required maxLength={500} defaultValue={isPaused ? pause.reason : ''} />
        </label>
        <label class="field">
          For
          <select name="for">
            {isPaused && <option value={AS_IT_IS}>as it is now</option>}
            <option value="1h">an hour</option>
            <option value="4h">four hours</option>
            <option value="1d">a day</option>
            <option value="7d">a week</option>
            <option value="">as long as nobody resumes it</option>
          </select>
        </label>
        <label class="field">
          Or until
          <input name="until" type="datetime-local" />
        </label>
        <Who />
      </AskButton>
    </span>
  )
}

/** Why a rule is paused, who paused it, and until when. */
export const PauseLine = ({ pause: { reason, by, since, until } }: { readonly pause: RulePauseReport }) => (
  <>
    paused since <Moment at={since} /> by {by}: {reason}
    {until !== null && (
      <>
        , until <Moment at={until} />
      </>
    )}
  </>
)

function textIn(form: FormData, name: string): string {
  const value = form.get(name)
  return typeof value === 'string' ? value.trim() : ''
}

/** The choice that changes nothing about the end of a pause. */
const AS_IT_IS = 'as it is'

/** A moment that is given wins over a length. The browser's zone says what it means. */
function endIn(
  form: FormData,
  pause: RulePauseReport | null,
): { readonly for?: string; readonly until?: string } {
  const until = textIn(form, 'until')
  if (until !== '') return { until: new Date(until).toISOString() }
  const length = textIn(form, 'for')
  if (length === AS_IT_IS) return pause?.until ? { until: pause.until } : {}
  return length === '' ? {} : { for: length }
}
