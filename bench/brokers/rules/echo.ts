// The rule that publish-to-action latency is measured with: what comes in goes out again, as it is.
import { publish, rule } from 'vigie'

export default rule('echo', {
  on: 'rule/in/+publisher/+topic',
  do: ({ params, event }) => [
    publish(`rule/out/${params.publisher}/${params.topic}`, event.payload, { qos: 1 }),
  ],
})
