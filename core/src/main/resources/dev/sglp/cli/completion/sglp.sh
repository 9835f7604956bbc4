# Completes sglp in bash and zsh: source <(./sglp generate-completion)

if [ -n "${ZSH_VERSION:-}" ]; then
    type compdef >/dev/null 2>&1 || { autoload -U +X compinit && compinit; }
    autoload -U +X bashcompinit && bashcompinit
fi

_sglp_commands() { # those of a command, or all
    case "$1" in
@COMMANDS@
    esac
}

_sglp_flags() { # of a command
    case "$1" in
@FLAGS@
    esac
}

# What a flag of a command takes: nothing, @any thing, a @file, or one of these words. Behind : and = comes a file.
_sglp_values() {
    case "$1" in
@VALUES@
    esac
}

_sglp_files() { # that begin so
    local file head=
    case "$1" in "~/"*) head=$HOME ;; esac
    for file in "${head:-}${1#"${head:+"~"}"}"*; do
        [ -e "$file" ] && printf '%s\n' "${head:+"~"}${file#"$head"}"
    done
}

# Replies with files, or with words, that begin so; what bash has cut off as a word of its own is left out.
_sglp_reply() { # KIND HEAD BEGIN [WORDS]: HEAD was typed before
    local found end
    while IFS= read -r found; do
        end=
        if [ -n "${ZSH_VERSION:-}" ]; then # a blank ends a word
            case "$found" in
                *[:=]) ;;
                *) [ "$1" = files ] && [ -d "${found/#"~"/$HOME}" ] && end=/ || end=" " ;;
            esac
        fi
        [ -n "$found" ] && found="$2$found$end" && COMPREPLY+=("${found#"$cut"}")
    done < <(if [ "$1" = files ]; then _sglp_files "$3"; else
        for found in $4; do
            case "$found" in "$3"*) printf '%s\n' "$found" ;; esac
        done
    fi)
    [ "$1" = files ] && compopt -o filenames 2>/dev/null
    return 0
}

_sglp_value() { # HEAD VALUE WORDS
    local head= word
    case "$3" in
        @any) return ;;
        @file) _sglp_reply files "$1" "$2"; return ;;
    esac
    for word in $3; do
        case "$word" in
            *[:=]) case "$2" in "$word"*) head=$word ;; esac ;;
        esac
    done
    if [ -n "$head" ]; then
        _sglp_reply files "$1$head" "${2#"$head"}"
    else
        case "$2" in *,*) head=${2%,*}, ;; esac
        _sglp_reply words "$1$head" "${2#"$head"}" "$3"
        case "$3" in *[:=]*) compopt -o nospace 2>/dev/null ;; esac
    fi
}

_sglp() {
    [ -n "${ZSH_VERSION:-}" ] && emulate -L ksh
    local IFS=$' \t\n' line=${COMP_LINE:0:$COMP_POINT} blank=$'\001' command= breaks= cut= word= i count name flag values
    local words
    line=${line//\\ /$blank}
    if [ -n "${ZSH_VERSION:-}" ]; then read -rA words <<<"$line"; else read -ra words <<<"$line"; fi
    count=${#words[@]}
    case "$line" in
        *[[:space:]]) [ -z "${words[count - 1]}" ] && count=$((count - 1)) ;;
        *) count=$((count - 1)) && word=${words[count]//$blank/ } ;;
    esac
    for ((i = 1; i < count; i++)); do
        for name in $(_sglp_commands "$command"); do
            [ "${words[i]}" = "$name" ] && command="${command:+$command }$name" && break
        done
    done
    case "${COMP_WORDBREAKS:-}" in *:*) breaks=: ;; esac
    case "${COMP_WORDBREAKS:-}" in *=*) breaks="$breaks=" ;; esac
    [ -n "$breaks" ] && cut=${word%"${word##*[$breaks]}"}
    COMPREPLY=()
    case "$word" in
        --*=*)
            _sglp_value "${word%%=*}=" "${word#*=}" "$(_sglp_values "$command ${word%%=*}")"
            return ;;
    esac
    flag=${words[count - 1]}
    values=$(_sglp_values "$command $flag")
    if [ -n "$values" ]; then
        _sglp_value "" "$word" "$values"
    elif [ "${word:0:1}" = - ]; then
        _sglp_reply words "" "$word" "$(_sglp_flags "$command")"
    elif [ -n "$(_sglp_commands "$command")" ]; then
        _sglp_reply words "" "$word" "$(_sglp_commands "$command")"
    else
        _sglp_reply files "" "$word"
    fi
}

if [ -n "${ZSH_VERSION:-}" ]; then complete -o nospace -F _sglp sglp; else complete -F _sglp sglp; fi
