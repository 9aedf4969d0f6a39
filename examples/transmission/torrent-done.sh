#!/bin/sh
# Transmission calls this when a torrent has finished ("script-torrent-done-filename"), with the facts in TR_TORRENT_*.
# It publishes them as JSON and comes back only when the hub has acknowledged them: they are in its history then.
# VIGIE_HOST and VIGIE_PORT name another hub than the one on this machine.

facts=$(awk '
  function json(text,   i, c, out) {
    for (i = 1; i <= length(text); i++) {
      c = substr(text, i, 1)
      if (c == "\"" || c == "\\") out = out "\\" c
      else if (c in control) out = out control[c]
      else out = out c
    }
    return "\"" out "\""
  }
  BEGIN {
    for (i = 1; i < 32; i++) control[sprintf("%c", i)] = sprintf("\\u%04x", i)
    printf "{\"hash\":%s,\"name\":%s,\"dir\":%s}", \
      json(ENVIRON["TR_TORRENT_HASH"]), json(ENVIRON["TR_TORRENT_NAME"]), json(ENVIRON["TR_TORRENT_DIR"])
  }')

# The hub may be starting, or away for an update: try for an hour.
for _ in $(seq 720); do
  mosquitto_pub -q 1 -h "${VIGIE_HOST:-127.0.0.1}" -p "${VIGIE_PORT:-1883}" \
    -t "transmission/$(hostname)/done" -m "$facts" && exit 0
  sleep 5
done
exit 1
