#!/bin/sh
# Looks for the programs that the tests drive; installs them where it may, else says how to.
missing=""
wished=""
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
  || missing="$missing chromium"
command -v ffprobe >/dev/null || missing="$missing ffmpeg"
command -v espeak-ng >/dev/null || missing="$missing espeak-ng"
command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
# Some that can be done without: their tests are then skipped.
command -v firefox-esr >/dev/null || command -v firefox >/dev/null || wished=firefox-esr
command -v certutil >/dev/null || wished="$wished libnss3-tools"
[ -z "$missing$wished" ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing for the tests:$missing $wished"
  export DEBIAN_FRONTEND=noninteractive
  # The tests start a PostgreSQL of their own: Debian is to make and start none.
  cluster=/etc/postgresql-common/createcluster.conf
  [ -e $cluster ] || { mkdir -p "${cluster%/*}" && echo "create_main_cluster = false" >$cluster; }
  # shellcheck disable=SC2086
  apt-get update -qq && apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-confold \
    $missing $wished >/dev/null && exit 0
fi
[ -z "$missing" ] && exit 0
echo "The tests need these programs; install them first (Debian, Ubuntu: sudo apt install$missing)." >&2
exit 1
