#!/usr/bin/env bash
# Clients made for Cognito, unchanged, against a server of their own: Amplify in Node and in a browser, amazon-cognito-identity-js, the
# AWS SDK for JavaScript, aws-jwt-verify, boto3.
#
#   cargo build --release --example server --features server
#   tests/clients/run.sh
#
# Needs Node 20 and Python 3.10 or newer; installs Chromium where there is none (Debian, as root). Ends with how many tests passed.
set -euo pipefail
cd "$(dirname "$0")/../.."

target=${CARGO_TARGET_DIR:-target}
server=${SERVER_BINARY:-$target/release/examples/server}
venv=$target/clients-venv
[[ -x $server ]] || { echo "no $server: build it first (see the head of $0)" >&2; exit 1; }
if [[ ! -x /usr/bin/chromium ]]; then
    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null
fi
(cd tests/clients && npm ci --no-audit --no-fund --silent)
if ! cmp -s tests/clients/requirements.txt "$venv/requirements.txt"; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement tests/clients/requirements.txt
    cp tests/clients/requirements.txt "$venv/requirements.txt"
fi

source tests/browser/server.sh
# Amplify and identity-js send no session when they confirm: their passwords stay as they do on Cognito.
start_server "$server" CUSTOM_AUTH_SIGN_UP_PASSWORD=keep
passed=0 failed=0
for suite in amplify identity sdk; do
    (cd tests/clients && CUSTOM_AUTH_URL=$url OUTBOX=$outbox node --test --test-reporter=tap "$suite.test.mjs") | tee "$work/tap" || true
    count() { awk -v what="# $1" '$0 ~ "^" what " " { print $3 }' "$work/tap"; }
    left=$(($(count skipped) + $(count todo) + $(count cancelled)))
    ((left == 0 && $(count pass) + $(count fail) > 0)) || { echo "tests of $suite were left out"; failed=$((failed + 1)); }
    passed=$((passed + $(count pass))) failed=$((failed + $(count fail)))
done
"$venv/bin/python" tests/clients/journeys.py "$url" "$outbox" | sed '/ passed, /s/^/boto3: /' | tee "$work/python" || true
read -r ok bad < <(awk '/^boto3: / { ok += $2; bad += $4 } END { print ok + 0, bad + 0 }' "$work/python")
((ok + bad > 0)) || bad=1
printf '\n%d passed, %d failed\n' $((passed + ok)) $((failed + bad))
((failed + bad == 0))
