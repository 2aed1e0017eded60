# Completes tightlip in bash. To try it: source <(tightlip completion bash)
_tightlip() {
    # bash breaks words at `:` and `=`; put together what stands together up to the cursor.
    local rest=${COMP_LINE:0:COMP_POINT} words=() word i
    rest=${rest#*"${COMP_WORDS[0]}"}
    for ((i = 1; i <= COMP_CWORD; i++)); do
        local lead=${rest%%[![:space:]]*}
        rest=${rest#"$lead"}
        word=${COMP_WORDS[i]}
        if ((i == COMP_CWORD)); then word=$rest; fi
        rest=${rest#"$word"}
        if [[ -n $lead || ${#words[@]} -eq 0 ]]; then
            words+=("$word")
        else
            words[${#words[@]} - 1]+=$word
        fi
    done
    local current=${words[${#words[@]} - 1]} kept="" mark
    for mark in : =; do # what readline leaves as it is, for it ends with what breaks words
        if [[ $COMP_WORDBREAKS == *$mark* && $current == *$mark* ]]; then
            word=${current%"${current##*$mark}"}
            if ((${#word} > ${#kept})); then kept=$word; fi
        fi
    done
    local kind="" line
    COMPREPLY=()
    while IFS= read -r line; do
        if [[ -z $kind ]]; then
            kind=$line
        else
            line=${line%%$'\t'*}
            COMPREPLY+=("${line#"$kept"}")
        fi
    done < <("${COMP_WORDS[0]/#\~/$HOME}" completion "${words[@]/#/--word=}" 2>/dev/null)
    case $kind in # bash itself completes paths, from where it breaks the word
    files:"$kept") compopt -o default 2>/dev/null ;;
    folders:"$kept") compopt -o dirnames 2>/dev/null ;;
    esac
}
complete -F _tightlip tightlip
