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

# Installs what package-lock.json names, and with it the right Node, unless it is there already. Installs Debian's node and npm
# first when the machine has none; any version will do for that.
install_program() {
  if [[ ! -f $repo/package-lock.json ]]; then
    [[ -f $repo/dist/main.js ]] || die "$repo holds neither package-lock.json nor a built program"
    return
  fi
  local installed=$repo/node_modules/.package-lock.json log
  if [[ -f $installed && ! $repo/package-lock.json -nt $installed && -x $repo/node_modules/node/bin/node ]]; then
    return
  fi
  # npm empties the folder first, and behind a link it may be that of other checkouts, too.
  if [[ -L $repo/node_modules ]]; then
    [[ -x $repo/node_modules/node/bin/node ]] ||
      die "$repo/node_modules is a link to a folder without the program's packages: install them there"
    say "node_modules is a link to $(readlink "$repo/node_modules"): nothing is installed there; package-lock.json may be newer"
    return
  fi
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    apt_need nodejs npm
  fi
  log=$(mktemp)
  with_progress "installing the program's packages (npm)" "$log" npm_install ||
    die "npm could not install the program's packages in $repo; the reason is above"
  rm -f "$log"
}

# Without install scripts: one would want Python and make although it has nothing to build. The one that is needed, the fetching
# of the right Node, is run by itself.
npm_install() {
  local options=(--ignore-scripts --no-audit --no-fund)
  cd "$repo" || return 1
  # npm ci refuses a lock file where the registry has holes (packages for other systems); npm install does not, and keeps to
  # the versions in it all the same.
  npm ci "${options[@]}" || npm install --no-save "${options[@]}" || return 1
  cd node_modules/node && node installArchSpecificPackage.js || return 1
  bin/node --version && touch "$repo/node_modules/.package-lock.json"
}

# The home in use, as an absolute path.
hotline_home() { readlink -m "${HOTLINE_HOME:-$repo/var}"; }

# The Node that ./hotline uses.
hotline_node() {
  if [[ -x $repo/node_modules/node/bin/node ]]; then
    echo "$repo/node_modules/node/bin/node"
  else
    command -v node
  fi
}

# The pid of this home's runsvdir; fails when it does not run.
supervisor_pid() {
  local home=$1 pid
  pid=$(cat "$home/run/runsvdir.pid" 2>/dev/null) || return 1
  [[ $pid =~ ^[0-9]+$ ]] || return 1
  # While it is still on its way to becoming runsvdir, its command line is empty for a moment now and then.
  [[ $(cat "/proc/$pid/comm" 2>/dev/null) == runsvdir ]] || return 1
  # A pid file may outlive a power cut, and the number belong to somebody else by now.
  tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -q -F "runsvdir -P $home/service" || return 1
  echo "$pid"
}

# status_field EXPRESSION: what `hotline status --json` says, as a JavaScript expression over `status`. Fails when the daemon
# does not answer.
status_field() {
  local json
  json=$(HOTLINE_HOME=$(hotline_home) timeout 20 "$repo/hotline" status --json 2>/dev/null) || return 1
  "$(hotline_node)" -e 'const status = JSON.parse(process.argv[1]); console.log(eval(process.argv[2]))' "$json" "$1"
}

# How many calls are in progress: asked of the daemon or, when that is away, of Asterisk itself. 0 when neither runs.
calls_in_progress() {
  local home=$1 count
  if count=$(status_field status.calls.length); then
    echo "$count"
    return
  fi
  count=$("$home/tools/bin/asterisk" -C "$home/asterisk/asterisk.conf" -rx 'core show channels count' 2>/dev/null |
    sed -n 's/^\([0-9]*\) of [0-9]* max active call.*/\1/p' | head -n 1) || true
  echo "${count:-0}"
}

# The last lines of both services' logs, to stderr.
show_logs() {
  local name
  for name in asterisk daemon; do
    say "--- $1/log/$name/current:"
    tail -n 15 "$1/log/$name/current" >&2 2>/dev/null || say "(nothing yet)"
  done
}
