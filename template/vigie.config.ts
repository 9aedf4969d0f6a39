// The settings of the hub. Each has a default, so this file may stay as it is.
// What stands behind // is an example: take the // away to use it.

import { defineConfig } from 'vigie'
// import { ntfy } from 'vigie/channels'

export default defineConfig({
  // MQTT clients connect here, at first only from this machine. For others: a host, and users ("vigie user add NAME").
  mqtt: { port: 1883 },
  // mqtt: { host: '0.0.0.0', port: 1883 },

  // Messages and runs are kept this long, and the database stays below this size.
  history: { keep: '30d', maxSize: '2GiB' },

  // Alerts ring the phones that follow this topic in the ntfy app. "vigie alert test phone" tries it.
  // alerts: { channels: { phone: ntfy({ topic: 'a-name-that-nobody-guesses' }) } },

  // For rules that go by sunrise and sunset.
  // place: { latitude: 48.86, longitude: 2.35 },
})
