# shellcheck shell=bash
# Completes `npm run <command> -- …` of doks-systems, in its folder and those below; npm completes the rest as ever.
# For every new shell, in ~/.bashrc: source <(cd <the project> && npm run -s completion -- bash)

_doks_systems_previous=$(complete -p npm 2>/dev/null | sed -n 's/.* -F \([^ ]*\) .*/\1/p')
[ "$_doks_systems_previous" = _doks_systems ] && _doks_systems_previous=

_doks_systems() {
  local root=$PWD
  while [ -n "$root" ] && [ ! -f "$root/commands/completion/candidates.ts" ]; do root=${root%/*}; done
  if [ -n "$root" ] && [[ ${COMP_WORDS[1]} =~ ^run(-script)?$ ]] && [ "$COMP_CWORD" -ge 2 ]; then
    local line=${COMP_LINE:0:COMP_POINT} typed word
    typed=${line##*[[:space:]]}
    # Bash takes a colon and an equals sign for the end of a word, and replaces only what follows.
    local lead=${typed%"${typed##*[:=]}"}
    COMPREPLY=()
    while IFS= read -r word; do
      [ -n "$word" ] && COMPREPLY+=("${word#"$lead"}")
    done < <("$root/node_modules/.bin/node" "$root/commands/completion/candidates.ts" "$line" 2>/dev/null)
  elif [ -n "$_doks_systems_previous" ]; then
    "$_doks_systems_previous" "$@"
  else
    local IFS=$'\n'
    # shellcheck disable=SC2207 # as npm's own script has it: one candidate a line
    COMPREPLY=($(COMP_CWORD=$COMP_CWORD COMP_LINE=$COMP_LINE COMP_POINT=$COMP_POINT \
      npm completion -- "${COMP_WORDS[@]}" 2>/dev/null))
  fi
}
complete -o default -F _doks_systems npm
