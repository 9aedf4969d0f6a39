// What both channels of Slack post.

const button = (label: string, url: string) => ({
  type: 'button',
  text: { type: 'plain_text', text: label },
  url: `https://hub.example.org/${url}`,
})
const section = {
  type: 'section',
  text: { type: 'plain_text', text: 'No answer for <2 min> & more.', emoji: false },
}
const show = button('Show', 'alerts/nas')
const actions = {
  type: 'actions',
  elements: [show, button('Acknowledge', 'do/ack-1'), button('Silence', 'do/silence-1')],
}

export const slackMessages = {
  firing: { text: '🔴 nas is down', attachments: [{ color: '#d32f2f', blocks: [section, actions] }] },
  reminder: {
    text: '🔴 Still firing, for 3 h: nas is down',
    attachments: [{ color: '#d32f2f', blocks: [section, actions] }],
  },
  acknowledged: {
    text: '👀 Acknowledged by ada: nas is down',
    attachments: [{ color: '#757575', blocks: [section, { type: 'actions', elements: [show] }] }],
  },
  resolved: {
    text: '✅ Resolved after 3 h: nas is down',
    attachments: [{ color: '#388e3c', blocks: [{ type: 'actions', elements: [show] }] }],
  },
}
