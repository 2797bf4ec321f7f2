# Sourced by the suites that need a server: start_server BINARY [NAME=VALUE ...] starts one with a folder of its own, and sets `work`,
# `url` and `outbox`. It is stopped by its pid, and the folder removed, when the script ends.

work=$(mktemp -d)
server_pid=
stop_server() {
    if [[ -n $server_pid ]]; then
        kill "$server_pid" 2>/dev/null || true
        wait "$server_pid" 2>/dev/null || true
        server_pid=
    fi
}
trap 'stop_server; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

start_server() {
    local binary=$1 port
    shift
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    url=http://127.0.0.1:$port outbox=$work/data/outbox.jsonl
    # All of them come from this machine.
    env CUSTOM_AUTH_ADDR=127.0.0.1:"$port" CUSTOM_AUTH_DATA="$work/data" CUSTOM_AUTH_DOOR='{"texts_per_hour": 100000, "passwords_per_hour": 100000}' "$@" "$binary" >"$work/server.log" 2>&1 &
    server_pid=$!
    for _ in $(seq 100); do
        if python3 -c "import urllib.request; urllib.request.urlopen('$url/config.json')" 2>/dev/null; then return; fi
        kill -0 "$server_pid" 2>/dev/null || break
        sleep 0.1
    done
    cat "$work/server.log" >&2
    return 1
}
