#!/usr/bin/env bash
# against.sh REF: the benchmarks of what is asked for most, of this state and of another commit, by turns on the same
# machine, compared by benchstat. The first column is the other commit.
#
#   ROUNDS=6 TIME=300ms PACKAGES="./graph/project …" BENCH=.
set -euo pipefail
ref=$1 rounds=${ROUNDS:-6}
cd "$(dirname "$0")/../.."
benchstat=golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da
read -ra packages <<<"${PACKAGES:-./graph/project ./graph/load ./graph/price ./internal/store ./internal/edge ./client ./graph}"
work=$(mktemp -d)
trap 'git worktree remove --force "$work/before" 2>/dev/null; rm -rf "$work"' EXIT
git worktree add --quiet --detach "$work/before" "$ref"
for state in before now; do
	mkdir -p "$work/bin/$state"
	for package in "${packages[@]}"; do
		from=$PWD
		[ $state = before ] && from=$work/before
		[ -d "$from/$package" ] || continue
		(cd "$from" && go test -c -o "$work/bin/$state/$(tr / . <<<"$package").test" "$package" 2>&1) >&2
	done
done
for ((round = 0; round < rounds; round++)); do
	for state in before now; do
		for package in "${packages[@]}"; do
			from=$PWD
			[ $state = before ] && from=$work/before
			test=$work/bin/$state/$(tr / . <<<"$package").test
			[ -x "$test" ] || continue
			(cd "$from/$package" && "$test" -test.run '^$' -test.bench "${BENCH:-.}" -test.benchmem -test.benchtime "${TIME:-300ms}" >>"$work/$state.txt")
		done
	done
done
go run "$benchstat" "$work/before.txt" "$work/now.txt"
