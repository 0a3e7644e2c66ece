# shellcheck shell=bash disable=SC2034
# Shared by the scripts in this folder. Source it after `set -euo pipefail`.

repo=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")

# The user that everything runs as when root starts it. In the same group: who may use the admin socket.
service_user=hotline

say() { printf '%s\n' "$*" >&2; }

die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# with_progress TEXT LOG COMMAND...: runs the command with its output in LOG and says every few seconds how long it has
# taken. On failure the end of the log is shown.
with_progress() {
  local text=$1 log=$2 started=$SECONDS status=0 pid ticks=0
  shift 2
  say "$text ..."
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.2
    ticks=$((ticks + 1))
    if ((ticks % 25 == 0)); then
      say "  $text: $((SECONDS - started)) s"
    fi
  done
  wait "$pid" || status=$?
  if ((status != 0)); then
    tail -n 15 "$log" | sed 's/^/  | /' >&2
    say "  $text: failed after $((SECONDS - started)) s, exit code $status"
    return "$status"
  fi
  say "  $text: done in $((SECONDS - started)) s"
}

# The packages named in the list file scripts/packages/$1, one a line.
package_list() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$repo/scripts/packages/$1"; }

package_installed() {
  [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# apt_need PACKAGE...: installs what is missing. Only the packages named, no recommended ones.
apt_need() {
  local missing=() package log
  for package in "$@"; do
    package_installed "$package" || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  command -v apt-get >/dev/null || die "needs ${missing[*]} and this machine has no apt-get: install them by hand"
  [[ $(id -u) == 0 ]] || die "needs packages that are not installed; as root: apt-get install ${missing[*]}"
  log=$(mktemp)
  export DEBIAN_FRONTEND=noninteractive
  # The lists may be absent (fresh image) or expired (frozen mirror): then fetch them, and accept an old date if that is
  # what the mirror has. Signatures are checked in every case.
  if ! with_progress "installing ${missing[*]}" "$log" apt_install "${missing[@]}"; then
    rm -f "$log"
    die "could not install ${missing[*]}; see the lines above, then try: apt-get update && apt-get install ${missing[*]}"
  fi
  rm -f "$log"
}

apt_install() {
  local lock=(-o DPkg::Lock::Timeout=120)
  apt-get "${lock[@]}" install -y --no-install-recommends "$@" && return 0
  # Other lists on this machine may be broken; only the install below decides.
  apt-get update || apt-get -o Acquire::Check-Valid-Until=false update || true
  apt-get "${lock[@]}" -o Acquire::Check-Valid-Until=false install -y --no-install-recommends "$@"
}
