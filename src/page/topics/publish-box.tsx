// Publishes a message, as a client would. It is in the history before "published" is said.

import { useEffect, useState } from 'preact/hooks'
import { type ApiError, postText } from '../api/client.ts'

export function PublishBox({ topic: opened }: { readonly topic: string }) {
  const [topic, setTopic] = useState(opened)
  const [payload, setPayload] = useState('')
  const [qos, setQos] = useState('1')
  const [retain, setRetain] = useState(false)
  const [said, setSaid] = useState<{ readonly text: string; readonly isBad: boolean } | null>(null)
  useEffect(() => {
    setTopic(opened)
    setSaid(null)
  }, [opened])

  const publish = async (event: Event): Promise<void> => {
    event.preventDefault()
    try {
      const path = `/publish/${topic.split('/').map(encodeURIComponent).join('/')}`
      const { event: id } = await postText<{ readonly event: number | null }>(path, payload, {
        qos,
        retain: String(retain),
      })
      const as = id === null ? ': neither the history nor a rule takes it' : ` as event ${id}`
      setSaid({ text: `Published${as}.`, isBad: false })
    } catch (error) {
      setSaid({ text: (error as ApiError).message, isBad: true })
    }
  }
  return (
    <form class="publish" onSubmit={(event) => void publish(event)}>
      <label>
        Topic
        <input
          class="mono"
          value={topic}
          required
          spellcheck={false}
          onInput={(event) => setTopic(event.currentTarget.value)}
        />
      </label>
      <label>
        Payload
        <textarea
          class="mono"
          rows={3}
          value={payload}
          spellcheck={false}
          onInput={(event) => setPayload(event.currentTarget.value)}
        />
      </label>
      <div class="line-of-fields">
        <label class="beside">
          QoS
          <select value={qos} onChange={(event) => setQos(event.currentTarget.value)}>
            <option>0</option>
            <option>1</option>
            <option>2</option>
          </select>
        </label>
        <label class="beside">
          <input
            type="checkbox"
            checked={retain}
            onChange={(event) => setRetain(event.currentTarget.checked)}
          />
          Retain
        </label>
        <button class="main" type="submit">
          Publish
        </button>
      </div>
      <p role="status" class={said?.isBad === true ? 'problem' : 'soft'}>
        {said?.text}
      </p>
    </form>
  )
}
