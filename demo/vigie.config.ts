// The settings of the demonstration: "vigie demo" copies this folder, and runs a hub in the copy.

import { defineConfig } from 'vigie'

export default defineConfig({
  // Only what goes wrong is logged, so that the terminal stays readable.
  log: { level: 'error' },
  // The house stands in Paris.
  place: { latitude: 48.86, longitude: 2.35 },
})
