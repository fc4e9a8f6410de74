#!/bin/sh
# Links groups, tries again what failed for a passing reason, and takes everything back. It reads nothing but exit codes and
# --json, so that it goes on working when texts change or are translated. A test runs it on the simulated gateway:
#   synod simulate --world my-world.toml      in one shell (it prints a configuration), this script in another.
# link-retry-undo.sh COMMUNITY GROUP…
set -u
to=$1; shift
synod link "$@" --to "$to" --yes --json >run.jsonl                                              # 0 all verified, 3 some, 4 none
code=$?
operation=$(sed -n 's/.*"event":"operation_ended".*"operation":\([0-9]*\).*/\1/p' run.jsonl)
echo "linked: code $code, operation ${operation:-none}, $(grep -c '"outcome":"verified"' run.jsonl) verified"
[ "$code" = 0 ] || [ "$code" = 3 ] || [ "$code" = 4 ] || exit "$code"                            # 1, 2, 5: see standard error
grep '"event":"item_finished"' run.jsonl | grep -v '"verified"' | sed 's/.*"group":"\([^"]*\)".*"outcome":"\([^"]*\)".*/\1 \2/'
[ "$code" = 0 ] || synod operations retry "$operation" --yes --json >retry.jsonl || exit $?      # 0: everything is so now
synod list groups --community "$to" --json >after.jsonl
[ ! -s retry.jsonl ] || synod operations undo "$(sed -n 's/.*"event":"operation_started".*"operation":\([0-9]*\).*/\1/p' retry.jsonl)" --yes --json >undo.jsonl || exit $?
synod operations undo "$operation" --yes --json >>undo.jsonl || exit $?
echo "undone: $(grep -c '"outcome":"verified"' undo.jsonl) verified"
