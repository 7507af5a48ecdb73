#!/bin/sh
# One worker's part of a wave: a shard of the panel (OPTOUT_SHARD=2/4), or jobs that workers share
# (OPTOUT_JOBS=redis://host:6379/0). Every ready file here runs this; exit codes are those of
# `optout survey`. OPTOUT_NAME names the worker's database, which must be its own and stay with it:
# the same name goes on where it stopped. The parts are merged by `optout merge`; how many sites of
# the whole wave could not be measured is for the merged one to say, so no part fails by its share.
set -eu
: "${OPTOUT_CONTACT:?must say whom site owners can ask}" "${OPTOUT_NAME:?must name the worker}"
panel=${OPTOUT_PANEL:-/etc/optout/panel.csv}
wave=${OPTOUT_WAVE:-$(date -u +%Y-%m)}
mkdir -p "${OPTOUT_FOLDER:=/var/lib/optout}"
cd "$OPTOUT_FOLDER"
# shellcheck disable=SC2086 # the options are words
exec optout survey "$panel" --wave "$wave" --db "$OPTOUT_NAME.db" --no-judge --log-json \
  --max-unmeasured 1 --metrics "$OPTOUT_NAME.prom" ${OPTOUT_SHARD:+--shard "$OPTOUT_SHARD"} \
  ${OPTOUT_JOBS:+--jobs "$OPTOUT_JOBS"} ${OPTOUT_OPTIONS:-}
