# shellcheck shell=bash
# Sourced by scripts that run in pairs, at once, in two containers of a pod: one pipe in $DUMPS for each of $DATABASES.
#
# All pipes are opened at the start, and their ends are the only signal: the writer says first, in a file, that what it wrote
# is whole, and closes then. Whoever dies closes too, so a pipe that ends without that file ended early, and nobody waits.

declare -A pipes

# Opens every pipe, `to write` or `to read`, when the other side has opened its end too; gives up after $PATIENCE seconds,
# enough for the other container's image to be pulled.
open_pipes() {
  local side=$2 other="write" database pipe fd both=() tries
  [ "$side" = "read" ] || other="read"
  for database in $DATABASES; do
    pipe=$DUMPS/$database.pipe
    mkfifo -m 600 "$pipe" 2>/dev/null || [ -p "$pipe" ]
    # Opened for one direction alone, a pipe waits for the other side, without end if that never comes.
    exec {fd}<>"$pipe"
    both+=("$fd")
    if [ "$side" = write ]; then exec {fd}>"$pipe"; else exec {fd}<"$pipe"; fi
    pipes[$database]=$fd
  done
  : >"$DUMPS/$side.open"
  for ((tries = ${PATIENCE:-600} * 5; tries > 0; tries--)); do
    [ ! -e "$DUMPS/$other.open" ] || break
    sleep 0.2
  done
  [ -e "$DUMPS/$other.open" ] || { echo "nobody came to $other what this one would $side" >&2; exit 1; }
  for fd in "${both[@]}"; do exec {fd}>&-; done
}

close_pipe() {
  local fd=${pipes[$1]}
  exec {fd}>&-
}
