// The configuration of a hub in a container. Mount a file of your own over it, or only a folder over /etc/vigie/rules.
import { defineConfig } from 'vigie'

export default defineConfig({
  data: '/var/lib/vigie/data',
  rules: '/etc/vigie/rules',
  // Kept by: podman run --rm -it -v vigie:/var/lib/vigie vigie user add NAME
  users: '/var/lib/vigie/users.json',
  // The ports of a container are reached from outside only where they are published (-p). Who comes in needs a user.
  mqtt: { host: '0.0.0.0' },
  // Some networks of containers make everybody look like this machine, so nobody gets in without a login.
  http: { host: '0.0.0.0', anonymous: false },
})
