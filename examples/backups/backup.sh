#!/bin/sh
# Writes an archive of SOURCE into TARGET, whole or not at all, and keeps the newest seven.
set -eu

name=$TARGET/$(date +%Y-%m-%dT%H%M%S).tar.gz
trap 'rm -f "$name.part"' EXIT
tar -czf "$name.part" -C "$SOURCE" .
mv "$name.part" "$name"
find "$TARGET" -name '*.tar.gz' | sort -r | tail -n +8 | while read -r old; do rm -- "$old"; done
ls -s "$name"
