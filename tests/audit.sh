#!/bin/sh
# Asks whether a vulnerability is known of anything in the locks, and whether the licences of what is installed are
# among those that pyproject.toml allows. Fails where one is not right, or cannot be found out.
failed=""
audit() {
  "$AUDIT"/pip-audit --strict --progress-spinner off --desc off --timeout 10 --disable-pip "$@" >"$said" 2>&1 && return
  failed=yes
  case $(cat "$said") in
    *"not found on PyPI and could not be audited"* | *ConnectionError* | *Timeout*)
      echo "$asked: NOT AUDITED: the service that knows of vulnerabilities cannot be reached, or does not know them." ;;
    *) echo "$asked:" && cat "$said" ;;
  esac
}

said=$(mktemp) && trap 'rm -f "$said"' EXIT
echo "Vulnerabilities"
for asked in locks/*.txt; do audit --require-hashes -r "$asked"; done
asked=requirements.txt # for torch, which no lock names
audit --no-deps -r "$asked"
[ -z "$failed" ] && echo "None is known."


echo "Licences"
unlike=""
for python in "$PYTHON" "$AUDIT/python"; do
  "$AUDIT"/pip-licenses --python "$python" >"$said" || unlike=yes # it says which
done
[ -z "$unlike" ] && echo "All are allowed."
[ -z "$failed$unlike" ]
