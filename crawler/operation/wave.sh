#!/bin/sh
# One wave a month: survey, metrics, backup. The systemd service and the cron lines run this.
#
# Settings are environment variables; optout.env lists them. Exit codes are those of
# `optout survey` (0 complete, 1 stopped before the end or too many sites unmeasured, 2 to be
# mended by hand), and 75 where another run holds the lock.
set -eu
: "${OPTOUT_CONTACT:?must say whom site owners can ask}"
panel=${OPTOUT_PANEL:-/etc/optout/panel.csv}
wave=${OPTOUT_WAVE:-$(date -u +%Y-%m)}
mkdir -p "${OPTOUT_FOLDER:=/var/lib/optout}/backup"
cd "$OPTOUT_FOLDER"

# The lock is the kernel's: it ends with the last process that holds it open, however that dies.
exec 9>wave.lock
flock --nonblock 9 || { echo "another wave is under way" >&2; exit 75; }

status=0
# shellcheck disable=SC2086 # the options are words
optout survey "$panel" --wave "$wave" --db survey.db --log-json \
  --metrics "${OPTOUT_METRICS:-optout.prom}" ${OPTOUT_OPTIONS:-} || status=$?
[ "$status" -le 1 ] || exit "$status"

backup=backup/$(date -u +%Y-%m-%d).db
[ -e "$backup" ] || optout backup --db survey.db --to "$backup"
find backup -name '*.db' | sort | head -n "-${OPTOUT_KEEP:-6}" | xargs -r rm --
exit "$status"
