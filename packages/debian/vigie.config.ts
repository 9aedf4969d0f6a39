// The configuration of the hub of this machine. Each setting is described in /usr/share/doc/vigie/docs/configuration.md.
// After a change: systemctl restart vigie. Rules in /etc/vigie/rules are loaded again whenever they are saved.
import { defineConfig } from 'vigie'

export default defineConfig({
  data: '/var/lib/vigie/data',
  rules: '/etc/vigie/rules',
  // Kept by: sudo -u vigie vigie user add NAME
  users: '/var/lib/vigie/users.json',
  // The hub listens on this machine only. To let other machines in, add a user first, then:
  // mqtt: { host: '0.0.0.0' },
})
