#!/usr/bin/env bash
# Adds new models to the aliases file and writes what a reviewer reads:
#   scripts/propose_models.sh SUMMARY [options of triage and what-if, such as --database FILE]
# Those of the last 60 days that two sources list and whose vendor is known. Without any, there is no
# SUMMARY. Needs a board of today's responses.
set -euo pipefail

summary=$1
shift
cd "$(dirname "$0")/.."
run=${IPBR_RANK:-.venv/bin/ipbr-rank}
since=${IPBR_SINCE:-$(date -u -d '60 days ago' +%F)}

section() {
  printf '\n### %s\n\n```text\n' "$1"
  cat
  printf '```\n'
}

rm -f "$summary"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
"$run" triage --since "$since" --min-sources 2 --apply all "$@" > "$log"
if grep -q '^Nothing to add' "$log"; then
  cat "$log"
  exit 0
fi
{
  echo "Models that two sources or more list and that were released or listed since $since."
  echo "Look at each name that is newly resolved: is it that model, and no other build or tier?"
  section "Models and names newly resolved" < "$log"
  "$run" what-if "$@" | section "Scores and ranks"
} > "$summary"
