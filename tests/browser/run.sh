#!/usr/bin/env bash
# The page in headless Chromium against a server of its own. Pictures of every step are left in target/screenshots.
#
#   cargo build --release --example server --features server
#   tests/browser/run.sh
#
# Needs Node 20 or newer; installs Chromium where there is none (Debian, as root). Ends with how many tests passed.
set -euo pipefail
cd "$(dirname "$0")/../.."

target=${CARGO_TARGET_DIR:-target}
server=${SERVER_BINARY:-$target/release/examples/server}
[[ -x $server ]] || { echo "no $server: build it first (see the head of $0)" >&2; exit 1; }
target=$(mkdir -p "$target" && cd "$target" && pwd)
if [[ ! -x /usr/bin/chromium ]]; then
    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null
fi
(cd tests/browser && npm ci --no-audit --no-fund --silent)

source tests/browser/server.sh
start_server "$server"
CUSTOM_AUTH_URL=$url SCREENSHOTS=$target/screenshots node --test --test-reporter=tap tests/browser/page.test.mjs | tee "$work/tap" || true

count() { awk -v what="# $1" '$0 ~ "^" what " " { print $3 }' "$work/tap"; }
passed=$(count pass) failed=$(count fail) left=$(($(count skipped) + $(count todo) + $(count cancelled)))
((left == 0)) || { echo "$left tests were left out"; failed=$((failed + left)); }
printf '%d passed, %d failed\n' "$passed" "$failed"
((failed == 0 && passed > 0))
