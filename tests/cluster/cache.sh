# Where the binaries of the local cluster lie: sourced by `build` and `cluster`, so that both compute the same paths.
# shellcheck shell=bash

CLUSTER_SOURCE=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
CLUSTER_CACHE="${BERTH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/berth}/cluster"
[[ $CLUSTER_CACHE == /* ]] || CLUSTER_CACHE="$PWD/$CLUSTER_CACHE"

# The lines of `versions` without its comments.
pinned() {
  grep -v '^#' "$CLUSTER_SOURCE/versions"
}

# A module's content: what it requires, its checksums, its flags and its own sources.
module_hash() {
  find "$CLUSTER_SOURCE/modules/$1" -type f -print0 | LC_ALL=C sort -z | xargs -0 cat -- | sha256sum | cut -c1-12
}

declare -A module_hashes=()

# Sets `folder` to where one binary of one version is kept.
cache_folder() {
  local name=$1 version=$2 module=$3
  if [[ -z ${module_hashes[$module]:-} ]]; then
    module_hashes[$module]=$(module_hash "$module")
  fi
  folder="$CLUSTER_CACHE/$name-$version-${module_hashes[$module]}"
}

# Prints the path of a binary that has been built, or says how to build it.
cached_binary() {
  local name version module group folder
  while read -r name version module _ group; do
    [[ $name == "$1" ]] || continue
    cache_folder "$name" "$version" "$module"
    if [[ ! -x $folder/$name ]]; then
      echo "$name $version is not built; run: tests/cluster/build $group" >&2
      return 1
    fi
    echo "$folder/$name"
    return 0
  done < <(pinned)
  echo "there is no tool $1; there are: $(pinned | awk '{print $1}' | xargs)" >&2
  return 1
}
