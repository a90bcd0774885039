#!/usr/bin/env bash
# peers.sh BINARY [PEER…]: the service beside its peers, workload by workload. The figure that counts is "rel": CPU
# seconds for 1,000 operations over those of the reference in the same round. It takes the peers and the load from
# ../shared/bench, beside the checkout, and says so where that is not there.
#
#   ours    keeps nothing (--cache-ttl 0); all protections, metrics and extensions.zoom are on
#   known   keeps what it was answered, so that most is known already
#
# Nobody else uses the account: the service has all of its limits.
#
#   ROUNDS=3 DUR=4s CONNS=32 WORKLOADS="w1 w4 w3 w2 w5 w6" BASE_PORT=19000   as ../shared/bench/run.sh has them
set -euo pipefail
binary=$(realpath "$1")
shift
cd "$(dirname "$0")/../.."
bench=$PWD/../shared/bench/run.sh
if [ ! -e "$bench" ]; then
	echo "SKIPPED the peers: ../shared/bench is not there." >&2
	exit 0
fi
export BENCH_WORK=$PWD/test/bench/work RESULTS=$PWD/test/bench/results.md
mkdir -p "$BENCH_WORK"
serve="$binary serve --addr 127.0.0.1:\$PORT --zoom-account-id bench --zoom-client-id bench --zoom-client-secret bench"
serve+=" --zoom-api-url \$UPSTREAM_URL/v2 --zoom-oauth-url \$UPSTREAM_URL/oauth --zoom-rate ${RATE:-medium=1000000,light=1000000} --zoom-share 1"
export TARGET_OURS_CMD="$serve --cache-ttl 0" TARGET_OURS_DIALECT=zoomgraph
export TARGET_KNOWN_CMD="$serve --cache-ttl 1h" TARGET_KNOWN_DIALECT=zoomgraph
bash "$bench" "${@:-go-proxy}" >/dev/null
cat "$RESULTS"
