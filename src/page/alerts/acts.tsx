// What somebody can do about an alert: acknowledge it, silence it for a while, resolve it, and take that back.

import type { AlertChange } from '../../model/alert-change.ts'
import type { AlertAnswer } from '../api/answers.ts'
import { postJson } from '../api/client.ts'
import { AskButton } from '../ui/ask-button.tsx'
import { Who, whoIn } from '../ui/who.tsx'

interface AlertActsProps {
  readonly alert: Pick<AlertAnswer, 'key' | 'state' | 'title'>
  readonly onDone: (said: string) => void
}

/** What is done is in the past tense when it is told. */
const TOLD: Readonly<Record<AlertChange, string>> = {
  ack: 'acknowledged',
  unack: 'no longer acknowledged',
  silence: 'silenced',
  unsilence: 'no longer silenced',
  resolve: 'resolved',
}

export function AlertActs({ alert: { key, state, title }, onDone }: AlertActsProps) {
  if (state === 'resolved') return null
  const act = (change: AlertChange) => async (form: FormData) => {
    const text = (name: string): string => {
      const value = form.get(name)
      return typeof value === 'string' ? value.trim() : ''
    }
    const { event } = await postJson<{ event: number }>(
      `/api/alerts/${change}`,
      {
        ...whoIn(form),
        ...(text('comment') !== '' && { comment: text('comment') }),
        ...(change === 'silence' && { for: text('for') }),
      },
      { key },
    )
    return `“${title}” is ${TOLD[change]}: event #${event}.`
  }
  return (
    <span class="acts">
      {state === 'acknowledged' ? (
        <AskButton
          label="Unacknowledge"
          name={`Unacknowledge ${title}`}
          title="Take the acknowledgement back?"
          confirm="Unacknowledge"
          act={act('unack')}
          onDone={onDone}
        >
          <p>It is told again, as if nobody had seen it.</p>
          <Who />
        </AskButton>
      ) : (
        <AskButton
          label="Acknowledge"
          name={`Acknowledge ${title}`}
          title={`Acknowledge “${title}”?`}
          confirm="Acknowledge"
          act={act('ack')}
          onDone={onDone}
        >
          <p>You look after it: nobody is reminded of it any more.</p>
          <Who />
          <Comment />
        </AskButton>
      )}
      {state === 'silenced' ? (
        <AskButton
          label="End the silence"
          name={`End the silence of ${title}`}
          title="End the silence?"
          confirm="End the silence"
          act={act('unsilence')}
          onDone={onDone}
        >
          <Who />
        </AskButton>
      ) : (
        <AskButton
          label="Silence"
          name={`Silence ${title}`}
          title={`Silence “${title}”?`}
          confirm="Silence"
          act={act('silence')}
          onDone={onDone}
        >
          <p>Nobody is told of it for a while, also when it is raised again.</p>
          <label class="field">
            For
            <select name="for">
              <option value="1h">an hour</option>
              <option value="4h">four hours</option>
              <option value="1d">a day</option>
              <option value="7d">a week</option>
            </select>
          </label>
          <Who />
          <Comment />
        </AskButton>
      )}
      <AskButton
        label="Resolve"
        name={`Resolve ${title}`}
        title={`Resolve “${title}”?`}
        confirm="Resolve"
        act={act('resolve')}
        onDone={onDone}
      >
        <p>It is over, though nothing has said so. What raised it can raise it again.</p>
        <Who />
        <Comment />
      </AskButton>
    </span>
  )
}

const Comment = () => (
  <label class="field">
    Comment
    <input name="comment" maxLength={500} />
  </label>
)
