# A cluster's box on this machine: its link, cgroups and namespaces, from their making until nothing is left. Sourced by `cluster`.
# shellcheck shell=bash

# Each box has a link berthN and four addresses of this range: N counts both.
BOX_RANGE=10.231

# A folder that isn't a cluster's is never touched, wherever the states are told to be.
is_cluster() {
  [[ -f $1/settings || -f $1/logs/box.log ]]
}

settings_of() {
  # shellcheck disable=SC2034
  LINK='' HOST_ADDRESS='' BOX_ADDRESS='' WITH_NODE=''
  # shellcheck source=/dev/null
  [[ ! -f $1/settings ]] || source "$1/settings"
}

process_start() {
  local stat
  { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 1
  # The name in parentheses may hold blanks; the start time is the 20th field after it.
  awk '{ print $20 }' <<<"${stat##*) }"
}

# Sets `box` to the process that holds the namespaces. Its start time tells it from a later process of the same number.
box_of() {
  local started boot
  [[ -f $1/process ]] && read -r box started boot <"$1/process" || return 1
  [[ $boot == "$(</proc/sys/kernel/random/boot_id)" && $(process_start "$box") == "$started" ]]
}

# The kernel refuses a second link of the same name, so two `up` at once can't take the same one.
make_link() {
  local state=$1 number third fourth
  for ((number = 0; number < 4096; number++)); do
    LINK="berth$number"
    third=$((number / 64)) fourth=$((number % 64 * 4))
    HOST_ADDRESS="$BOX_RANGE.$third.$((fourth + 1))" BOX_ADDRESS="$BOX_RANGE.$third.$((fourth + 2))"
    [[ ! -e /sys/class/net/$LINK ]] || continue
    # An address that the machine already reaches otherwise than by its default route isn't free.
    ! ip -4 route show match "$BOX_ADDRESS" | grep -qv '^default' || continue
    ip link add "$LINK" type veth peer name "${LINK}box" 2>/dev/null || continue
    # Says whose it is: after a crash another cluster may get the same name.
    ip link set "$LINK" alias "$state"
    printf '%s=%q\n' LINK "$LINK" HOST_ADDRESS "$HOST_ADDRESS" BOX_ADDRESS "$BOX_ADDRESS" >>"$state/settings"
    ip address add "$HOST_ADDRESS/30" dev "$LINK"
    ip link set "$LINK" up
    return 0
  done
  return 1
}

cgroup_roots() {
  awk '$3 == "cgroup" || $3 == "cgroup2" { print $2 }' /proc/mounts
}

make_cgroups() {
  local root file
  while read -r root; do
    mkdir -p "$root/$LINK"
    # A new cpuset of cgroup v1 is empty and can hold no process.
    for file in cpuset.cpus cpuset.mems; do
      [[ ! -e $root/$file ]] || cat "$root/$file" >"$root/$LINK/$file"
    done
    # In cgroup v2 a folder has the controllers that its parent hands down.
    for file in cpu cpuset memory pids; do
      if [[ -e $root/cgroup.subtree_control ]] && grep -qw $file "$root/cgroup.controllers"; then
        echo "+$file" >"$root/cgroup.subtree_control"
      fi
    done
  done < <(cgroup_roots)
}

remove_cgroups() {
  local root folders tries
  while read -r root; do
    for ((tries = 0; tries < 100; tries++)); do
      [[ -d $root/$1 ]] || break
      mapfile -t folders < <(find "$root/$1" -depth -type d)
      # It takes the kernel a moment to take the last process out of its folder.
      rmdir "${folders[@]}" 2>/dev/null || sleep 0.05
    done
    [[ ! -d $root/$1 ]] || return 1
  done < <(cgroup_roots)
}

start_box() {
  local state=$1
  # The process writes its own number down before it becomes the box, so that a box without a record can't be.
  # shellcheck disable=SC2016
  setsid bash -c '
    state=$1 init=$2
    stat=$(<"/proc/$$/stat")
    read -r _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ start _ <<<"${stat##*) }"
    echo "$$ $start $(</proc/sys/kernel/random/boot_id)" >"$state/process.new"
    mv "$state/process.new" "$state/process"
    exec unshare --net --mount --pid --ipc --uts --fork --kill-child=KILL --mount-proc "$init" "$state"
  ' box "$state" "$CLUSTER_SOURCE/box-init" </dev/null >"$state/logs/box.log" 2>&1 8>&- &
  disown
  local tries=0 own
  own=$(readlink /proc/self/ns/net)
  until box_of "$state" && [[ $(readlink "/proc/$box/ns/net") != "$own" && $(readlink "/proc/$box/ns/pid_for_children") != "$(readlink /proc/self/ns/pid)" ]]; do
    ((++tries < 100)) || return 1
    sleep 0.05
  done
  readlink "/proc/$box/ns/pid_for_children" >"$state/processes"
  ip link set "${LINK}box" netns "$box" name eth0
}

in_box() {
  local box
  box_of "$1" || return 1
  shift
  nsenter --net="/proc/$box/ns/net" --mount="/proc/$box/ns/mnt" --uts="/proc/$box/ns/uts" --ipc="/proc/$box/ns/ipc" \
    --pid="/proc/$box/ns/pid_for_children" -- "$@"
}

processes_of() {
  [[ -s $1/processes ]] || return 0
  find /proc -maxdepth 3 -path '/proc/[0-9]*/ns/pid' -lname "$(sed 's/[][]/\\&/g' "$1/processes")" 2>/dev/null
}

# Ends a box, if it lives, and removes all that it left; works as well on what a crash or a reboot has left. Logs stay.
remove_box() {
  local state=$1 box tries
  settings_of "$state"
  if box_of "$state"; then
    kill -KILL "$box"
  fi
  for ((tries = 0; tries < 200; tries++)); do
    box_of "$state" || [[ -n $(processes_of "$state") ]] || break
    sleep 0.05
  done
  if [[ -n $(processes_of "$state") ]]; then
    echo "processes of the box would not end: $(processes_of "$state" | cut -d/ -f3 | xargs)" >&2
    return 1
  fi
  if [[ -n $LINK && $(cat "/sys/class/net/$LINK/ifalias" 2>/dev/null || echo "$state") == "$state" ]]; then
    # The other end may have taken it along already.
    ip link delete "$LINK" 2>/dev/null || [[ ! -e /sys/class/net/$LINK ]] || { echo "the link $LINK could not be removed" >&2; return 1; }
    remove_cgroups "$LINK" || { echo "cgroup folders named $LINK could not be removed" >&2; return 1; }
  fi
  find "$state" -mindepth 1 -maxdepth 1 ! -name logs -exec rm -rf --one-file-system {} +
}
