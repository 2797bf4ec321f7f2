#!/usr/bin/env bash
# Journeys against a local ministack: sign-ins, for which it runs the built function as Lambda would, first with limits in memory
# and texts in a file, then with all that AWS has for it; then the adapters, against its user pools and its tables
# (tests/ministack/adapters.rs), which are built here. Each part ends with its count.
#
#   cargo build --release --example before_sign_up --example lambda --features aws
#   tests/ministack/run.sh [part of a journey's name ...]
#   tests/ministack/run.sh --memory | --aws [part of a journey's name ...]    one of the two ways alone
#   tests/ministack/run.sh --adapters [part of a case's name_with_underscores ...]    adapters only: needs no function
#
# Needs Python 3.10 or newer. Everything listens on 127.0.0.1, is stopped by its pid, and leaves nothing but the
# virtual environment in target/.
set -euo pipefail
cd "$(dirname "$0")/../.."

here=tests/ministack
binary=${LAMBDA_BINARY:-${CARGO_TARGET_DIR:-target}/release/examples/lambda}
venv=${CARGO_TARGET_DIR:-target}/ministack-venv

parts='memory aws adapters'
if [[ ${1-} == --adapters || ${1-} == --memory || ${1-} == --aws ]]; then
    parts=${1#--}
    shift
elif (($# > 0)); then
    parts='memory aws'
fi

[[ $parts == adapters || -x $binary ]] || { echo "no $binary: build it first (see the head of $0)" >&2; exit 1; }

if ! cmp -s "$here/requirements.txt" "$venv/requirements.txt"; then
    echo "installing $here/requirements.txt"
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
    cp "$here/requirements.txt" "$venv/requirements.txt"
fi

work=$(mktemp -d)
ministack=
stop() {
    if [[ -n $ministack ]]; then
        kill "$ministack" 2>/dev/null || true
        for _ in $(seq 50); do
            kill -0 "$ministack" 2>/dev/null || break
            sleep 0.1
        done
        kill -9 "$ministack" 2>/dev/null || true
        wait "$ministack" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap stop EXIT
trap 'exit 130' INT TERM

mkdir "$work/tmp" "$work/journeys"
chmod 700 "$work/journeys"
[[ $parts == adapters ]] || "$venv/bin/python" - "$binary" "$work/function.zip" <<'PYTHON'
import sys, zipfile
binary, package = sys.argv[1:]
with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
    archive.write(binary, "bootstrap")
PYTHON

port=$("$venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
echo "starting ministack on 127.0.0.1:$port"
# Its other listeners (MQTT, SFTP) are off, and what it unpacks goes to a folder of ours.
env -u AWS_ENDPOINT_URL TMPDIR="$work/tmp" BIND_HOST=127.0.0.1 GATEWAY_PORT="$port" SERVICES=cloudformation,cognito-idp,dynamodb,iam,lambda,logs,s3,secretsmanager,sns,ssm,sts \
    IOT_MTLS_ENABLED=0 SFTP_ENABLED=0 LOG_LEVEL=WARNING \
    "$venv/bin/python" -m ministack >"$work/ministack.log" 2>&1 &
ministack=$!

ready=
for _ in $(seq 150); do
    kill -0 "$ministack" 2>/dev/null || break
    if "$venv/bin/python" - "$port" <<'PYTHON' 2>/dev/null
import sys, urllib.request
urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/_ministack/ready", timeout=2)
PYTHON
    then ready=yes; break; fi
    sleep 0.2
done
[[ -n $ready ]] || { echo "ministack did not come up:" >&2; cat "$work/ministack.log" >&2; exit 1; }

endpoint=http://127.0.0.1:$port
status=0
for part in $parts; do
    echo "== $part"
    case $part in
        memory | aws)
            env -u AWS_PROFILE JOURNEYS_ON="$part" AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null \
                AWS_EC2_METADATA_DISABLED=true NO_PROXY=127.0.0.1 MINISTACK_ENDPOINT="$endpoint" \
                LAMBDA_ZIP="$work/function.zip" LAMBDA_BINARY="$(realpath "$binary")" JOURNEYS_DIR="$work/journeys" \
                PYTHONDONTWRITEBYTECODE=1 "$venv/bin/python" "$here/login.py" "$@" || status=$?
            ;;
        adapters)
            MINISTACK_ENDPOINT="$endpoint" cargo test --quiet --all-features --locked --test ministack -- "$@" || status=$?
            ;;
    esac
done
((status == 0)) || tail -n 20 "$work/ministack.log" >&2
exit "$status"
