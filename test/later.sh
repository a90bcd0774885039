#!/usr/bin/env bash
# Runs Go tests as if it were a later day, to find those that a date makes red:
#
#   test/later.sh DAYS [package…]    in so many days; all packages
#
# The tests, and the programs that they build, get a standard library whose time.Now says so. Redis and browsers do not.
set -euo pipefail
cd "$(dirname "$0")/.."
days=$1
shift
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
time=$(go env GOROOT)/src/time/time.go
# What testing/synctest says begins in 2000, and stays.
sed "s/^\tsec, nsec, mono := runtimeNow()\$/&\n\tif sec > 1_500_000_000 {\n\t\tsec += 86_400 * $days\n\t}/" "$time" >"$folder/time.go"
if cmp -s "$time" "$folder/time.go"; then
	echo "time.Now of $(go version) is not as this script knows it: mend the line with sed" >&2
	exit 1
fi
printf '{"Replace": {"%s": "%s"}}\n' "$time" "$folder/time.go" >"$folder/overlay.json"
GOFLAGS="${GOFLAGS:-} -overlay=$folder/overlay.json" go test -vet=off "${@:-./...}"
