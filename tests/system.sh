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
command -v turnserver >/dev/null || wished="$wished coturn"
/usr/bin/python3 tests/interop/gstreamer.py >/dev/null 2>&1 || wished="$wished python3-gst-1.0 gir1.2-gst-plugins-bad-1.0 \
  gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly gstreamer1.0-nice"
[ -z "$missing$wished" ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing for the tests:$missing $wished"
  export DEBIAN_FRONTEND=noninteractive
  # The tests start a PostgreSQL of their own: Debian is to make and start none.
  cluster=/etc/postgresql-common/createcluster.conf
  [ -e $cluster ] || { mkdir -p "${cluster%/*}" && echo "create_main_cluster = false" >$cluster; }
  # shellcheck disable=SC2086
  if apt-get update -qq && apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-confold \
    $missing $wished >/dev/null; then
    # They start a TURN server of their own, too.
    case "$wished" in *coturn*) systemctl disable --now coturn >/dev/null 2>&1 ;; esac
    exit 0
  fi
fi
[ -z "$missing" ] && exit 0
echo "The tests need these programs; install them first (Debian, Ubuntu: sudo apt install$missing)." >&2
exit 1
