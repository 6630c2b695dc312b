# shellcheck shell=bash
# Completion of wmgwd2 for bash; needs nothing but bash. Source it, or install it as
# /usr/share/bash-completion/completions/wmgwd2.
#
# Commands and flags are what the binary on the line prints as its help, and what a flag takes is its placeholder there; so
# this knows what that binary knows.

# _wmgwd2_ask SECONDS COMMAND...: a binary that hangs must not hang the shell.
_wmgwd2_ask() {
  local limit=$1
  shift
  if type -P timeout >/dev/null; then
    timeout "$limit" "$@" 2>/dev/null </dev/null
  else
    "$@" 2>/dev/null </dev/null
  fi
}

# _wmgwd2_help PROGRAM [COMMAND]: a line "command NAME" for each command, "flag --NAME PLACEHOLDER" for each flag, the
# placeholder empty where the flag takes no value.
_wmgwd2_help() {
  local line section=
  while IFS= read -r line; do
    if [[ $line =~ ^([A-Z][a-z]+):$ ]]; then
      section=${BASH_REMATCH[1]}
    elif [[ $section == Commands && $line =~ ^'  '([a-z][a-z0-9-]*)($|' ') ]]; then
      printf 'command %s\n' "${BASH_REMATCH[1]}"
    elif [[ $section == Options && $line =~ ^'  '([^ ]+, )*(--[a-z][a-z0-9-]*)(' <'([^>]*)'>')?($|' ') ]]; then
      printf 'flag %s %s\n' "${BASH_REMATCH[2]}" "${BASH_REMATCH[4]}"
    fi
  done < <(_wmgwd2_ask 2 "$@" --help)
}

# _wmgwd2_vnis PROGRAM FLAG...: the VNIs of the daemon that these flags name; nothing where none answers.
_wmgwd2_vnis() {
  local answer
  answer=$(_wmgwd2_ask 1 "$1" status --json "${@:2}") || return 0
  grep -oE '"vni": ?[0-9]+' <<<"$answer" | grep -oE '[0-9]+'
}

_wmgwd2() {
  local program=${COMP_WORDS[0]/#\~/$HOME} current=${COMP_WORDS[COMP_CWORD]-} flag='' command=run
  local -a given=() where=() candidates=()
  local -A placeholders=()
  local at word kind name placeholder
  COMPREPLY=()
  type -P "$program" >/dev/null || return 0

  # No command means run; and readline makes three words of --flag=value.
  if ((COMP_CWORD > 1)) && [[ ${COMP_WORDS[1]} != -* ]]; then
    command=${COMP_WORDS[1]}
  fi
  if [[ $current == = ]]; then
    flag=${COMP_WORDS[COMP_CWORD - 1]} current=
  elif ((COMP_CWORD > 2)) && [[ ${COMP_WORDS[COMP_CWORD - 1]} == = ]]; then
    flag=${COMP_WORDS[COMP_CWORD - 2]}
  elif ((COMP_CWORD > 1)); then
    flag=${COMP_WORDS[COMP_CWORD - 1]}
  fi
  [[ $flag == -* ]] || flag=
  [[ $flag == -[!-]* ]] && flag=-$flag

  for ((at = 1; at < ${#COMP_WORDS[@]}; at++)); do
    word=${COMP_WORDS[at]}
    if ((at == COMP_CWORD)) || [[ $word != -?* ]]; then
      continue
    fi
    [[ $word == -[!-]* ]] && word=-$word
    given+=("${word%%=*}")
    case $word in
      --config | --control-socket)
        if [[ ${COMP_WORDS[at + 1]-} == = ]]; then ((at++)); fi
        where+=("$word" "${COMP_WORDS[at + 1]-}") ;;
    esac
  done

  while read -r kind name placeholder; do
    case $kind in
      command) candidates+=("$name") ;;
      flag) placeholders[$name]=$placeholder ;;
    esac
  done < <(
    if ((COMP_CWORD == 1)) && [[ $current == -* ]]; then _wmgwd2_help "$program"; fi
    if ((COMP_CWORD == 1)) && [[ $current != -* ]]; then _wmgwd2_help "$program"; else _wmgwd2_help "$program" "$command"; fi
  )

  case $flag in
    --vni) mapfile -t candidates < <(_wmgwd2_vnis "$program" "${where[@]}") ;;
    --bind-interface) mapfile -t candidates < <(cd /sys/class/net 2>/dev/null && compgen -G '*') ;;
    --user) mapfile -t candidates < <(compgen -u) ;;
    # VNIs, of which a plan has any number; or this word.
    --show) candidates=(all) ;;
    --track-interface)
      # A list: what stands before the last comma stays.
      local before=
      [[ $current == *,* ]] && before=${current%,*},
      mapfile -t candidates < <(cd /sys/class/net 2>/dev/null && compgen -G '*')
      candidates=("${candidates[@]/#/$before}") ;;
    *)
      case ${placeholders[${flag:-none}]-} in
        '')
          if ((COMP_CWORD > 1)) || [[ $current == -* ]]; then
            candidates=()
            for name in "${!placeholders[@]}"; do
              [[ " ${given[*]} " == *" $name "* ]] || candidates+=("$name")
            done
          fi ;;
        FILE | PATH)
          compopt -o filenames 2>/dev/null
          mapfile -t COMPREPLY < <(compgen -f -- "$current")
          return 0 ;;
        *)
          # What values there are, where they can be counted; nothing for the others. Asked by the length of a line.
          local line="wmgwd2 $command $flag "
          mapfile -t candidates < <(_wmgwd2_ask 2 "$program" "[suggest:${#line}]" "$line") ;;
      esac ;;
  esac

  # Sorted by readline; an empty candidate is none.
  for word in "${candidates[@]}"; do
    if [[ -n $word && $word == "$current"* ]]; then
      COMPREPLY+=("$word")
    fi
  done
}

complete -F _wmgwd2 wmgwd2
