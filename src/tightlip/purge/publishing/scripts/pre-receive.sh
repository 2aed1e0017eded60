#!/bin/sh
# Refuses a push that brings back the history from before a purge. For the repository on the server:
# hooks/pre-receive there, executable (GitLab: a file in custom_hooks/pre-receive.d; other hosts have places of their own).
# It needs git 2.30 or newer. It holds ids of commits, and no secret. Without such a push it costs one call of git.

set -u
export LC_ALL=C GIT_NO_REPLACE_OBJECTS=1

banned() {
    cat <<'END_OF_BANNED'
@BANNED@
END_OF_BANNED
}

# Print which of the banned objects are here or come with this push.
present() {
    banned | grep . | {
        git cat-file --batch-check='%(objectname) %(objecttype)' || say "git failed"
    } | awk '$2 != "missing"'
}

# Print a banned object that this one is or reaches. What is older than they are is not looked at.
reached() {
    {
        say "$known" | cut -d ' ' -f 1
        say ""
        say "$1"
        { say "$1"; say "$known" | sed -n 's/^\([0-9a-f]*\) commit$/^\1^@/p'; } | git rev-list --stdin || say failed
    } | awk '
        $0 == "" { after = 1; next }
        !after { banned[$0]; next }
        $0 == "failed" || ($0 in banned && !found) { print; found = 1 }'
}

say() {
    printf '%s\n' "$*"
}

known=$(present)
case $known in *failed*) exit 1 ;; esac
code=0
while read -r _ new name; do
    if [ -n "$known" ] && [ -n "$(say "$new" | tr -d 0)" ]; then
        which=$(reached "$new" | head -n 1)
        if [ -n "$which" ]; then
            say "refused: $name brings back the history from before a purge (it reaches $which)." >&2
            code=1
        fi
    fi
done
if [ $code != 0 ]; then
    say "Run purge-check.sh clean in your clone, which brings it over to the new history, and push again." >&2
fi
exit $code
