# Completes `npm run <command> -- …` of doks-systems, in its folder and those below; npm completes the rest as ever.
# For every new shell, in ~/.zshrc after compinit: source <(cd <the project> && npm run -s completion -- zsh)

typeset -g _doks_systems_previous=${_comps[npm]:#_doks_systems}

_doks_systems() {
  local root=$PWD
  while [[ -n $root && ! -f $root/commands/completion/candidates.ts ]]; do root=${root%/*}; done
  if [[ -n $root && $words[2] == run(|-script) ]] && ((CURRENT >= 3)); then
    local -a found
    found=("${(@f)$("$root/node_modules/.bin/node" "$root/commands/completion/candidates.ts" "${(j: :)words[1,CURRENT]}" 2>/dev/null)}")
    found=(${found:#})
    if ((${#found})); then compadd -- $found; else _default; fi
  elif [[ -n $_doks_systems_previous ]]; then
    "$_doks_systems_previous" "$@"
  else
    compadd -- ${(f)"$(COMP_CWORD=$((CURRENT - 1)) COMP_LINE=$BUFFER COMP_POINT=0 npm completion -- "${words[@]}" 2>/dev/null)"}
  fi
}
compdef _doks_systems npm
