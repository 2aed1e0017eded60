#!/bin/sh
# Says whether a clone still holds the history from before a purge, and brings the clone over to the new one.
#
#   sh purge-check.sh check              exits with 1 if it does, and says what holds it
#   sh purge-check.sh clean [--yes]      fetches, moves branches and tags, and replays work of your own
#
# Run it in the clone. It needs git 2.30 or newer. It holds ids of commits, and no secret.
# `clean` drops no work: what it cannot bring over it leaves as it is, and says so.
#   --yes       also removes what only reflogs still hold of the old history, and runs git gc
#   --drop      with --yes: also commits of your own that only reflogs hold; without it, they are listed and kept
#   --map FILE  the file commit-map-all, where that is too long to be in here and is not beside this script
# Exit code: 0 nothing of the old history is here, 1 something is, 2 wrong use, or git cannot be used.

set -u
export LC_ALL=C GIT_NO_REPLACE_OBJECTS=1

banned() {
    cat <<'END_OF_BANNED'
@BANNED@
END_OF_BANNED
}

ids() {
    cat <<'END_OF_MAP'
@MAP@
END_OF_MAP
}

say() {
    printf '%s\n' "$*"
}

# Print a word as a shell takes it back.
quoted() {
    printf '%s' "$1" | sed "s/'/'\\\\''/g; s/^/'/; s/\$/'/"
}

fail() {
    printf 'purge-check: %s\n' "$*" >&2
    exit 2
}

# In a partial clone, to ask for an object would fetch it.
offline() {
    GIT_NO_LAZY_FETCH=1 GIT_ALLOW_PROTOCOL=none git "$@" </dev/null
}

offline_with_input() {
    GIT_NO_LAZY_FETCH=1 GIT_ALLOW_PROTOCOL=none git "$@"
}

quietly() {
    git -c core.hooksPath=/dev/null -c core.logAllRefUpdates=true -c gc.auto=0 -c advice.detachedHead=false "$@" \
        </dev/null
}

use() {
    sed -n '2,/^$/s/^# \{0,1\}//p' "$0"
    exit "$1"
}

start() {
    top=$(git rev-parse --git-common-dir 2>/dev/null) || fail "there is no repository here; run it in the clone"
    top=$(cd "$top" && pwd -P) || exit 2
    umask 077
    tmp=${TMPDIR:-/tmp}/purge-check.$$
    tree=$top/tightlip-purge-check folder=$top/tightlip/purge
    mkdir "$tmp" || exit 2
    trap finish EXIT
    trap 'exit 130' HUP INT TERM
}

finish() {
    drop_tree
    rm -rf "$tmp"
}

drop_tree() {
    [ ! -e "$tree" ] || quietly worktree remove --force --force "$tree" 2>/dev/null || rm -rf "$tree"
    [ ! -d "$top/worktrees/tightlip-purge-check" ] || quietly worktree prune
}

# Write lists: $tmp/map, ids old and new; $tmp/present, what of the old history was rewritten first and is here;
# $tmp/old, all of the old history that is here, and what stands on it; $tmp/refs, the refs that hold it.
look() {
    if [ -n "$map" ]; then cat -- "$map"; else ids; fi | grep -E '^[0-9a-f]{40,64} [0-9a-f]{40,64}$' >"$tmp/map"
    { banned; shallow; } | grep . | sort -u | offline_with_input cat-file --batch-check='%(objectname) %(objecttype)' \
        | awk '$2 != "missing"' >"$tmp/present"
    sed -n 's/^\([0-9a-f]*\) commit$/^\1/p' "$tmp/present" >"$tmp/first"
    : >"$tmp/above"
    if [ -s "$tmp/first" ]; then
        offline_with_input rev-list --ancestry-path --all --reflog --stdin <"$tmp/first" >"$tmp/above" 2>"$tmp/said" \
            || fail "git rev-list failed: $(tail -n 1 "$tmp/said")"
    fi
    cut -d ' ' -f 1 "$tmp/present" | sort -u - "$tmp/above" >"$tmp/old"
    offline for-each-ref --format='%(if)%(symref)%(then)%(else)%(refname) %(objectname) %(*objectname)%(end)' \
        | in_old 2 | cut -d ' ' -f 1 >"$tmp/refs"
}

# The older part of a shallow clone is not there: any commit of the old history may be its first one.
shallow() {
    if [ "$(git rev-parse --is-shallow-repository)" = true ]; then cut -d ' ' -f 1 "$tmp/map"; fi
}

# Print the lines that have an id of the old history in a field from this one on.
in_old() {
    awk -v list="$tmp/old" -v first="$1" '
        BEGIN { while ((getline id < list) > 0) old[id] }
        { for (field = first; field <= NF; field++) if ($field in old) { print; next } }'
}

# Print reflog entries that hold the old history, as `refs/heads/main@{2} ID`.
logged() {
    offline -c log.showSignature=false log --walk-reflogs --all --format='%gD %H' 2>/dev/null | grep '^refs/' | in_old 2
    trees | while IFS= read -r path; do log_of "$path" HEAD; done
}

log_of() {
    offline -C "$1" -c log.showSignature=false log --walk-reflogs --format='%gD %H' "$2" -- 2>/dev/null | in_old 2
}

# Print the paths of all working trees, or of a bare repository.
trees() {
    git worktree list --porcelain | sed -n 's/^worktree //p' | while IFS= read -r path; do
        if [ -d "$path" ]; then say "$path"; fi
    done
}

# Print the working trees whose HEAD is detached and in the old history: ID PATH.
detached() {
    git worktree list --porcelain | awk '
        /^worktree / { path = substr($0, 10) }
        /^HEAD / { id = $2 }
        /^detached$/ { print id " " path }' | while read -r id path; do
        say "$id" | in_old 1 | while read -r id; do say "$id $path"; done
    done
}

check() {
    look
    if [ ! -s "$tmp/present" ]; then
        say "This clone holds nothing of the history from before the purge."
        return 0
    fi
    say "This clone still holds the history from before the purge:"
    sed -e 's|^refs/heads/|  branch     |' -e 's|^refs/tags/|  tag        |' -e 's|^refs/remotes/|  remote     |' \
        -e '/^refs\/stash$/d' -e 's|^refs/|  ref        refs/|' "$tmp/refs"
    detached | sed 's/^\([0-9a-f]*\) \(.*\)$/  HEAD       of \2, at \1/'
    logged >"$tmp/logged"
    sed -n 's|^refs/\(stash@{[0-9]*}\) .*|  stash      \1|p' "$tmp/logged"
    sed -e '/^refs\/stash@/d' -e 's/@{.*//' "$tmp/logged" | sort | uniq -c \
        | awk '{ print "  reflog     " $2 " (" $1 ($1 == 1 ? " entry)" : " entries)") }'
    say "  commits    $(wc -l <"$tmp/old" | tr -d ' '), the first of them $(head -n 1 "$tmp/present" | cut -d ' ' -f 1)"
    return 1
}

# Print the new id of an object of the old history, if it is here.
new_of() {
    awk -v id="$1" '$1 == id { print $2; exit }' "$tmp/usable"
}

usable() {
    cut -d ' ' -f 2 "$tmp/map" | sort -u | offline_with_input cat-file --batch-check='%(objectname)' \
        | awk '$2 != "missing"' >"$tmp/there"
    awk -v list="$tmp/there" 'BEGIN { while ((getline id < list) > 0) there[id] } $2 in there' "$tmp/map" >"$tmp/usable"
}

under_way() {
    for folder in "$top" "$top"/worktrees/*; do
        for name in rebase-merge rebase-apply sequencer MERGE_HEAD CHERRY_PICK_HEAD REVERT_HEAD BISECT_LOG; do
            if [ -e "$folder/$name" ]; then
                fail "something is under way here ($folder/$name); finish or abort it, and run this again"
            fi
        done
    done
}

# Fetch from each remote; what is not a branch goes to refs/tightlip-purge/ for a while, so that nothing is overwritten.
fetch() {
    git remote >"$tmp/sources"
    while IFS= read -r remote <&3; do
        if git config --get-all "remote.$remote.fetch" | grep -v '^^' | grep -qv ':refs/remotes/'; then
            say "$remote: this clone mirrors it, so it is not fetched here; make the mirror anew"
            continue
        fi
        fetch_from "$remote" || say "$remote: it could not be fetched, so what it has now is not known"
    done 3<"$tmp/sources"
}

fetch_from() {
    git fetch --quiet --prune --no-prune-tags --no-tags -- "$1" </dev/null || return
    git fetch --quiet --no-prune --no-tags -- "$1" "+refs/tags/*:refs/tightlip-purge/$1/tags/*" \
        "+refs/notes/*:refs/tightlip-purge/$1/notes/*" </dev/null
}

forget_fetched() {
    git for-each-ref --format='delete %(refname)' refs/tightlip-purge/ | git update-ref --no-deref --stdin
}

# Move a branch, and the working tree that has it checked out.
put() {
    path=$(git worktree list --porcelain | awk -v ref="$1" '
        /^worktree / { path = substr($0, 10) } $1 == "branch" && $2 == ref { print path; exit }')
    if [ -z "$path" ]; then
        quietly update-ref -m "purge-check: to the new history" "$1" "$3" "$2"
    elif [ ! -d "$path" ]; then
        left "$1: it is checked out in $path, which is gone; run git worktree prune, and this again"
    elif [ -n "$(git -C "$path" status --porcelain --untracked-files=no)" ]; then
        left "$1: files are changed in $path; commit or stash the changes, and run this again"
    else
        quietly -C "$path" reset --quiet --keep "$3" || left "$1: its files in $path could not be changed"
    fi
}

left() {
    say "  left       $*"
    return 1
}

move_branch() {
    tip=$(git rev-parse --verify --quiet "$1") || return 1
    new=$(new_of "$tip")
    if [ -n "$new" ]; then
        put "$1" "$tip" "$new" && say "  moved      $1 to $new"
        return
    fi
    { say "$tip"; sed 's/$/^@/' "$tmp/first"; } | offline_with_input rev-list --topo-order --parents --stdin >"$tmp/own"
    bases=$(awk -v list="$tmp/usable" '
        BEGIN { while ((getline line < list) > 0) { split(line, ids, " "); new[ids[1]] } }
        NR == 1 { reached[$1] }
        !($1 in reached) { next }
        $1 in new { print $1; next }
        { for (field = 2; field <= NF; field++) reached[$field] }' "$tmp/own")
    if [ -z "$bases" ]; then
        left "$1: the new history is not here; has it been published, and could it be fetched?"
        return
    fi
    # shellcheck disable=SC2086 # ids
    base=$(git merge-base --independent $bases)
    if [ "$(say "$base" | grep -c .)" != 1 ]; then
        left "$1: it stands on several commits of the old history; rebase it by hand"
        return
    fi
    replay "$1" "$tip" "$base" "$(new_of "$base")"
}

# Rebase work of one's own, in a working tree apart.
replay() {
    by_hand="git rebase --onto $4 $3 $(quoted "${1#refs/heads/}")"
    merges=$(git rev-list --count --merges "$3..$2")
    if [ "$merges" != 0 ] && [ "$(git rev-list --count "$3..$2")" != "$(unpublished "$2" "$3")" ]; then
        left "$1: it has merged other published work; by hand: $by_hand"
        return
    fi
    drop_tree
    if ! quietly worktree add --quiet --detach "$tree" "$4" >"$tmp/said" 2>&1 || ! rebase "$@" >"$tmp/said" 2>&1; then
        sed 's/^/             /' "$tmp/said" | head -n 5
        drop_tree
        left "$1: your commits do not apply as they are; by hand: $by_hand"
        return
    fi
    made=$(git -C "$tree" rev-parse HEAD)
    drop_tree
    if ! is_whole "$1" "$2" "$3" "$4" "$made"; then
        left "$1: not all of it could be brought over; by hand: $by_hand"
        return
    fi
    put "$1" "$2" "$made" || return
    git rev-list "$3..$2" >>"$folder/brought-over"
    say "  rebased    $1: $(count "$4..$made") of your own, now at $made"
}

count() {
    number=$(git rev-list --count "$1")
    if [ "$number" = 1 ]; then say "1 commit"; else say "$number commits"; fi
}

rebase() {
    GIT_EDITOR=: quietly -C "$tree" -c rebase.autoStash=false -c rebase.autoSquash=false -c rebase.updateRefs=false \
        -c rebase.rebaseMerges=false -c rebase.backend=merge \
        rebase --quiet --empty=keep --reapply-cherry-picks --onto "$4" "$3" "$2"
}

# Count the commits beyond a base that no remote has on its new history.
unpublished() {
    git for-each-ref --format='%(if)%(symref)%(then)%(else)^%(refname)%(end)' refs/remotes/ >"$tmp/remotes"
    sed 's/^/^/' "$tmp/refs" >"$tmp/holding"
    { say "$1"; say "^$2"; grep -vxF -f "$tmp/holding" "$tmp/remotes" | grep .; } | git rev-list --count --stdin
}

# Whether every commit is there again, on the new history alone, and where there were merges, the same change in all.
is_whole() {
    [ "$(git rev-list --count --no-merges "$3..$2")" = "$(git rev-list --count "$4..$5")" ] || return 1
    git merge-base --is-ancestor "$4" "$5" || return 1
    [ -z "$({ say "$5"; sed 's/$/^@/' "$tmp/first"; } | git rev-list --stdin | in_old 1)" ] || return 1
    [ "$merges" = 0 ] || [ "$(change "$3" "$2")" = "$(change "$4" "$5")" ]
}

change() {
    git -c diff.noprefix=false diff --no-ext-diff --no-textconv --no-color --no-renames --unified=0 --full-index \
        --binary "$1" "$2" | git patch-id --stable | cut -d ' ' -f 1
}

move_other() {
    old=$(git rev-parse --verify --quiet "$1")
    new=$(new_of "$old")
    case $1 in
    refs/remotes/*) left "$1: the remote still has it; whoever may push there has to publish the purge, or delete it" ;;
    *)
        if [ -n "$new" ]; then
            quietly update-ref -m "purge-check: to the new history" "$1" "$new" "$old" && say "  moved      $1 to $new"
        else
            left "$1: what it became is not known here; if you do not need it: git update-ref -d $(quoted "$1")"
        fi
        ;;
    esac
}

stashes() {
    logged | sed -n 's|^refs/\(stash@{[0-9]*}\) .*|\1|p' >"$tmp/stashes"
    [ -s "$tmp/stashes" ] || return 0
    while read -r name; do say "  left       $name: it stands on the old history"; done <"$tmp/stashes"
    say "Stashes stay as they are. To bring one over: git stash apply NAME, then git stash push (the others then count one"
    say "more), then git stash drop its old self. Without a need for it: git stash drop NAME."
}

heads() {
    detached | while read -r id path; do
        new=$(new_of "$id")
        say "  left       HEAD of $path: git -C $(quoted "$path") checkout --detach ${new:-a commit of the new history}"
    done
}

# Print commits of one's own that only reflogs hold: not those that were brought over, nor stashes.
lost() {
    sed -n 's|^refs/stash@{[0-9]*} ||p' "$tmp/logged" >"$tmp/stashed"
    {
        cut -d ' ' -f 1 "$tmp/map"
        banned
        cat "$folder/brought-over" 2>/dev/null
        git rev-list --all --stdin <"$tmp/stashed"
    } | sort -u >"$tmp/known"
    grep -vxF -f "$tmp/known" "$tmp/old"
}

# Remove the entries of the old history from reflogs: not those of the stash, nor where the ref itself still holds it.
expire() {
    sed -e '/^refs\//!d' -e '/^refs\/stash@/d' -e 's/@{.*//' "$tmp/logged" | sort -u | grep -vxF -f "$tmp/refs" \
        | while read -r name; do expire_one "$top" "$name"; done
    trees | while IFS= read -r path; do
        if [ -z "$(git -C "$path" rev-parse HEAD | in_old 1)" ]; then expire_one "$path" HEAD; fi
    done
    quietly gc --quiet --prune=now
}

# Numbers change with what is removed, so the oldest entries come first.
expire_one() {
    log_of "$1" "$2" | sed -n 's/.*@{\([0-9]*\)} .*/\1/p' | sort -rn | while read -r number; do
        quietly -C "$1" reflog delete --rewrite "$2@{$number}"
    done
}

# Keep the list for the hook `tightlip hook pre-push`, which refuses to push the old history, and what helps then.
remember() {
    touch "$folder/banned-objects" || return
    banned | cat "$folder/banned-objects" - | grep . | sort -u >"$tmp/banned"
    cat "$tmp/banned" >"$folder/banned-objects"
    copy "$0" "$folder/purge-check.sh"
    copy "$map" "$folder/commit-map-all"
}

copy() {
    [ ! -f "$1" ] || cmp -s "$1" "$2" || cat "$1" >"$2"
}

clean() {
    under_way
    mkdir -p "$folder" || return 2
    fetch
    look
    if [ -s "$tmp/present" ]; then
        usable
        say "Bringing this clone over to the new history:"
        while read -r ref <&3; do
            case $ref in
            refs/heads/*) move_branch "$ref" ;;
            refs/stash | refs/tightlip-purge/*) ;;
            *) move_other "$ref" ;;
            esac
        done 3<"$tmp/refs"
        heads
        stashes
    fi
    forget_fetched
    remember
    look
    logged >"$tmp/logged"
    if [ -s "$tmp/present" ]; then lost >"$tmp/lost"; else : >"$tmp/lost"; fi
    if [ -s "$tmp/lost" ] && [ "$drop" = 0 ]; then
        say ""
        say "Only reflogs hold these commits of your own. To keep one: git cherry-pick it. To drop them: clean --yes --drop"
        git log --no-walk --no-show-signature --format='  %h %s' --stdin <"$tmp/lost"
    elif [ "$yes" = 1 ] && [ -s "$tmp/present" ]; then
        expire
    fi
    say ""
    check && return 0
    say ""
    if [ "$yes" = 0 ]; then
        say "Reflogs and objects that nothing leads to are removed, for good, by: sh purge-check.sh clean --yes"
        say "(git reflog delete --rewrite, for entries of the old history alone; then git gc --prune=now)"
    fi
    return 1
}

what=${1:-}
[ $# = 0 ] || shift
map='' yes=0 drop=0
while [ $# != 0 ]; do
    case $what$1 in
    clean--yes) yes=1 ;;
    clean--drop) drop=1 ;;
    clean--map)
        [ $# != 1 ] || use 2
        map=$2
        [ -r "$map" ] || fail "$map cannot be read"
        shift
        ;;
    *) use 2 ;;
    esac
    shift
done
beside=$(dirname -- "$0")/commit-map-all
if [ -z "$map" ] && [ -r "$beside" ]; then map=$beside; fi
case $what in
check) start && check ;;
clean) start && clean ;;
-h | --help | help) use 0 ;;
*) use 2 ;;
esac
