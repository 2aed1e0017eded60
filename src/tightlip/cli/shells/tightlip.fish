# Completes tightlip in fish. To try it: tightlip completion fish | source
function __tightlip_complete
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    set -q current[1]; or set current ""
    set -l lines ($before[1] completion --word=$before[2..-1] --word=$current 2>/dev/null)
    set -l kind (string split -m 1 : -- $lines[1])
    if test "$kind[1]" = words
        printf '%s\n' $lines[2..-1]
        return
    end
    set -l path (string sub -s (math (string length -- "$kind[2]") + 1) -- $current)
    set -l found (__fish_complete_path "$path")
    test "$kind[1]" = folders; and set found (__fish_complete_directories "$path")
    for one in $found
        printf '%s%s\n' "$kind[2]" $one
    end
end
complete -c tightlip -f -a '(__tightlip_complete)'
