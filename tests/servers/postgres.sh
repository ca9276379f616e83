#!/bin/bash
# A PostgreSQL server for tests, on the loopback interface only. All its files lie under DIR; as root it runs as the user postgres.
#   postgres.sh start DIR [PORT]   makes the database at the first start; prints shell assignments: PG_HOST, PG_PORT, PG_USER, PG_PASSWORD, PG_DATABASE
#   postgres.sh stop DIR [MODE]    ends it: fast (the default), or kill (-9, all its processes at once); DIR stays
#   postgres.sh guard DIR PID      waits until process PID has ended, then stops and removes DIR
# POSTGRES_SETTINGS adds settings, one "-c name=value" after another. Syncing is on.
set -euo pipefail
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
self=$(realpath "$0")
password=testpassword0001

fail() { echo "postgres.sh: $*" >&2; exit 1; }

as_postgres() {
  if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

newest_bin() {
  local bin
  bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
  [ -x "$bin/postgres" ] || fail "missing: postgres; install it: apt-get install -y --no-install-recommends postgresql"
  echo "$bin"
}

# Below the range that the kernel gives to outgoing connections, so that nobody takes it between here and the bind.
free_port() {
  local port
  while :; do
    port=$((10000 + (RANDOM * 32768 + RANDOM) % 22000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}

# The postmaster's pid when it is ours: a pid may have been given to another process since.
postmaster() {
  local pid
  pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null) || return 1
  { tr '\0' ' ' <"/proc/$pid/cmdline" | grep -qF -- "-D $1/data"; } 2>/dev/null && echo "$pid"
}

stop() {
  local dir=$1 mode=${2:-fast} pid child children=()
  pid=$(postmaster "$dir") || return 0
  if [ "$mode" = kill ]; then
    kill -STOP "$pid" 2>/dev/null || true
    read -ra children <<<"$(cat "/proc/$pid/task/$pid/children" 2>/dev/null || true)"
    for child in "${children[@]}"; do kill -9 "$child" 2>/dev/null || true; done
    kill -9 "$pid" 2>/dev/null || true
    # What is dead may stay a zombie until somebody asks after it; for the server its pid would still be in use.
    for child in "$pid" "${children[@]}"; do
      while [ -e "/proc/$child" ] && ! grep -q '^State:.*Z' "/proc/$child/status" 2>/dev/null; do sleep 0.02; done
    done
    rm -f "$dir/data/postmaster.pid"
  else
    as_postgres "$(newest_bin)/pg_ctl" -D "$dir/data" -m "$mode" -w stop >/dev/null 2>&1 || true
  fi
}

start() {
  local dir=$1 port=${2:-} bin attempt
  bin=$(newest_bin)
  if [ ! -e "$dir/data/PG_VERSION" ]; then
    [ ! -e "$dir" ] || [ -z "$(ls -A "$dir")" ] || fail "$dir is not empty and not a server of this script"
    mkdir -p "$dir/run"
    [ "$(id -u)" != 0 ] || { chown postgres "$dir" "$dir/run"; }
    as_postgres sh -c 'umask 077; echo "$1" >"$2"' sh "$password" "$dir/run/password"
    as_postgres "$bin/initdb" -D "$dir/data" -U pipeline --pwfile="$dir/run/password" -A scram-sha-256 -E UTF8 --locale=C -N >"$dir.start.log" 2>&1 ||
      { cat "$dir.start.log" >&2; fail "no database could be made in $dir"; }
  fi
  postmaster "$dir" >/dev/null && fail "it runs already in $dir"

  # A port may be taken by another run in the same instant.
  for attempt in 1 2 3; do
    local at=${port:-$(free_port)}
    # shellcheck disable=SC2086
    if as_postgres "$bin/pg_ctl" -D "$dir/data" -w -t 60 -s -l "$dir/run/server.log" -o "-c port=$at -c listen_addresses=127.0.0.1 -c unix_socket_directories='' \
      -c max_connections=400 -c shared_buffers=256MB -c max_wal_size=2GB ${POSTGRES_SETTINGS:-}" start >/dev/null 2>"$dir.start.log"; then
      rm -f "$dir.start.log"
      printf '%s\n' "PG_HOST=127.0.0.1" "PG_PORT=$at" "PG_USER=pipeline" "PG_PASSWORD=$password" "PG_DATABASE=postgres"
      return
    fi
  done
  tail -n 5 "$dir.start.log" "$dir/run/server.log" >&2 2>/dev/null || true
  fail "the server does not start; see $dir/run/server.log"
}

case "${1:-} $#" in
  "start 2" | "start 3") mkdir -p "$(dirname "$2")"; start "$(realpath -m "$2")" "${3:-}" ;;
  "stop 2" | "stop 3") stop "$(realpath -m "$2")" "${3:-fast}" ;;
  "guard 3")
    dir=$(realpath -m "$2")
    while kill -0 "$3" 2>/dev/null; do sleep 1; done
    # The process may have died while a start of its own was under way, which goes on without it.
    for try in 1 2 3 4 5; do
      stop "$dir" kill
      rm -rf "$dir" "$dir.start.log"
      sleep 1
    done
    ;;
  *) sed -n '2,6p' "$self" >&2; exit 2 ;;
esac
