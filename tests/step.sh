# Runs one step of the demo or of the tests: its output goes to a log, its state to the terminal. Sourced.
# shellcheck shell=bash

# The process group of the step that runs.
STEP_GROUP=''

# What runs in the background has process groups of its own, so that all of it can be stopped.
in_background() {
  set -m
  "$@" </dev/null &
  STEP_GROUP=$!
  set +m
}

stop_group() {
  [[ -n $1 ]] || return 0
  kill -TERM -- "-$1" 2>/dev/null || return 0
  # Whatever it holds, such as a cluster, it may take a moment to give back.
  wait "$1" || return 0
}

# A line that the next one replaces; where there is no terminal, one a minute.
show_progress() {
  local name=$1 log=$2 seconds=$3 last
  if [[ -t 1 ]]; then
    last=$(tail -c 400 "$log" | tr '\r' '\n' | tail -n 1 | tr -cd '[:print:]')
    printf '\r\e[K… %s, %s s  \e[2m%s\e[0m' "$name" "$seconds" "${last:0:60}"
  elif ((seconds > 0 && seconds % 60 == 0)); then
    echo "… $name, $seconds s: $(tail -c 400 "$log" | tr '\r' '\n' | tail -n 1 | tr -cd '[:print:]')"
  fi
}

clear_progress() {
  [[ ! -t 1 ]] || printf '\r\e[K'
}

# run_step NAME LOG COMMAND…: sets step_seconds, and step_code to the command's exit code. It gives none of its own: in an `if`
# or before `||` bash lets a function go on after what failed in it.
run_step() {
  local name=$1 log=$2 started=$SECONDS shown=-1
  step_code=0
  shift 2
  in_background "$@" >"$log" 2>&1
  while kill -0 "$STEP_GROUP" 2>/dev/null; do
    if ((SECONDS != shown)); then
      shown=$SECONDS
      show_progress "$name" "$log" $((SECONDS - started))
    fi
    sleep 0.1
  done
  wait "$STEP_GROUP" || step_code=$?
  STEP_GROUP=''
  clear_progress
  # shellcheck disable=SC2034 # for the caller
  step_seconds=$((SECONDS - started))
}
