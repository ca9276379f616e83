#!/bin/bash
# A Ceph cluster of one node (monitor, one OSD in memory, S3 gateway) for tests, on the loopback interface only. All its files lie under DIR.
#   ceph.sh start DIR [S3PORT]    prints shell assignments: S3_ENDPOINT, S3_ACCESS_KEY, S3_SECRET_KEY, S3_LIMITED_ACCESS_KEY, S3_LIMITED_SECRET_KEY
#   ceph.sh stop DIR              ends what start began; DIR stays, with its logs
#   ceph.sh guard DIR PID         waits until process PID has ended, then stops and removes DIR
set -euo pipefail
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
self=$(realpath "$0")

fail() { echo "ceph.sh: $*" >&2; exit 1; }

# Only processes whose command line names our own configuration file are ours: a pid may have been given to another since.
stop() {
  local file pid
  for file in "$1"/run/*.pid; do
    [ -e "$file" ] || continue
    pid=$(cat "$file")
    if grep -qaF "$1/ceph.conf" "/proc/$pid/cmdline" 2>/dev/null; then kill -9 "$pid" 2>/dev/null || true; fi
    rm -f "$file"
  done
}

# Below the range that the kernel gives to outgoing connections, so that nobody takes it between here and the bind.
free_port() {
  local port
  while :; do
    port=$((10000 + (RANDOM * 32768 + RANDOM) % 22000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
}

start() {
  local dir=$1 s3=${2:-} attempt missing=()
  for tool in ceph ceph-mon ceph-osd monmaptool radosgw radosgw-admin curl; do
    command -v "$tool" >/dev/null || missing+=("$tool")
  done
  [ ${#missing[@]} -eq 0 ] || fail "missing: ${missing[*]}; install them: apt-get install -y --no-install-recommends radosgw ceph-mon ceph-osd ceph-common curl"

  [ ! -e "$dir" ] || [ -e "$dir/ceph.conf" ] || [ -z "$(ls -A "$dir")" ] || fail "$dir is not empty and not a cluster of this script"
  stop "$dir"
  # A port may be taken by another run in the same instant: then all begins again with other ports.
  for attempt in 1 2 3; do
    if cluster "$dir" "${s3:-$(free_port)}" "$(free_port)" 2>"$dir.start.log"; then rm -f "$dir.start.log"; return; fi
    stop "$dir"
  done
  cat "$dir.start.log" >&2
  tail -n 5 "$dir"/log/*.log >&2 2>/dev/null || true
  fail "the cluster does not start; see $dir/log"
}

cluster() {
  local dir=$1 s3=$2 mon=$3 conf=$1/ceph.conf
  local secret=testsecretkey0000000000000000000000001 limited=limitedsecret0000000000000000000000001
  rm -rf "$dir"
  mkdir -p "$dir"/{mon,osd,rgw,log,run}
  cat > "$conf" <<CONF
[global]
fsid = $(cat /proc/sys/kernel/random/uuid)
mon host = v1:127.0.0.1:$mon
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
auth cluster required = none
auth service required = none
auth client required = none
keyring = /dev/null
run dir = $dir/run
admin socket = $dir/run/\$name.asok
pid file = $dir/run/\$name.pid
log file = $dir/log/\$name.log
crash dir = $dir/log
mon data = $dir/mon
osd data = $dir/osd
rgw data = $dir/rgw
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
mon allow pool size one = true
mon max pg per osd = 1000
[mon]
mon data avail crit = 1
mon data avail warn = 2
mon cluster log file = $dir/log/cluster.log
# Nobody else votes: no need to wait for them.
paxos propose interval = 0.05
paxos min wait = 0.01
[osd]
osd objectstore = memstore
memstore device bytes = 8589934592
osd crush update on start = false
osd class update on start = false
osd class load list = *
osd class default list = *
osd memory target = 1073741824
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:$s3
rgw thread pool size = 64
CONF
  local fsid osd
  fsid=$(sed -n 's/^fsid = //p' "$conf")
  osd=$(cat /proc/sys/kernel/random/uuid)
  monmaptool --create --clobber --addv a "[v1:127.0.0.1:$mon]" --fsid "$fsid" "$dir/monmap" >/dev/null || return 1
  ceph-mon -c "$conf" -i a --mkfs --monmap "$dir/monmap" --keyring /dev/null || return 1
  ceph-mon -c "$conf" -i a || return 1
  timeout 20 ceph -c "$conf" osd new "$osd" >/dev/null || return 1
  timeout 20 ceph -c "$conf" osd crush add osd.0 1.0 root=default host=local 2>/dev/null || return 1
  ceph-osd -c "$conf" -i 0 --mkfs --osd-uuid "$osd" >"$dir/log/mkfs.log" 2>&1 || return 1
  ceph-osd -c "$conf" -i 0 >/dev/null 2>&1 || return 1
  radosgw -c "$conf" -n client.rgw || return 1
  local try up=
  for try in $(seq 200); do
    if curl -s -o /dev/null "http://127.0.0.1:$s3/"; then up=1; break; fi
    sleep 0.05
  done
  [ -n "$up" ] || return 1
  timeout 20 radosgw-admin -c "$conf" user create --uid=test --display-name=test --access-key=TESTACCESSKEY000001 --secret-key="$secret" >/dev/null || return 1
  timeout 20 radosgw-admin -c "$conf" user create --uid=limited --display-name=limited --access-key=LIMITEDACCESSKEY0001 --secret-key="$limited" >/dev/null || return 1
  echo "S3_ENDPOINT=http://127.0.0.1:$s3"
  echo "S3_ACCESS_KEY=TESTACCESSKEY000001"
  echo "S3_SECRET_KEY=$secret"
  echo "S3_LIMITED_ACCESS_KEY=LIMITEDACCESSKEY0001"
  echo "S3_LIMITED_SECRET_KEY=$limited"
}

case "${1:-} $#" in
  "start 2" | "start 3") mkdir -p "$(dirname "$2")"; start "$(realpath -m "$2")" "${3:-}" ;;
  "stop 2") stop "$(realpath -m "$2")" ;;
  "guard 3")
    dir=$(realpath -m "$2")
    while kill -0 "$3" 2>/dev/null; do sleep 1; done
    # The process may have died while a start of its own was under way, which goes on without it.
    for try in 1 2 3 4 5 6 7 8 9 10; do
      stop "$dir"
      rm -rf "$dir" "$dir.start.log"
      sleep 1
    done
    ;;
  *) sed -n '2,5p' "$self" >&2; exit 2 ;;
esac
