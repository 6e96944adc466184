#!/usr/bin/env bash
# Kills the demo at random moments, lets it go on, and compares its tables with those of an undisturbed run.
# Usage: soak.sh PROMENADE ROUNDS. Leaves outputs/soak/{calm,stormy}; exit 1 where a table differs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
promenade=${1:?usage: soak.sh PROMENADE ROUNDS}
rounds=${2:-10}
out=outputs/soak
demo=datasets/demo

# 1 means that some inputs failed: a result like any other here.
stage() { "$promenade" "$@" --quiet || (($? == 1)); }

whole() {
  stage faces $demo/portraits --out "$1"
  stage songs $demo/songs --out "$1"
  stage pair --out "$1"
}

# Every part of every table but `runs`, which alone holds times.
sums() { (cd "$1" && find . -name '*.parquet' -not -path './runs/*' -print0 | sort -z | xargs -0 -r sha256sum); }

rm -rf "$out"
started=$EPOCHREALTIME
whole "$out/calm"
seconds=$(awk -v a="$started" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f", b - a }')
[[ -n "$(sums "$out/calm")" ]] || {
  echo "soak: the undisturbed run left no table in $out/calm" >&2
  exit 2
}
echo "soak: undisturbed in $seconds s; $rounds rounds of killing follow"

for ((round = 1; round <= rounds; round++)); do
  rm -rf "$out/stormy"
  kills=0
  for attempt in 1 2 3; do
    whole "$out/stormy" &
    job=$!
    sleep "$(awk -v s="$seconds" -v r=$RANDOM 'BEGIN { printf "%.2f", s * r / 32768 }')"
    # The stage, then the shell that would start the next one.
    if kill -STOP "$job" 2>/dev/null; then
      pkill -KILL -P "$job" || true
      kill -KILL "$job" 2>/dev/null || true
      kills=$attempt
    fi
    wait "$job" 2>/dev/null || true
  done
  whole "$out/stormy"
  if ! diff <(sums "$out/calm") <(sums "$out/stormy"); then
    echo "soak: round $round, killed $kills times: the tables above differ (< undisturbed, > killed)" >&2
    exit 1
  fi
  echo "soak: round $round of $rounds, killed $kills times: equal"
done
