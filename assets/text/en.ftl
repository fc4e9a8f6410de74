# The English texts of the program. The code asks for a message by its key; translations keep the keys.

# A group or community whose name shows nothing visible; $tail is the end of its ID.
name-none = (no name) …{ $tail }

# Spans of time, at most two units of them.
span-milliseconds = { $count } ms
span-seconds = { $count } s
span-minutes = { $count } min
span-minutes-seconds = { $minutes } min { $seconds } s
span-hours = { $count } h
span-hours-minutes = { $hours } h { $minutes } min
span-days = { $count } d
span-days-hours = { $days } d { $hours } h

# How old something is; $span is a span of time.
age-now = just now
age = { $span } ago

# The outcome of a group, in one word.
outcome-verified = verified
outcome-already-so = already done
outcome-contradicted = contradicted
outcome-refused = refused
outcome-unknown = unknown
outcome-not-sent = not sent
outcome-blocked = blocked

# How many groups have this outcome.
counted-verified = { $count } verified
counted-already-so = { $count } already done
counted-contradicted = { $count } contradicted
counted-refused = { $count } refused
counted-unknown = { $count } unknown
counted-not-sent = { $count } not sent
counted-blocked = { $count } blocked

# The state of a group, in one word.
state-queued = queued
state-sending = sending
state-accepted = accepted
state-denied = denied
state-silent = no answer
state-checking = checking

# The reason why a group is waiting.
remark-again = will be sent again
remark-next-step = waiting for its second step
remark-sending = waiting for the gateway
remark-sending-for = waiting for the gateway for { $span }
remark-look-due = waiting to be checked
remark-checking = reading the community's list

# Why a group has its outcome.
item-may-await-approval = not in the community's list; may need a community admin's approval
item-no-listing = the group list could not be read afterwards: { $why }
item-answers-differ = the gateway's answers contradict each other
item-cannot-be-shown = accepted, but this gateway's lists cannot confirm it
item-in-neither = in neither the community nor the list of groups: no conclusion possible
item-left-standing = unlinked, but not linked: no answer shows it in a community
item-moved-elsewhere = unlinked; someone else has moved it to { $community }
item-stopped = you stopped the operation before its turn
item-halted = stopped before its turn: { $why }
item-interrupted = Synod was closed before its turn
guess-community-full = our guess: the community is full (no reason given)
guess-elsewhere-or-not-admin = our guess: in another community, or this number is not its admin (no reason given)
guess-not-admin-of-community = our guess: not an admin of the community (no reason given)
guess-last-subgroup = our guess: a community cannot lose its last group (no reason given)

# Why a row of a plan is in its part of the plan.
reason-announcements-group = the announcement group stays with its community
reason-is-community = this is a community, not a group: it can only be left as a whole
reason-no-call-to-leave-community = this gateway cannot leave a community; leave its groups instead
reason-no-call-to-link = this gateway has no call to link groups
reason-no-call-to-unlink = this gateway has no call to unlink groups
reason-in-other-community = in { $community }: move it instead
reason-moved-elsewhere = moved to { $community } by someone else
reason-listed-twice = the gateway lists it in { $community } too: refresh, then plan again
reason-over-limit = over the limit
reason-over-limit-swap = over the limit; [{ $key }] swaps it in
reason-last-subgroup = a community must keep at least one group
reason-last-subgroup-swap = a community must keep at least one group; [{ $key }] swaps it
reason-last-subgroup-may-be-refused = the last group: the gateway may refuse
reason-not-admin = this number is not an admin of this group
reason-not-admin-of-community = this number is not an admin of the community; its admins may get a suggestion instead
reason-only-admin = this number is its only admin
reason-in-neither = in neither the community nor the list of groups
reason-in-operation = already in operation #{ $operation }
reason-already-in = already in the community
reason-not-in = no longer in the community
reason-in-no-community = in no known community
reason-not-member = this number is not in it
reason-not-checked = not checked: it may be a community, and leaving one leaves all its groups
reason-probe-failed = Synod could not find out whether this is a community: { $why }
reason-kind-unknown = no answer says whether it is an announcement group
reason-may-be-community = the gateway does not say whether it is a community, and leaving one leaves all its groups
reason-may-be-others = the gateway had refused it: somebody else may have done it
reason-no-such-group = the gateway does not know this group
reason-place-unknown = no answer says which community it is in
reason-probe-unreliable = the gateway says it is not a community, but there is no known community to check that answer
reason-details-failed = the group's details could not be read: { $why }
reason-source-unread = its community's group list could not be read: { $why }
reason-target-unread = the target community's group list could not be read: { $why }
reason-already-member = this number is already in it
reason-no-invite-link = no invite link was kept
reason-not-ticked = you did not tick it: { $why }
reason-left-out = you left it out
plan-remark-no-way-back = no invite link: there is no way back
plan-roles-unknown = { $count ->
    [one] Role unknown in { $count } group: without admin rights the change is refused.
   *[other] Roles unknown in { $count } groups: without admin rights the change is refused.
}
plan-remark-leaves-subgroups = { $count ->
    [0] its groups are left too
    [one] { $count } of its groups is left too
   *[other] { $count } of its groups are left too
}

# The parts of a plan.
head-will-do = To do
head-risky = Risky, sent only when ticked
head-blocked = Blocked, never sent
head-already-so = Already done, nothing to send
head-left-out = Left out by you

# Reasons why a plan cannot run.
obstacle-read-only = Synod was started with --read-only and sends nothing. Start it without that option to run this plan.
obstacle-no-target = No community is chosen to link to. Go back and choose one in the left pane.
obstacle-gateway = Nothing can run now: { $why }
obstacle-target-unread = The community's group list could not be read, so no result could be verified: { $why }

# The change, and the number of groups.
task-link = { $count ->
    [one] link { $count } group
   *[other] link { $count } groups
}
task-link-to = { $count ->
    [one] link { $count } group to { $community }
   *[other] link { $count } groups to { $community }
}
task-unlink = { $count ->
    [one] unlink { $count } group
   *[other] unlink { $count } groups
}
task-move = { $count ->
    [one] move { $count } group
   *[other] move { $count } groups
}
task-move-to = { $count ->
    [one] move { $count } group to { $community }
   *[other] move { $count } groups to { $community }
}
task-leave = { $count ->
    [one] leave { $count } group
   *[other] leave { $count } groups
}
task-rejoin = { $count ->
    [one] rejoin { $count } group
   *[other] rejoin { $count } groups
}
task-leave-community = leave the community { $community }

# Failures: what happened, then what to do about it.
failure-words = { $kind } (“{ $words }”)
failure-advice = { $failure }. { $advice }
failure-token-refused = the gateway does not accept the token
failure-unknown-instance = the gateway does not know this instance
failure-no-instance = the gateway has several instances, and the entry names none
failure-not-connected = the instance is not connected to WhatsApp
failure-banned = WhatsApp has banned this number
failure-forbidden = this number has no permission for that
failure-not-found = unknown group, or this number is not in it
failure-not-member = this number is not in the group
failure-rate-limited = the gateway's request limit is reached
failure-throttled = WhatsApp is rate-limiting this number
failure-refused = the gateway refused
failure-not-a-community = the gateway says that this is not a community
failure-community-full = WhatsApp accepts no more groups in this community
failure-limit-reached = this community has reached a WhatsApp limit
failure-gateway-error = the gateway reports an internal fault
failure-server-fault = the server failed
failure-timed-out = no answer arrived in time
failure-dropped = the connection broke
failure-unreachable = the gateway cannot be reached
failure-unreachable-proxy = the gateway cannot be reached through the proxy { $proxy }
failure-tls = the gateway's certificate was not accepted
failure-tls-proxy = the certificate that came through the proxy { $proxy } was not accepted
failure-proxy-auth = a proxy asks for a user name and a password (407)
failure-too-long = the answer is too long, so Synod stopped reading it
failure-not-json = the answer is not JSON, probably a proxy's page
failure-not-json-status = a proxy or protection page answered with { $status }
failure-empty-answer = the answer is empty
failure-unmentioned = the gateway said nothing about this group
failure-malformed = the answer is not in the gateway's documented format
failure-redirected = the gateway answered with a redirect, which Synod never follows
failure-no-listing = the answer is not the community's group list: its announcement group is missing
failure-unsupported = this gateway does not support it
failure-wrong-request = the gateway rejected the request as malformed
failure-not-read = it was not read
failure-read-only = Synod was started with --read-only
advice-token = Put the right token where the configuration takes it from, then run Synod again.
advice-token-here = To correct it, press [{ $instances }], then [{ $edit }].
advice-instance = Check the instance's name in the configuration; it is case-sensitive.
advice-no-instance = Add the line `instance` to the entry in the configuration.
advice-instance-here = Check the instance's name, which is case-sensitive. To correct it, press [{ $instances }], then [{ $edit }].
advice-no-instance-here = To name the instance, press [{ $instances }], then [{ $edit }].
advice-connect = Connect it in the gateway's panel, then try again.
advice-banned = Stop bulk work with this number and open WhatsApp on its phone to see why.
advice-rights = Check in WhatsApp that this number is in the group and is an admin.
advice-wait = A running operation continues by itself; otherwise wait a minute and try again.
advice-again = Try again; if it keeps failing, check the gateway's status.
advice-network = Check the network and base_url in the configuration, then try again.
advice-tls = Check base_url and this machine's clock and CA certificates; ca_file can name a certificate of your own.
advice-proxy-auth = Set them with `proxy` in the configuration or with HTTPS_PROXY, as http://user:password@host:port.
advice-proxy = Check `proxy` in the configuration or HTTPS_PROXY, and whether the proxy lets you reach the gateway.
advice-too-long = Check base_url and the server behind it; if it is the gateway, report the problem.
advice-base-url = Check base_url in the configuration and any proxy in between, then try again.
advice-contract = The gateway may have changed: look for a newer version of Synod, or report the problem.
advice-unsupported = Nothing can be done about that from here.
advice-not-read = Make the plan again.
advice-read-only = Start Synod without --read-only.

# Whether the instance is connected.
connection-asking = asking the gateway
connection-connected = connected
connection-connecting = connecting
connection-banned = banned by WhatsApp
connection-not-connected = not connected
connection-not-connected-word = not connected ({ $word })

# The line at the top.
header-reading = reading
header-reading-of = reading { $done }/{ $total }
header-probing = searching for communities { $done }/{ $total }, { $span } left
header-probing-short = asked { $done }/{ $total }, { $span } left
header-probing-paused-short = paused { $done }/{ $total }
header-probing-paused = search paused at { $done }/{ $total }
header-budget = quota { $left }/{ $limit }
header-budget-resets = quota { $left }/{ $limit }, resets in { $span }
header-read-only = read-only
header-insecure = plain http
header-needs-you = { $count ->
    [one] { $count } needs you
   *[other] { $count } need you
}
header-running = { $count } running
header-connected = { $count } of { $all } connected
header-all = all { $count } numbers  
header-broken = { $count } broken
header-help = help

# A screen that is too small for anything else.
too-small = too small: { $columns }×{ $rows } at least

# The panes.
pane-communities = Communities
pane-subgroups = Subgroups
pane-standalone = Standalone groups
pane-in-no-known-community = In no known community
pane-all-groups = All groups
pane-marked = Marked groups
sorted-by-size = by size
sorted-by-role = admin first
sorted-by-capacity = by room
pane-operation = Operations
pane-count-of = { $shown } of { $all }
pane-capacity = { $size } of { $limit }
pane-capacity-at-least = { $size }+ of { $limit }
# Groups may be missing from the list.
pane-incomplete = incomplete
pane-zoomed = { $key } all panes
pane-unknown = { $count } not known
# The age of a list from an earlier run, until it is read again.
pane-read = read { $age }
announcements-group = Announcements
communities-reading = Reading the communities …
communities-failed = Nothing can be done now: { $why }
communities-failed-again = Nothing can be done now: { $why } Press [{ $refresh }] to read again.
communities-not-connected = { $why } Or press [{ $instances }] to connect it from here, or [{ $refresh }] to read again.
communities-none = This number is in no community. Press [{ $refresh }] to read again.
communities-unknown = No community is known yet. This gateway cannot list them: name them in the configuration (communities = ["…@g.us"]), or press [{ $key }] to search for them.
subgroups-reading = Reading the subgroups …
subgroups-none = This community has no groups.
subgroups-failed = The community's group list could not be read: { $why }
groups-reading = Reading the list of groups …
groups-unread = The list of groups has not been read yet.
groups-none = No groups here.
groups-hidden = Nothing matches. [{ $back }] shows everything again.
# The terms of a filter: is:full, in:"name", members:>500.
filter-term-name = name
filter-unfinished = Search terms: { $terms }. They apply together with each other and with the words.
filter-no-term = “{ $given }” is no search term here, so nothing matches. The terms are { $terms }. To search for the text itself, type ' before it.
groups-failed = The list of groups could not be read: { $why }

# The operation below.
operation-unread = Its groups are read from the journal when this pane has the focus.
operation-open = { $count } to go
operation-waiting = { $count ->
    [one] { $count } more operation waiting
   *[other] { $count } more operations waiting
}
phase-waiting = waiting for its turn
phase-left = about { $span } left
phase-paused-for = { $why }, continues in { $span }
phase-paused-by-you = paused by you, [{ $key }] resumes
phase-stopping = stopping: nothing more is sent
operation-done = #{ $operation } done
operation-stopped = #{ $operation } stopped
ending-why = why
ending-retry = retry { $count }
ending-dismiss = close
operation-outlives = goes on if the line drops
operation-ends-with-terminal = stops if the window closes
pause-operator = paused by you
pause-budget = request quota used up
pause-throttled = WhatsApp rate limit
pause-in-flight = another Synod's last request may still be running
stop-operator = stopped by you
stop-failure = stopped: { $why }
stop-alike = stopped: the rest would be refused for the same reason ({ $why })
stop-community-full = stopped: the community is full
stop-time-out = stopped: the time limit has passed
stop-journal = stopped: the journal cannot be written
stop-interrupted = interrupted: Synod was closed during the operation

# The line at the bottom.
footer-marked = { $count } marked
footer-marked-hidden = { $count } marked, { $hidden } hidden by the filter
footer-only-marked = {"  "}only marked shown
hint-stop = stop
hint-pause = pause
hint-next-pane = groups
hint-enter = its groups
hint-filter = filter
hint-mark = mark
hint-range = range
hint-link = link
hint-unlink = unlink
hint-move = move
hint-leave = leave
hint-tick = in or out
hint-tick-all = include all
hint-retry = retry
hint-look-again = check again
hint-undo = undo
hint-resume = resume
hint-open = open
hint-details = details
hint-operations = operations
hint-all-instances = all numbers
hint-palette = more
hint-export = export
hint-copy-command = copy as command
hint-write-plan = save to file
hint-save = save
hint-next-form = CSV or JSON
hint-invite-link = invite link
hint-refresh = refresh
hint-read-again = read again
hint-copy = copy
hint-next-outcome = filter by outcome
hint-change-target = other community
hint-other-number = other number
hint-turn-into-moves = move instead
hint-compare = compare
hint-plan-differences = plan
hint-mark-all = mark all
hint-confirm = confirm
hint-skip-checks = skip the rest
hint-confirm-quit = stop and quit
hint-choose = choose
hint-begin = start or continue
hint-add-community = add
hint-forget-community = remove
hint-connect = QR code
hint-connect-by-number = code by number
hint-reconnect = reconnect
hint-add-instance = add
hint-edit-instance = change
hint-remove-instance = remove
hint-confirm-removal = remove it
hint-save-instance = try and save
hint-save-anyway = save anyway
hint-next-field = next field
hint-next-origin = other source
hint-take-text = accept
hint-complete-term = complete
hint-keep-filter = keep
hint-run = run it
hint-help = help
hint-show-all = show all
hint-back = back

footer-journal = Nothing can be sent: { $why }.

notice-theme = Theme: { $name }
notice-nothing-marked = No group is selected here: put the cursor on a group, or mark several with [{ $key }].
no-call-to-link = { $gateway } has no call to link groups.
no-call-to-unlink = { $gateway } has no call to unlink groups.
no-call-to-move = { $gateway } has no calls to move groups.
notice-no-community = No community is known, so there is nothing to act on.
notice-cannot-mark = The announcement group stays with its community and cannot be marked.
notice-mark-groups = Only groups can be marked: [{ $key }] goes to them.
notice-nothing-runs = No operation is running.
notice-still-runs = The operation has not ended yet: stop it first, or wait.
notice-nothing-to-retry = No group of this operation can be retried.
notice-nothing-to-look-for = Every group of this operation has a final result.
notice-looking-again = Checking operation #{ $operation } again: nothing is sent.
notice-looked-again = Checked operation #{ $operation } again: the results are up to date.
notice-nothing-to-undo = No group of this operation can be undone.
notice-nothing-to-resume = Nothing left to continue, and no group to rejoin.
notice-stopping = Stopping after the current request. Press [{ $key }] again to quit Synod.
notice-again-to-quit = Press [{ $key }] again to quit Synod.
notice-copied = Sent to the terminal's clipboard: { $what }
notice-copied-link = The invite link was sent to the terminal's clipboard. Anyone who has it can join the group.
notice-copied-lines = { $count ->
    [one] Sent { $count } line to the terminal's clipboard.
   *[other] Sent { $count } lines to the terminal's clipboard.
}
notice-copied-command = Sent to the terminal's clipboard; if that does not work, copy it from here.
notice-exported = The operation was saved to { $file }.
notice-plan-written = { $count ->
    [one] The plan was saved to { $file }: `synod apply { $file }` runs it. Nothing was sent.
   *[other] The plan was saved to { $count } files, one for each number: { $file }. Nothing was sent.
}
notice-nothing-to-write = Nothing can run now, so there is no plan to save.
notice-only-groups-have-links = Only groups have invite links here: open a group's details.
notice-not-submitted = Not started: { $why }
notice-store-away = The store cannot be reached: nothing is sent. Trying again.
notice-store-back = The store can be reached again.
notice-taken-elsewhere = Nothing more is sent here: { $why }
notice-number-in-use = Nothing is sent until the number is free: { $why }
notice-plan-changed = The community changed meanwhile: check the plan again before confirming.
notice-cannot-tick = Nothing is sent for these rows in any case.
notice-cannot-turn = None of these groups is in another community.
notice-no-number-for = { $count ->
    [one] { $count } group is left out: no number is in both the group and that community.
   *[other] { $count } groups are left out: no number is in both the group and that community.
}
notice-leave-alone = { $count ->
    [one] { $count } group is left out: several of your numbers are in it. Show one of them alone, and leave it there.
   *[other] { $count } groups are left out: several of your numbers are in them. Show one of them alone, and leave them there.
}
notice-target-kept = { $count ->
    [one] { $count } group keeps its community: no number is in both the group and the other one.
   *[other] { $count } groups keep their community: no number is in both the group and the other one.
}
notice-no-other-number = No other number is in these groups and their communities.
notice-several-numbers = Several of your numbers are in this community. Show one of them alone, and leave it there.
notice-one-instance = There is only one instance.
notice-cannot-plan-difference = Nothing here can be planned: no known group matches the entry.
notice-cannot-change-target = These rows are not linked to a community.
notice-nothing-to-send = This plan would send nothing.
notice-too-fast = That key came too fast to be typed, so it was ignored: press it again.
notice-too-fast-confirm = That key came too fast to be typed: press [{ $key }] again.
notice-too-fast-typed = That came too fast: type the last character again.
notice-only-keys-confirm = The mouse confirms nothing: press the key itself.
notice-nothing-to-probe = Nothing to search: all groups have been checked.
notice-probed = { $count ->
    [0] No community was found among the groups.
    [one] { $count } community was found.
   *[other] { $count } communities were found.
}
notice-probe-failed = The search ended early: { $why }
notice-not-configured = This instance is not in the configuration: add the lines shown below, then press [{ $read }] here.
notice-is-configured = This instance is in the configuration already.
notice-broken = This instance is broken: the lines below say why and what to do.
notice-entry-saved = “{ $instance }” is in the configuration.
notice-listed-added = { $count ->
    [one] { $count } instance was added to the configuration.
   *[other] { $count } instances were added to the configuration.
}
notice-some-entries-added = { $count ->
    [one] 1 instance was added, others were not: { $why }
   *[other] { $count } instances were added, others were not: { $why }
}
notice-entry-removed = “{ $instance }” is no longer in the configuration. Its journal stays.
notice-not-reconfigured = The configuration was not changed: { $why }
notice-not-reread = The configuration could not be read: { $why }
notice-reconfigured = { $count ->
    [one] The configuration has { $count } usable instance.
   *[other] The configuration has { $count } usable instances.
}
notice-instance-held = “{ $instance }” has an operation in progress, so it stays as it was. Read the configuration again when the operation has ended.
notice-instance-busy = “{ $instance }” has an operation in progress. Wait until it has ended, or stop it.
notice-no-configuration = The demonstration has no configuration that could be changed.
notice-entry-unnamed = This entry has no valid name: correct it in the configuration.
notice-cannot-connect = This gateway cannot do that; connect the instance in the gateway's panel.
notice-read-only = Synod was started with --read-only and connects nothing. Start it without that option.
notice-now-connected = { $instance } is connected now.
notice-was-connected = { $instance } is already connected; nothing was changed.
notice-cannot-suspend = Cannot suspend while an operation runs: it would freeze half-way.
notice-cannot-detach = The demonstration ends with its simulated gateway, so it cannot go on in the background.
notice-pasted = { $marked ->
    [0] The pasted text matches no group.
    [one] Marked { $marked } pasted group.
   *[other] Marked { $marked } pasted groups.
}
notice-interrupted = Operation #{ $operation } was interrupted: { $counts }. Press [{ $open }] to see it, then [{ $resume }] to continue.
notice-ended = Operation #{ $operation } ended: { $counts }
desktop-ended = { $instance }: operation #{ $operation } ended: { $counts }

# The plan.
plan-title = Plan: { $task }
plan-title-numbers = Plan for { $count } numbers: { $task }
plan-title-for = Plan for { $instance }: { $task }
plan-count-will = { $count } to do
plan-count-risky = { $count } risky
plan-count-blocked = { $count } blocked
plan-count-already = { $count } already done
plan-count-left-out = { $count } left out
plan-capacity = Community size: { $now } of { $limit } now, { $after } after
plan-capacity-at-least = Community size: at least { $now } of { $limit } now, { $after } after
plan-shown = { $shown } of { $all } rows
plan-costs = { $requests ->
    [one] { $requests } request
   *[other] { $requests } requests
}, about { $span }; every result is checked afterwards
plan-insecure = The requests go over the network unencrypted (plain http).
plan-link = Members join the community's announcement group; unlinking undoes that.
plan-unlink = Members leave the community's announcement group; linking undoes that.
plan-move = Each group is unlinked, then linked; in between it is in no community.
plan-leave = Coming back needs an invite link; Synod keeps one where the group has it.
plan-rejoin = Joins by the kept invite links; some groups need an admin's approval.
plan-leave-community = This number leaves all its groups too. It cannot be undone from here.
plan-more = … { $count } more below
plan-nothing = This plan would send nothing. [{ $back }] goes back.
plan-confirm-key = { $count ->
    [one] Press [{ $key }] to run it, [{ $back }] to go back.
   *[other] Press [{ $key }] to run it for { $count } groups, [{ $back }] to go back.
}
plan-confirm-count = { $count ->
    [one] Type { $count } to leave it, [{ $back }] to go back:
   *[other] Type { $count } to leave them, [{ $back }] to go back:
}
plan-confirm-name = Type “{ $expected }” to leave this community, [{ $back }] to go back:
plan-confirm-tail = Type { $expected }, the end of its ID, to leave this community, [{ $back }] to go back:

planning-title = Reading the current state
planning-reading = Reading what the plan needs: { $done } of { $total }
planning-skip = [{ $key }] skips the rest (unchecked groups count as risky), [{ $back }] goes back

# Why a read is waiting; shown in the planning window (62 cells), in the bottom line, and by commands.
wait-throttled = WhatsApp is rate-limiting this number: waiting { $span }
wait-limit = The gateway's request limit is reached: waiting { $span }
target-title = { $count ->
    [one] To which community? 1 group
   *[other] To which community? { $count } groups
}
operations-title = Operations of { $instance }
operations-no-trouble = No operation needs you.
operations-only-trouble = those that need you
operations-title-all = Operations of all instances
operations-none = No operation yet. Mark groups with [{ $key }], then link, unlink, move or leave them.
operations-reading = The journal is still being read.
operations-only = only { $outcome }
operation-state-waiting = waiting
operation-state-running = running
operation-state-paused = paused
operation-state-stopping = stopping
operation-state-ended = done
operation-state-stopped = stopped
quit-title = An operation is running
quit-ask = { $count ->
    [one] { $count } group has no result yet.
   *[other] { $count } groups have no result yet.
} Press [{ $key }] to finish the current request, stop and quit; the rest stays unsent. [{ $back }] goes back.

# Facts about one group or community; the labels are at most 16 cells wide.
fact-id = ID
fact-name = Name
fact-as-given = Exact name
fact-exact = “{ $name }”; control and invisible characters are not shown
fact-members = Members
fact-members-admins = { $members }, { $admins ->
    [0] no admins
    [one] { $admins } admin
   *[other] { $admins } admins
}
fact-of-members = { $count ->
    [one] { $count } member
   *[other] { $count } members
}
fact-role = Role
fact-numbers = Numbers
fact-community = Community
fact-in-no-community = in no community
fact-kind = Kind
fact-known-from = Source
fact-description = Description
fact-way-back = Way back
fact-link-kept = an invite link was kept; this number can rejoin with it
fact-link-closed = an invite link was kept, but it does not open with the `key` of this configuration
fact-link-not-kept = no invite link was kept
fact-invite = Invite link
fact-groups = Groups
fact-capacity = { $size } of { $limit }
fact-capacity-at-least = at least { $size } of { $limit }: only groups that this number is in are listed
fact-listing = Group list
fact-listing-read = read { $age }
fact-listing-never = never read
fact-listing-incomplete = It may be incomplete: many groups that were there before are missing, or it ends at a length where gateways cut lists. A group that is missing here may still be in the community.
fact-details = Details
fact-operation = Operation
fact-outcome = Outcome
fact-change = Change
fact-diagnosis = Probable cause
fact-looked = Checked again
fact-unknown = not known
beside-more = [{ $key }] reads it again and shows its history.
beside-invite-hidden = hidden
beside-no-operation = none since the start
role-member = member
role-admin = admin
role-none = this number is not in it
kind-ordinary = ordinary group
kind-announcements = announcement group, which stays with its community
kind-community = community
known-from-configuration = the configuration
known-from-memory = remembered from earlier runs
known-from-listing = a list from the gateway
known-from-probe = a search for communities
known-from-groups = the list of groups, read { $age }
known-from-community = the group list of { $community }, read { $age }
known-from-journal = only the journal
invite-hidden = hidden: [{ $key }] asks the gateway for it
invite-reading = asking the gateway for it …
invite-none = the gateway gives this number no invite link
invite-failed = the invite link could not be read: { $why }
invite-shown = Anyone who has it can join. [{ $copy }] copies it, [{ $key }] hides it; it is not saved.
details-reading = reading again, { $done } of { $total } …
details-read = up to date; [{ $key }] reads them again
details-failed = the details could not be read: { $why } [{ $key }] reads them again.
history-title = In the journal
history-reading = reading the journal …
history-none = no operation
history-failed = The journal could not be read: { $why }

# Saving to a file, and the command line of an operation.
save-plan-title = Save the plan to a file
save-operation-title = Save operation #{ $operation } to a file
save-label = File:
save-csv = CSV, one line per group. Only you can read the file; existing files are not overwritten.
save-json = JSON, one event per line. Only you can read the file; existing files are not overwritten.
save-plans = Writes { $count } files, one for each number, with its name at the end. `synod apply` runs each of them later if nothing has changed. Existing files are not overwritten.
save-plan = `synod apply` runs it later if nothing has changed. Only you can read the file; existing files are not overwritten.
save-taken = { $file } already exists and was not overwritten: here is another name.
save-failed = The file could not be written: { $why }. Choose another name.
save-writing = writing …
compare-title = Compare { $instance } with a file
compare-file = A state file or a table with the columns group and community: Synod shows which groups are not where it says.
compare-reading = reading …
compare-plan = This is a plan: `synod apply` runs it. Give a state file or a table.
compare-unknown-community = No community matches “{ $given }”. Give the name or ID of one in the left pane.
drift-title = { $count ->
    [0] No difference
    [one] { $count } difference
   *[other] { $count } differences
} between { $instance } and { $file }
drift-none = Every group is where the file says that it belongs.
drift-marked = { $count ->
    [0] Nothing marked.
    [one] { $count } group marked.
   *[other] { $count } groups marked.
}
drift-others = { $count ->
    [one] { $count } group of another instance is not compared.
   *[other] { $count } groups of other instances are not compared.
}
drift-skipped = Other groups stay in { $community }: { $why }.{ $more ->
    [0] {""}
    [one] {" "}The same for one more community.
   *[other] {" "}The same for { $more } more communities.
}
drift-none-here = The file names no group of this instance.
drift-line = line { $line }
faults-title = { $file }: { $count ->
    [one] { $count } fault
   *[other] { $count } faults
}
faults-no-instance = No instance has the name “{ $name }”.
faults-several-instances = Several instances have the name “{ $name }”. Write it as one of them is written.
faults-nothing = Nothing was compared. Correct these lines, then compare again.
command-title = The same as a command

# Pasted lines that could not be marked.
pasted-title = { $marked ->
    [0] No pasted line was marked
   *[other] Marked { $marked } of the pasted lines, { $left } not
}
pasted-unknown = “{ $given }” matches no group
pasted-near = “{ $given }” matches no group; similar names:
pasted-ambiguous = “{ $given }” matches several groups; paste the ID of the right one:
pasted-cannot-mark = “{ $given }” is a community or its announcement group; neither can be marked

# What happened to one group of an operation.
timeline-title = What happened
timeline-confirmed = you confirmed the plan
timeline-sending = { $attempt ->
    [1] sent: { $what }
   *[other] sent again, attempt { $attempt }: { $what }
}
timeline-yes = the gateway accepted it; the group list will show whether it worked
timeline-no = the gateway refused it without a reason
timeline-no-because = the gateway refused it: { $why }
timeline-silence = no usable answer
timeline-silence-because = no usable answer: { $why }
timeline-put-back = the gateway did nothing with it, so it is queued again: { $why }
timeline-shows-wanted = a fresh group list confirms it
timeline-shows-unconfirmed = a group list confirms it; another one has to agree
timeline-shows-unwanted = a fresh group list does not confirm it
timeline-shows-nothing = the group list could not be read
timeline-trying-again = all checks are done and it is still not there: it will be sent again
timeline-step-verified = the first step is verified, the second is waiting for its turn
step-link = link to { $community }
step-unlink = unlink from { $community }
step-leave = leave
step-leave-community = leave the community { $community }
step-join = join by the kept invite link

# The old and the new community, beside an arrow: North Schools → Harbor Clinics; and other changes.
change-none = (no community)
change-join = rejoin

# The probable cause of a failure, and how to fix it; $retry and $resume are keys.
diagnosis-reading = finding the cause, { $done } of { $total } read …
diagnosis-gateway = Nothing can be done now: { $why }
diagnosis-cannot-tell = The cause could not be found: { $why }
diagnosis-as-wanted = It is now as you wanted it: there is nothing more to do.
diagnosis-not-member = This number is no longer in the group. Ask to be added again, then press [{ $retry }] to retry.
diagnosis-no-such-group = The group no longer exists, or this number is not in it: the gateway does not say which. Look in WhatsApp; if the group is gone, there is nothing more to do.
diagnosis-announcements-group = This is an announcement group, which stays with its community: there is nothing to do.
diagnosis-is-community = This is itself a community, and a community cannot be linked to another. Press [{ $find }] in the panes so that Synod learns about it.
diagnosis-no-such-community = The community no longer exists, or this number is not in it. Choose another one, or ask to be added again.
diagnosis-in-other-community = It is in { $community }, and a group can be in only one community at a time. Move it instead.
diagnosis-community-full = The community is full: { $size } of { $limit } groups. Unlink some groups from it, or choose another community.
diagnosis-not-admin = This number is not an admin of the group. Ask a group admin to make it one, then press [{ $retry }] to retry.
diagnosis-not-admin-of-community = This number is not an admin of the community. Ask a community admin to make it one, then press [{ $retry }] to retry.
diagnosis-not-admin-of-community-waits = This number is not an admin of the community, so the link may be waiting as a suggestion. Ask a community admin to approve it in WhatsApp, then refresh.
diagnosis-may-await-approval = It may be waiting for a community admin's approval in WhatsApp. If no request is there, press [{ $retry }] to retry.
diagnosis-last-subgroup = This is the community's last group, and a community must keep one. Link another group first.
diagnosis-never-sent = It was not sent, and nothing seems to be wrong. Press [{ $resume }] to continue with the rest, or [{ $retry }] to retry.
diagnosis-nothing-wrong = Nothing seems to prevent it now. Press [{ $retry }] to retry.

# The keys.
key-space = Space
help-title = Keys
help-none = No key and no action matches. [{ $back }] shows all of them again.
palette-title = Every action
palette-none = No action matches. [{ $back }] goes back.
help-section-moving = Moving
help-section-marking = Marking
help-section-acting = Acting
help-section-planning = In a plan
help-section-instances = Instances
help-section-program = Program
help-place-panes = In the panes
help-place-operations = In the operations
help-place-drift = In a comparison with a file
help-place-details = In the details
help-place-instances = Among the instances
help-place-finding = Among the known communities
help-place-fields = In a text field
help-place-others = In other windows
help-section-terms = Search terms of a filter
help-term-standalone = groups that are in no community
help-term-full = communities without room, and their groups
help-term-duplicate = names that occur more than once
help-term-admin = where your number is an admin
help-term-notadmin = where your number is not an admin
help-term-marked = marked groups
help-term-in = groups in communities with this name
help-term-members = also < >= <= =: the number of members
help-term-range = from 100 to 200 members
help-term-text = the text itself, not a term
help-section-signs = At the end of a row
help-sign-admin = your number is an admin
help-sign-member = your number is a member, and no admin
help-sign-unknown = it is not known whether it is an admin
help-up-down = up, down
help-page = a page up, down
help-half-page = half a page up, down
help-first-last = to the start, to the end
help-pane = next pane, previous pane
help-enter = a community's groups; a group's details
help-zoom = the whole screen for this pane, or only its part
help-divider = move the line between two panes
help-extend = extend the range
help-filter = filter by words as you type; ~ first: fuzzy
help-toggle-all-groups = right pane: standalone or all groups
help-sort = sort by name, size, role or room
help-mark = mark and move down
help-range = start a range, or mark it
help-mark-all = mark everything that is shown
help-invert-marks = invert the marks of the rows shown
help-clear-marks = clear all marks
help-only-marked = show only marked groups
help-link = link to the community chosen on the left
help-unlink = unlink from their community
help-move = move to another community
help-leave = leave; in the left pane: leave the community
help-stop = stop after the current request
help-pause = pause, or continue
help-detach = let what runs go on in the background
help-retry = on an operation: retry what can be retried
help-look-again = on an operation: check again, send nothing
help-undo = on an operation: undo the verified changes
help-resume = on an operation: continue, or rejoin
help-open = open the operation, then one of its groups
help-details = details of the row
help-invite-link = in a group's details: its invite link
help-export = in the operations: save one to a file
help-copy-command = in the operations: copy it as a command line
help-write-plan = in a plan: save it to a file
help-save = save the file under this name
help-next-form = save as CSV or as JSON
help-next-outcome = in an operation: show one outcome, then the next
help-operations = operations and their history
help-refresh = read everything again
help-find-communities = known communities, and the search for more
help-add-community = in that window: add one by ID or invite link
help-forget-community = in that window: remove one from the list
help-copy = copy the ID
help-tick = include or leave out a row; swap one over a limit
help-tick-all = include the rows shown, or leave them out
help-filter-plan = filter the rows of the plan
help-invert-plan = include what is left out, and the reverse
help-change-target = another community: for the row or all shown
help-other-number = in a plan over all instances: another number acts
help-turn-into-moves = move what is elsewhere, or link it again
help-compare-file = compare with a file that says where groups belong
help-compare = compare with this file
help-mark-difference = mark a difference, or all below a heading
help-mark-all-differences = mark all differences that are shown
help-plan-differences = plan to put the marked groups where they belong
help-filter-differences = filter differences
help-confirm = confirm (to leave, type the number)
help-skip-checks = skip the remaining checks
help-confirm-quit = stop the operation and quit
help-choose = choose the row under the cursor
help-instances = instances: state, number, quota, operations
help-step-instance = next instance, previous instance
help-all-instances = show all instances as one, or one again
help-connect = in that window: connect with a QR code
help-connect-by-number = in that window: connect with a code
help-reconnect = in that window: reconnect the existing session
help-add-instance = in that window: add an instance
help-tick-instance = in that window: tick one that an account lists
help-edit-instance = in that window: change an entry
help-remove-instance = in that window: remove an entry
help-confirm-removal = remove the entry
help-save-instance = in the form: try the token and save
help-save-anyway = in the form: save although nothing answered
help-field = in the form: next field, previous field
help-next-origin = in the form: secret from a variable, file, command
help-take-text = accept the typed text
help-complete-term = in a filter: complete the search term
help-keep-filter = keep the filter
help-palette = find every action by name
help-next-theme = show the screen in the next theme
help-run = in the palette: run the action
help-help = this help
help-back = back one level
help-repaint = redraw the screen
help-suspend = suspend
help-interrupt = stop the operation; twice: exit Synod
help-quit = quit Synod

# The instances.
instances-title = Instances
instances-shown = { $instance } (shown)
instances-idle = no operation running
instances-broken = broken
instances-broken-advice = The other instances are not affected. Correct it with [{ $edit }], or in the configuration; then [{ $read }] reads that again.
instances-broken-by-hand = The other instances are not affected. Correct it in the configuration; then [{ $read }] reads that again.
instances-not-configured = not configured
instances-listed = Not in the configuration. The token of { $instance } belongs to its account and works for this instance too: [{ $tick }] ticks it, and [{ $add }] adds all that are ticked, or this one.
instances-connect = Not connected. [{ $qr }] shows a QR code for the phone, [{ $number }] a code for a phone number; [{ $session }] resumes the gateway's existing session.
instances-no-list = This gateway lists no other instances.
instances-list-unread = The other instances of this token could not be listed: { $why }
instances-how-to = Not in the configuration, so it cannot be chosen. The token of { $instance } belongs to its account and works for this instance too. Add this to the configuration, then press [{ $read }]:
instances-how-to-short = Not in the configuration. Add an [[instance]] with gateway = { $gateway }, instance = { $name } and the token of { $instance }, then press [{ $read }].
instances-token-line = token = the same as that of { $instance }

# The form for an entry of the configuration. The names of the fields have at most 14 cells.
entry-title-add = Add an instance
entry-title-change = Change { $instance }
entry-welcome = Welcome to Synod. It needs one instance: a WhatsApp number on a gateway, and the token from the gateway's panel. Nothing is saved before the token has been tried.
entry-gateway = Gateway
entry-address = Address
entry-instance = Instance
entry-token = Token
entry-client-token = Client token
entry-name = Your name
entry-origin-typed = typed:
entry-origin-variable = variable:
entry-origin-file = file:
entry-origin-command = command:
entry-origin-kept = (as it is)
entry-help-gateway = Which gateway: the arrows to the left and right change it.
entry-help-address = Only if it is not { $usual }.
entry-help-own-address = The address of the server: this gateway has no usual one.
entry-help-instance = The instance's name, exactly as in the gateway's panel. If you have the account's token, leave it empty to see the names.
entry-help-instance-id = The instance's ID from the gateway's panel. It is a secret: it gets a file that only you can read.
entry-help-instance-own = The instance's name, exactly as on the gateway.
entry-help-instance-optional = The instance's ID. A server for a single instance needs none.
entry-help-token = The instance's token from the gateway's panel. It gets a file that only you can read.
entry-help-key = The server's or the instance's API key. It gets a file that only you can read.
entry-help-client-token = The account's client token; leave it empty if the account has none.
entry-help-name = Your own name for the instance. Empty: the same as on the gateway.
entry-help-name-needed = Your own name for the instance, such as: shop
entry-help-variable = The name of an environment variable that holds the secret.
entry-help-file = The path of a file that holds the secret. A relative path begins at the configuration's folder.
entry-help-command = A command that prints the secret, such as: pass show ryze
entry-help-kept = It stays as it is in the configuration. Type to replace it.
entry-reading = reading the entry …
entry-trying = trying the token …
entry-missing = This is needed: type it, then press [{ $key }].
entry-listed = The token is the account's, and the account has: { $names }. Type one of them here. The others can be added later in the window with the instances.
entry-not-listed = Type the instance's name here. The names could not be read: { $why }
entry-unreachable = The gateway cannot be reached. Check the network and the address.
entry-not-connected = The gateway accepts the token, but no phone is connected ({ $state }). You can connect one in the window with the instances.
entry-not-tried = The token could not be tried: { $why }
entry-save-anyway = [{ $key }] saves it anyway.
entry-busy = The instance has an operation in progress. Wait until it has ended, or stop it.
entry-by-hand = The form cannot show “{ $name }”, because its lines have a mistake: correct them in the configuration.
entry-none = There is no instance yet. [{ $open }] opens the window with the instances, where [{ $add }] adds one; [{ $quit }] quits.
entry-none-usable = No instance can be used. [{ $open }] opens the window with the instances, which says why; [{ $quit }] quits.
removal-title = Remove an instance
removal-ask = Remove “{ $instance }” from the configuration? Its journal stays, and so do files with its secrets; on the gateway nothing changes. [{ $key }] removes it, [{ $back }] goes back.

# The communities, and the search for more.
finding-title = Communities of { $instance }
finding-lists = This gateway lists its communities: [{ $key }] reads the list again. If one is missing, add it by its ID.
finding-unread = The list of groups has not been read yet, so the search cannot start.
finding-known = All groups have been checked.
finding-offer = { $count ->
    [one] { $count } group might be a community. Asking it
   *[other] { $count } groups might be communities. Asking them
} takes { $requests ->
    [one] { $requests } request
   *[other] { $requests } requests
}, about { $span }. Press [{ $key }] to start; you can close this window meanwhile.
finding-running = { $asked } of { $total ->
    [one] { $total } group
   *[other] { $total } groups
} asked, { $found } found, about { $span } left
finding-paused = Paused: { $asked } of { $total ->
    [one] { $total } group
   *[other] { $total } groups
} asked, { $found } found. [{ $key }] continues; that takes { $requests ->
    [one] { $requests } request
   *[other] { $requests } requests
}, about { $span }.
finding-failed = { $count } gave no answer
finding-now = Asking now: { $group }
finding-control = First a known one, { $community }: the other answers count only if it is found
finding-ended = The search asked { $asked ->
    [0] no group
    [one] { $asked } group
   *[other] { $asked } groups
} and found { $found ->
    [0] none
   *[other] { $found }
}.
finding-ended-early = The search ended early, { $asked ->
    [0] before any group was asked
    [one] after { $asked } group
   *[other] after { $asked } groups
}: { $why }
finding-none = No community is known yet.
finding-from-configuration = configuration
finding-from-screen = added by you
finding-from-memory = remembered
finding-from-listing = listed
finding-from-probe = found
finding-size = { $count ->
    [one] { $count } group
   *[other] { $count } groups
}
finding-reading = not read yet
finding-add = ID or invite link:
finding-add-id = ID:
finding-checking = Reading its group list …
finding-added = { $community } is a community and was added.
finding-was-known = { $community } is already known.
finding-not-added = Not added: this number is in no such community ({ $why }). Give a community ID, as [{ $copy }] copies it, or an invite link.
finding-not-added-id = Not added: this number is in no such community ({ $why }). Give a community ID, as [{ $copy }] copies it.
finding-not-read = Not added, because it could not be checked: { $why }
finding-forgotten = { $community } was removed from the list.
finding-forgotten-configured = { $community } was removed until Synod starts again, because the configuration names it.
finding-forgotten-listed = { $community } was removed until the next refresh, because the gateway lists it.

# Connecting an instance.
connect-title = Connect { $instance }
connect-asking = Asking the gateway: first, whether the instance is already connected. A code may take a minute.
connect-qr = On the phone: open WhatsApp, Linked devices, Link a device, and scan this code.
connect-lasts = Valid for { $span }; then Synod asks for a new one.
connect-no-room = The QR code needs { $columns }×{ $rows } cells, but the terminal has { $wide }×{ $high }: enlarge it or use a smaller font, or press [{ $key }] for a code to type on the phone.
connect-picture = The gateway sent its QR code as a picture, which a terminal cannot show. Press [{ $key }] for a code to type on the phone, or connect in the gateway's panel.
connect-code = Type this on the phone: WhatsApp, Linked devices, Link a device, Link with phone number instead.
connect-on-its-way = The gateway is resuming its existing session.
connect-taken-up = The phone accepted it. Waiting for the instance to connect …
connect-unused = The code was not used. [{ $key }] asks for a new one.
connect-failed = The instance could not be connected: { $why }
connect-number = Phone number to connect, with country code, digits only:
connect-number-wrong = Type 7 to 15 digits: country code first, no + and no spaces.
connect-number-what = The gateway returns a code to type on the phone that has this number.
connect-seen = Checked just now: { $state }
connect-unseen = The state could not be read: { $why }
connect-closes = The code is a secret: anyone who reads it can connect their own phone. [{ $back }] discards it.

# Mistakes in the configuration. No message contains a value from the file, because any value may be a secret.
config-begin =
    To try Synod without a configuration, run `synod demo`: it needs no gateway.
    To add an instance, run `synod init`: it asks for everything and tries the token.
    Or write the configuration yourself: start with this, and set RYZE_TOKEN to the instance's token:

    { $example }

    Then `synod doctor` checks whether it works.
config-none =
    There is no configuration yet: { $path } does not exist.

    { $begin }
config-missing =
    The configuration file { $path } does not exist. Check --config and SYNOD_CONFIG, or write the file.

    { $begin }
config-no-instances =
    The configuration file { $path } contains no instance.

    { $begin }
config-unreadable = The configuration file { $path } cannot be read: { $why }. Check its owner and its permissions.
config-too-long = { $path } is longer than 1 MiB, so it cannot be a configuration or a theme. Name another file.
config-no-text = { $path } is not UTF-8 text, so it cannot be a configuration or a theme. Name another file, or write it again.
config-no-file = { $path } is not a regular file, so it cannot be a configuration or a theme. Name another file.
config-unsafe = The configuration is not used: { $why }
config-theme-unreadable = The theme file { $path } cannot be read: { $why }. Write it as docs/themes.md shows, or name another theme under [ui] in the configuration.
config-no-home = The home directory is unknown: neither HOME nor { $variable } is set. Set one of them, or give { $flag } with a path.
config-problem =
    { $path }, line { $line }: { $what }
    For example: { $example }
config-twice = This key or table is defined twice; each may appear once.
config-no-toml = This line is not valid TOML. Texts need quotes on both sides, lists need square brackets, and each line holds one key, an equals sign and a value.
config-unknown-key = This key is unknown in { $place ->
    [file] the file
    [theme] a theme
    [style] a style
   *[other] { $place }
}. Known keys: { $known }.
config-unknown-key-near = This key is unknown in { $place ->
    [file] the file
    [theme] a theme
    [style] a style
   *[other] { $place }
}; you probably meant `{ $near }`. Known keys: { $known }.
config-key-missing = `{ $key }` is missing here.
config-text = `{ $key }` must be a text in quotes.
config-table = `{ $key }` must be a table.
config-list = `{ $key }` must be a list in square brackets.
config-switch = `{ $key }` must be true or false, without quotes.
config-count = `{ $key }` must be a whole number from { $least } to { $most }.
config-share = `{ $key }` must be a number from 0 to 1.
config-span = `{ $key }` must be a duration in quotes: a whole number with ms, s, m or h, at most one day.
config-no-such-value = `{ $key }` has no such value. Known values: { $known }.
config-path = `{ $key }` must be a path.
config-instance-head = An instance must begin with its heading in double brackets.
config-same-name = The instance in line { $other } already has this name; each instance needs its own, and upper and lower case count as the same.
config-same-instance = The entry in line { $other } is the same instance: the same gateway, address and instance name. Remove one of them.
config-name = `name` must have 1 to 40 visible characters, without spaces at the ends.
config-instance = `instance` must be the instance's name on the gateway: no slashes, no spaces at the ends.
config-key-not-taken = { $gateway } does not take `{ $key }`. Remove the line.
config-communities = `communities` must be a list of IDs, each a text in quotes.
config-proxy = `proxy` must be a URL that begins with http:// or https://.
config-proxy-password = `proxy` contains a password, but other users can read this file. Restrict it: chmod 600 { $quoted } - or set HTTPS_PROXY instead.
config-url-scheme = A base URL must begin with https://.
config-url-plain = Plain http would send the token unencrypted over the network; it is allowed only to this machine. Use https://, or accept the risk with `insecure_http = true` in this entry.
config-url-user = A base URL must not contain a user name or a password.
config-url-query = A base URL must not contain a query or a fragment.
config-url-host = The base URL's host or port is invalid.
config-url-path = A base URL must contain only visible characters, without .. in its path.
config-read-back = `read_back` must contain 1 to 20 times, each later than the one before.
config-timeout = A timeout must be greater than 0.
config-throttle = The first pause must be greater than 0, and not longer than the longest pause.
config-store-operator = `operator` is the name of a person or a machine: at most 32 letters, digits and -_.@
config-store-key = `key` in `[store]` is for a shared store, which needs `url`
config-key-binding = A key must be a text in quotes, or a list of them.
config-secret = `{ $key }` must be a table with exactly one of the keys env, file and command.
config-secret-open = `{ $key }` is written here, but other users can read this file. Restrict it: chmod 600 { $quoted } - or take the secret from elsewhere.
config-secret-strange = `{ $key }` is empty, or contains white space or other characters that no token has.
config-secret-env = `env` must be the name of an environment variable, not the secret itself.
config-secret-command = `command` must be a list of texts: the program, then its arguments.

# Why a file is not used; each follows a colon. A command stands at the end, so that it can be copied.
file-system = { $why }
file-not-regular = it is not a regular file, but a directory, a pipe or a device
file-too-long = it is longer than { $most }
file-no-text = line { $line } is not UTF-8 text
file-link = { $path } is a symbolic link, which Synod does not follow here: check where it leads, then remove it: rm { $quoted }
file-hard-links = { $path } has another name (a hard link), so writing to it could change another file: find out which, then remove this name: rm { $quoted }
trust-owner = { $path } belongs to another user (number { $owner }): run Synod as that user, or check the contents and, as root, take it over: chown { $user } { $quoted }
trust-file = other users can write to { $path }: check its contents, then run: chmod go-w { $quoted }
trust-file-root = users other than root can write to { $path }: check its contents, then run as root: chmod go-w { $quoted }
trust-folder = other users can replace files in { $path }: check its contents, then run: chmod go-w { $quoted }
trust-folder-root = users other than root can replace files in { $path }: check its contents, then run as root: chmod go-w { $quoted }

# The source of a secret, as the beginning of a sentence; then why it cannot be read.
secret-from-variable = The environment variable { $name }
secret-from-some-variable = The environment variable that the configuration names
secret-from-file = The file { $path }
secret-from-command = The command { $program }
secret-from-some-command = The command that the configuration names
secret-from-output = The output of { $program }
secret-from-some-output = The output of the command
secret-from-text = The text in the configuration file
secret-not-set = { $from } is not set. Set it with `export` before you start Synod.
secret-unreadable = The file { $path } cannot be read: { $why }. Check its path, its owner and its permissions.
secret-no-file = { $path } is not a file. Name the file that holds the secret.
secret-not-private = Other users can read { $path }. Restrict it: chmod 600 { $quoted }
secret-not-run = { $from } cannot be run: { $why }. Check that it is installed and on the PATH.
secret-failed = { $from } failed ({ $status }). Run it by hand to see why.
secret-too-slow = { $from } did not end within 30 seconds and was stopped. It may have waited for input: run it by hand.
secret-empty = { $from } is empty. Put the secret there.
secret-no-output = { $from } printed nothing. It must print the secret.
secret-no-token = { $from } contains white space, or characters that no token has. It must contain only the secret, on one line.
secret-too-long = { $from } is longer than 4 KiB, which no token is. Put only the secret there.
secret-failed-saying = { $from } failed ({ $status }): “{ $words }”. Run it by hand to see more.

# Why an instance cannot be opened.
instance-unread = { $key } cannot be read: { $why }
instance-unopened = instance “{ $name }”: { $why }
instance-title = { $name }
instance-untitled = (line { $line })
open-token = `{ $key }` must be printable text without line breaks, and not empty.
open-instance = The instance's name is empty.
open-ca-file = The certificates in { $path } cannot be read: { $why }. Check ca_file.
open-ca-unsafe = ca_file is not used: { $why }
open-no-certificates = { $path } contains no certificate in PEM form. Check ca_file.
open-proxy = The proxy's URL cannot be used. Check proxy in the configuration.
open-proxy-variable = { $name } does not contain the URL of a proxy that Synod can use. It must look like http://host:port.
open-tls = No CA certificates were found: install the system's (ca-certificates), or set ca_file.

# Changing the configuration; $at is a file with a line.
edit-name-taken = { $at }: the name “{ $name }” is taken by the instance in this line. Choose another name.
edit-same-instance = { $at }: the entry in this line is the same instance already. Nothing was added.
edit-no-entry = The configuration has no instance “{ $name }”.
edit-changed = Several entries have the name “{ $name }”, and the configuration has changed since it was read. Read it again, then choose once more.
edit-no-tables = { $at }: `instance` is a list here, which Synod reads but does not change. Give each entry its own heading [[instance]].
save-unsafe = Nothing was written: { $why }
save-unwritten = { $path } cannot be written: { $why }. The configuration is unchanged. Check the permissions of the folder and the free space.
save-busy = Other programs keep changing { $path }. It is unchanged: close them, then try again.

# The questions and results of `synod init`. A question ends where the answer is typed.
init-begin = This adds an instance to { $path }. Nothing is written before the token has been tried.
init-ask-gateway = Gateway ({ $known }) [ryzeapi]:
init-ask-base-url = Address of the gateway [{ $usual }]:
init-ask-own-base-url = Address of the gateway:
init-ask-instance = Name of the instance on the gateway:
init-ask-instance-optional = The instance's ID (empty if the server has a single one):
init-ask-instance-id = ID of the instance (not shown):
init-ask-token = Token of the instance (not shown):
init-ask-client-token = Client token of the account (not shown; empty if it has none):
init-ask-name = Your name for it:
init-ask-name-usual = Your name for it [{ $usual }]:
init-field = { $field }: { $why }
init-field-input = standard input
init-missing = Missing: { $flags }. Give them, or run `synod init` in a terminal, which asks for everything.
init-no-token = Standard input is empty. Write the token to it, or give --token-env, --token-file or --token-command.
init-zapi-instance = On Z-API, the instance's ID is a secret, and other users can see command lines. Give --instance-env, --instance-file or --instance-command, or run `synod init` in a terminal.
init-key-not-taken = { $gateway } does not take `{ $key }`. Omit the options for it.
init-read-only = Nothing was written: --read-only refuses every change. Omit it.
init-interrupted = Interrupted: nothing was written.
init-token-refused = Nothing was written: { $why }. Copy the token from the gateway's panel once more.
init-instance-unknown = Nothing was written: { $why }. Copy the instance's name from the gateway's panel; upper and lower case differ.
init-again = { $why }. Type it again:
init-not-tried = Nothing was written, because the token could not be tried: { $why } To add the instance without trying, use --no-check.
init-added = Added “{ $name }” to { $path }.
init-secret-file = The secret is in { $path }, which only you can read.
init-state = The gateway accepts the token: { $state }.
init-not-connected = No phone is connected yet: start `synod` and connect it in the window with the instances.
init-unchecked = The token was not tried. Run `synod doctor` to try it.
init-next = Next, run `synod`.
community-id = “{ $given }” is not a community ID on { $gateway }: { $why }. IDs there look like { $example }.
community-id-ending = it does not end in @g.us
community-id-digits = it contains other characters than digits
id-empty = an ID cannot be empty
id-too-long = an ID has at most 128 characters
id-character = an ID contains only letters, digits and . _ : @ - characters

# Unusable keys in the configuration; the terminal; the log.
key-no-action = There is no action “{ $action }”; docs/keys.md has the names.
key-no-key = “{ $key }” is not a key; keys are written as x, X, ctrl-x, space, f5, shift-up.
key-twice = “{ $key }” is listed twice.
key-unsent = “{ $key }” never arrives: terminals send it as another key or not at all; choose another key.
key-taken = “{ $key }” already means “{ $other }”, so it cannot mean “{ $action }” too.
key-typed = “{ $key }” is a letter, but “{ $action }” is needed while text is typed; choose another key.
terminal-none = standard input and output are not a terminal
terminal-dumb = the terminal cannot position text (TERM=dumb)
log-level = The log level must be one of off, error, warn, info, debug and trace.
log-file = The log file { $path } cannot be opened: { $why }. Omit --log-level, or choose another directory with --state-dir.
log-unsafe = Synod cannot write a log: { $why }
log-taken = The log cannot be started: { $why }.

# The command line.
terminal-unusable = this command needs a terminal: { $why }. Run it in a terminal, or use a command that needs none, such as synod simulate; synod --help lists them.
quit-waiting = waiting for the current request to end, so that its result is recorded …
quit-stopping = Stopping after the current request, so that its result is recorded. A second signal ends at once.
detach-goes-on = { $count ->
    [one] Operation { $numbers } goes on in the background: `synod` shows it, `synod operations stop { $first }` stops it.
   *[other] { $count } operations go on in the background ({ $numbers }): `synod` shows them, `synod operations stop { $first }` stops one.
}
detach-failed = The operations cannot go on in the background: { $why } They go on here; interrupt Synod to stop them.
detach-failed-unsent = Nothing was sent, because no process in the background could start: { $why }
cli-detached = Operation { $number } runs in the background.
detach-system = { $why }.
detach-exited = the new process ended too early.
detach-not-taken = The new process did not take over { $numbers }. Run `synod operations resume { $first }`.
simulate-listening = The simulated gateway listens on { $address }. Configuration for its instances:
simulate-several = Choose one of its instances with --instance, or with: export SYNOD_INSTANCE={ $first }
simulate-written = The simulated gateway listens on { $address }. To use it in another shell: export SYNOD_CONFIG={ $quoted }
simulate-taken = { $path } was not written by synod simulate, so it is not overwritten. Name another file.
simulate-unwritten = The configuration cannot be written to { $path }: { $why }. Name another file.
simulate-cannot-listen = cannot listen on { $address }: { $why }. Choose another address with --listen.
simulate-remote = { $address } can be reached from other machines. Listen on 127.0.0.1, or add --allow-remote, which uses random tokens.
cli-no-language = There is no language “{ $given }”. Known languages: { $known }.
cli-no-theme = There is no theme “{ $given }”. Known themes: { $known }.
cli-which-instance = The configuration has several instances. Choose one with --instance, such as --instance { $first }, or set SYNOD_INSTANCE. They are: { $names }.
cli-no-instance = The configuration has no instance “{ $name }”. It has: { $names }.
cli-several-instances = “{ $name }” means several instances of the configuration: { $names }. Write it as one of them is written.
cli-instance-failed = { $instance }: { $why }
cli-left-out = Left out: { $why }
cli-list-community = --community works only with `synod list groups`.
cli-listing-unread = The community's group list could not be read: { $why }
cli-is-community = community
cli-announcements-of = announcements of { $community }
cli-no-groups = No groups were given. Give groups by ID or name, or a file of them with --groups-from.
cli-operations-options = --json, --newest, --by and --since here belong to the list of operations: put options of a subcommand after it.
cli-several-targets = Several --to need --spill: groups for which one community has no room go to the next.
cli-empty-list = The list names no groups: there is nothing to do.
cli-type-groups = Reading groups from the terminal, one per line; Ctrl-D ends.
cli-groups-unreadable = The groups cannot be read from { $what }: { $why }. Give a text file with one group per line.
cli-group-too-long = Entry { $position } is too long for a group's name ({ $bytes } bytes): “{ $begin }…”. Give one group per entry: its ID, name or invite link.
cli-more-unknown = And { $count } more that match nothing.
cli-cut-short = The reading was interrupted: try again.
cli-unknown-group = No group matches “{ $given }”. `synod list groups` shows them all.
cli-unknown-community = No community matches “{ $given }”. `synod list communities` shows the known ones; give any other by its ID.
cli-no-community = No community has the ID { $community }, or this number is not in it. Check the ID: `synod list communities` shows the known ones.
cli-unknown-near = Did you mean one of these?
cli-invite-unsupported = Entry { $position } matches no group. It looks like an invite link or code, which this gateway cannot resolve. Give the group's ID or name.
cli-invite-unfollowed = Entry { $position } matches no group, and as an invite link or code it leads nowhere: { $why }. Ask an admin for a new link, or give the group's ID or name.
cli-invite-of-community = Give the community by its ID or name, not by an invite link: `synod list communities` shows them.
cli-ambiguous = “{ $given }” matches { $count } of them: choose one by its ID.
cli-candidate-in = { $candidate }  (in { $community })
cli-candidate-members = { $candidate }, { $count ->
    [one] { $count } member
   *[other] { $count } members
}
cli-on-line = Line { $line }: { $words }
cli-not-in-source = These groups are not in { $community }, which --from names:
cli-read-only = Nothing was sent: --read-only refuses every change. Omit it, or see the plan with --dry-run.
cli-needs-yes = Nothing was sent: there is no terminal to confirm on. Add --yes to run the plan without asking, or --dry-run to see it.
cli-json-needs-yes = Nothing was sent: --json does not ask. Add --yes to run the plan, or --dry-run to see it.
cli-needs-count = Nothing was sent: leaving with --yes also needs --count with the number of groups that the plan leaves. --dry-run shows the plan.
cli-count-differs = Nothing was sent: --count is { $given }, but the plan would send { $sent }. Check it with --dry-run.
cli-count-community = Nothing was sent: --count is { $given }, but this community has { $sent } groups. Check it with --dry-run.
cli-not-confirmed = Not confirmed: nothing was sent.
cli-interrupted = Interrupted: nothing was sent.
cli-deadline-unsent = The time limit (--timeout) has passed: nothing was sent.
cli-deadline = The time limit (--timeout) has passed: nothing more is sent. `synod operations resume` continues.
cli-waiting-for-lock = Waiting for the lock: { $why }.
cli-nothing-sent = This plan sends nothing.
cli-stopping = Stopping after the current request; checks continue. Press Ctrl-C again to quit at once; the journal keeps the request that was running.
cli-stopped-away = Stopped while the store cannot be reached: nothing more is sent, but the journal does not say so yet. `synod operations resume` continues.
cli-ask = { $count ->
    [one] Run this plan? y or n:
   *[other] Run this plan for { $count } groups? y or n:
}
cli-ask-count = { $count ->
    [one] Type { $count } to leave it, anything else to cancel:
   *[other] Type { $count } to leave them, anything else to cancel:
}
cli-ask-name = Type “{ $expected }” to leave this community, anything else to cancel:
cli-ask-tail = Type { $expected }, the end of its ID, to leave this community, anything else to cancel:
cli-operation-unended = Operation #{ $operation } did not finish: { $counts }. `synod operations show { $operation }` shows its results.
cli-plan-written = The plan was saved to { $file }: `synod apply` runs it. Nothing was sent.
cli-plan-unwritable = The plan cannot be written to { $file }: { $why }. Choose another file with --plan; nothing was sent.
cli-file-unreadable = { $file } cannot be read: { $why }. Give a plan, a state file or a table.
cli-file-no-text = { $file } cannot be read: line { $line } is not UTF-8 text. Save the file as UTF-8; spreadsheets call this “CSV UTF-8”.
cli-plan-again = This file is a plan already. --plan makes the plan of a state file or a table.
cli-plan-several = A plan is for one instance, and this file names several. Write a file for each instance, and make a plan of each.
cli-plan-risky = Nothing was sent: --include-risky does not apply to a plan, which says which risky groups to include. Make the plan again with it.
cli-all-ended = All instances: { $counts }.
cli-list-csv = --csv works only with `synod list groups`.
cli-list-filter = --standalone, --full, --admin, --not-admin, --duplicate-names and --members work only with `synod list groups`, and not with --csv. --full also works with `synod list communities`.
cli-list-roles = { $instance }: roles that the list of groups does not say are from earlier sessions; the oldest was read { $age }. Groups whose role is not known are not listed.
cli-list-nothing-cached = Nothing was read from { $instance } before. Run the command without --cached.
cli-list-cached = { $instance }: read { $age }.
cli-list-state-json = `synod list state` prints a state file; for JSON, use `synod list groups --json`.
state-empty = The file says nothing about any group. `synod list state` shows how such a file looks.
state-faults = Nothing was changed. { $file } has { $count ->
    [one] one mistake
   *[other] { $count } mistakes
}:
state-no-kind = This is neither a state file nor a table with the columns group and community. `synod list state` and `synod list groups --csv` show how they look.
state-column-twice = The table has two columns “{ $column }”. Remove one of them.
state-misquoted = The quotation marks are wrong in this row: one is not closed, or text follows a closed one. Put a quotation mark at both ends of the cell, and double each one inside it.
state-few-cells = This row has no cell in the column “{ $column }”. Write an empty cell if the group belongs in no community.
state-many-cells = This row has more cells than the header. Put quotation marks around a name that contains the separator.
state-rounded = A spreadsheet has rounded the ID “{ $cell }”. Format the column as text, and enter the whole ID.
state-no-column = The table has no column “{ $column }”. Its first line must name the columns group and community.
state-no-group = This row names no group. Give the ID or name of the group, or remove the row.
state-no-place = This row of an exported operation does not say where the group belongs. Give its community, or remove the row.
state-no-toml = This is not valid TOML. Names need quotation marks on both sides, lists need square brackets, and each line holds one key, an equals sign and a value. `synod list state` shows how a state file looks.
state-twice = This key is given twice.
state-unknown-key = There is no key “{ $key }” here. The keys are: { $known }.
state-missing-key = This section lacks the key “{ $key }”.
state-want-tables = Write [[{ $key }]] on a line of its own before the keys of each section.
state-want-text = “{ $key }” takes names or IDs in quotation marks, which are not empty.
state-want-groups = “{ $key }” takes a list, such as ["Reception", "Lab results"].
state-want-bool = “{ $key }” is either true or false.
state-invite-link = This matches no group. It looks like an invite link or code: give the group's ID or name.
state-in-two-places = { $group } belongs in another place according to line { $other }: remove one of the two.
state-not-compared = Other groups stay in { $community }, because it is not certain which groups it has: { $why }.
state-listing-incomplete = its list may be incomplete
state-left-out = { $count ->
    [one] One group is left out, because the gateway does not say whether it is in a community.
   *[other] { $count } groups are left out, because the gateway does not say whether they are in a community.
}
diff-plan = This is a plan: `synod apply --dry-run` compares it. `synod diff` takes a state file or a table.
diff-instance = Instance { $instance }
diff-in-none = In no community
diff-missing = missing
diff-extra = extra
diff-elsewhere = elsewhere
diff-unknown = unknown
diff-from = in { $community }
diff-count = { $count ->
    [0] Nothing differs.
    [one] 1 difference.
   *[other] { $count } differences.
}
cli-plan-none = { $file } is not a plan: give a file that was written with --plan.
cli-plan-version = The plan { $file } was written by another version of Synod: make it again with --plan.
cli-plan-damaged = The plan { $file } is damaged near line { $line }: make it again with --plan.
cli-plan-other-instance = The plan was made for an instance other than “{ $name }” of this configuration: use the configuration that it was made with, or make it again.
cli-plan-changed = Nothing was sent: the situation has changed since the plan was made. Make it again and check it:
cli-plan-change = { $name }: { $before } when the plan was made; now: { $now }
cli-no-operation = The journal has no operation { $number } for these instances: `synod operations list` shows the operations.
cli-undo-loses = { $count ->
    [one] This cannot bring back { $count } group of it: `synod operations show` lists the results.
   *[other] This cannot bring back { $count } groups of it: `synod operations show` lists the results.
}
cli-nothing-again = No operation has anything left for this: `synod operations list` shows the operations.
cli-nothing-of-it = Operation { $number } has nothing left for this: `synod operations show { $number }` shows its results.
links-closed = { $count ->
    [one] { $count } kept invite link does not open with the `key` in `[store]`: use the key of the operator who left the group.
   *[other] { $count } kept invite links do not open with the `key` in `[store]`: use the key of the operator who left the groups.
}
links-without-key = { $count ->
    [one] { $count } kept invite link does not open, because `[store]` has no `key` here: use the key of the operator who left the group.
   *[other] { $count } kept invite links do not open, because `[store]` has no `key` here: use the key of the operator who left the groups.
}
cli-nothing-to-rejoin = Operation { $number } cannot be rejoined here: { $why }
cli-nothing-to-resume-settled = Operation { $number } has nothing left: it stopped early, but a later check settled all its groups. `synod operations show { $number }` shows them.
cli-nothing-to-resume-complete = Operation { $number } has nothing left: it ran to its end. `synod operations show { $number }` shows its results.
cli-nothing-while-running = Operation { $number } has not ended yet: `synod operations show { $number }` shows its progress.
cli-nothing-to-look-for = Every group of operation #{ $number } already has a final result.
cli-unended = not ended: { $counts }
cli-list-paused = paused: { $counts }
cli-dead = interrupted: { $counts }
cli-was-interrupted = #{ $number } was interrupted: { $counts }. Run `synod operations resume { $number }`.
cli-settled-elsewhere = { $by } settled operation { $number } in the meantime.
cli-resume-rest = `synod operations resume { $number }` continues with the rest.
cli-not-running = Operation { $number } is not running: { $counts }.
cli-paused = Operation { $number } is paused. `synod operations resume { $number }` continues it.
cli-continues = Operation { $number } continues.
cli-asked-to-continue = The process that runs operation { $number } was asked to continue. The operation was not paused.
cli-stops = Operation { $number } is stopping after its current request; checks continue.
cli-request-unread = The process that runs operation { $number } has not answered yet. It reads the request before it sends anything more.
cli-pruned = { $count ->
    [0] No operation is that old.
    [one] Removed { $count } operation.
   *[other] Removed { $count } operations.
}
cli-ask-prune = { $count ->
    [one] Remove { $count } operation from the journal, with its history and the invite links that it kept? y or n:
   *[other] Remove { $count } operations from the journal, with their history and the invite links that they kept? y or n:
}
cli-forgot-links = { $count ->
    [0] No invite link is kept.
    [one] Forgot { $count } invite link.
   *[other] Forgot { $count } invite links.
}
# $line goes into the configuration, so it is not translated.
cli-key-written = The key is in { $file }, which only you can read. Give every operator of the store a copy in a safe way, and write into `[store]`:
    { $line }
cli-key-unwritten = The key was not written to { $file }: { $why }
cli-copy-no-store = There is no shared store to copy to: `[store]` has no `url`. docs/team.md describes how to set one up.
cli-copy-none = This machine has no journal: nothing to copy.
cli-copy-unfinished = Nothing was copied: these operations have not ended: { $numbers }. Stop them or let them end. An interrupted one ends when Synod starts; for one of this machine, start it without `url`. Then copy again.
cli-copy-number = #{ $old } of this machine is #{ $new } in the store.
# $before is how many were copied earlier.
cli-copy-done = { $count ->
    [0] No operation was copied
    [one] Copied { $count } operation
   *[other] Copied { $count } operations
}; { $before ->
    [0] none was there before.
    [one] { $before } was there before.
   *[other] { $before } were there before.
}
cli-copy-would = { $count ->
    [0] No operation would be copied
    [one] Would copy { $count } operation
   *[other] Would copy { $count } operations
}; { $before ->
    [0] none is there yet.
    [one] { $before } is there already.
   *[other] { $before } are there already.
}
cli-copy-links-done = { $count ->
    [0] No kept invite link was copied: each goes with its operation, the first time that it is copied.
    [one] Copied { $count } kept invite link, encrypted.
   *[other] Copied { $count } kept invite links, encrypted.
}
cli-copy-links-would = { $count ->
    [0] No kept invite link would go with them.
    [one] { $count } kept invite link would go with them, encrypted.
   *[other] { $count } kept invite links would go with them, encrypted.
}
cli-copy-links-stay = { $count ->
    [one] { $count } kept invite link stays on this machine
   *[other] { $count } kept invite links stay on this machine
}: the store keeps none without `key` in `[store]`, or with keep_invite_links = false.
cli-ask-forget-links = { $count ->
    [one] Forget { $count } invite link? Its group cannot be rejoined then. y or n:
   *[other] Forget { $count } invite links? Their groups cannot be rejoined then. y or n:
}
cli-files-unwritable = The files cannot be written to { $dir }: { $why }. Choose another directory with --dir.

# The doctor: what it checks, and its findings.
doctor-program = program
doctor-configuration = configuration
doctor-config-mode = permissions
doctor-instance = instance
doctor-reachable = gateway
doctor-tls = encryption
doctor-token = token
doctor-connection = connection
doctor-budget = requests
doctor-phone = phone
doctor-free-space = free space
doctor-clock = clock
doctor-state-dir = state directory
doctor-journal = journal
doctor-store = store
doctor-links = invite links
doctor-lock = lock
doctor-terminal = terminal
doctor-locale = character set
doctor-config-advice = Fix it, then run synod doctor again.
doctor-config-ok = { $count ->
    [one] { $file } defines { $count } instance
   *[other] { $file } defines { $count } instances
}
doctor-mode-private = no other user can read it
doctor-mode-open = other users can read it; fine as long as it contains no secret
doctor-mode-advice = To restrict it: chmod 600 { $quoted }
doctor-reachable-ok = the gateway answers
doctor-tls-ok = the gateway's certificate is accepted
doctor-tls-loopback = plain http, but only on this machine
doctor-tls-insecure = plain http: the token goes over the network unencrypted
doctor-tls-advice = give the gateway a certificate and use https://
doctor-token-ok = the gateway accepts it
doctor-budget-unknown = the gateway does not say how many are left
doctor-budget-own = the gateway does not say how many are left; Synod itself stays within { $limit } per minute
doctor-budget-advice = Other programs may use this token too; wait for the reset before sending much.
doctor-phone-online = online, according to the gateway
doctor-phone-offline = offline, according to the gateway, although the instance is connected
doctor-phone-advice = Changes may fail or be late: check that the phone is on and has a network.
doctor-clock-unknown = not compared: the gateway's answer had no time; check this machine's clock yourself
doctor-clock-ok = within a minute of the gateway's clock
doctor-clock-ahead = this machine's clock is { $span } ahead of the gateway's
doctor-clock-behind = this machine's clock is { $span } behind the gateway's
doctor-clock-advice = Certificates, waits and the times in the journal depend on it: set it, for instance with timedatectl set-ntp true.
doctor-state-ok = Synod can write to { $dir }
doctor-state-no-locks = this file system cannot lock files: put the state directory on a local disk (--state-dir)
doctor-state-advice = Give your user write permission for { $dir }, or choose another directory with --state-dir.
doctor-free-space-left = { $megabytes } MB free for the journal
doctor-free-space-advice = Synod sends nothing if it cannot write the journal: free some space for { $dir }, or choose another directory with --state-dir.
doctor-state-open = other users can read it
doctor-state-mode-advice = Restrict it: chmod 700 { $quoted }
doctor-journal-ok = can be read
doctor-store-encrypted = { $server }: PostgreSQL { $version }, encrypted, answers in { $milliseconds } ms
doctor-store-local = { $server }: PostgreSQL { $version } on this machine, answers in { $milliseconds } ms
doctor-store-clock = { $server }: its clock and this machine’s are { $apart } apart
doctor-store-clock-advice = Set both clocks, for example with NTP. Nothing is sent twice because of this, but times in the journal mislead.
doctor-store-read-only = { $server }: PostgreSQL { $version } is read-only, so nothing can be sent
doctor-store-read-only-advice = Connect to the primary server, or switch default_transaction_read_only off.
doctor-links-ok = kept in the store, encrypted with the key of `[store]`
doctor-links-none = not kept: `[store]` has no `key`, and everyone who can read the store could enter the groups
doctor-links-advice = `synod store key FILE` makes a key. Without kept links, groups that were left cannot be rejoined.
doctor-lock-free = no other Synod is writing now
doctor-lock-held = { $by } is writing, connected since { $since }
doctor-lock-held-by = { $by } is writing
doctor-lock-other = { $by } is writing to an instance that this configuration lacks, connected since { $since }
doctor-lock-other-by = { $by } is writing to an instance that this configuration lacks
doctor-lock-hidden = The server does not show since when others are connected: GRANT pg_read_all_stats to the role of Synod.
doctor-terminal-ok = { $term }
doctor-terminal-none = none here: `synod` without a command needs one, the commands do not
doctor-terminal-dumb = TERM=dumb: set TERM to your terminal's type
doctor-locale-other = this environment does not ask for UTF-8
doctor-locale-advice = Names may be shown wrongly: set LANG to a UTF-8 locale such as C.UTF-8.

# Faults of the journal and of an instance's lock. $file is the file; $why is the system's message, or store-read-only
store-no-directory = the state directory { $file } is not a directory: move that file away, or choose another with --state-dir
store-not-writable = the journal { $file } cannot be written: { $why }. Give your user write permission there, or choose another directory with --state-dir
store-read-only = it is read-only, or its directory is
store-disk-full = the journal { $file } cannot be written: the disk is full, or the file size limit is reached (ulimit -f). Free some space, then start Synod again
store-newer = the journal { $file } was written by a newer Synod (format { $found }; this one supports { $known }): use that version, or choose another directory with --state-dir
store-damaged = the journal { $file } is damaged or not a journal: move it away to start a new one, but keep it: it records all changes that were sent
store-busy = the journal { $file } is held by another program: wait until it has ended, then try again
store-unsafe = the state directory is not used: { $why }
store-no-locks = this file system cannot lock files, so two programs could write the journal { $file } at once: put the state directory on a local disk (--state-dir)
store-conflict = the journal { $file } already has a different event in that place: another Synod writes to the same operation, so let only one continue
store-gone = the journal { $file } was removed or replaced while Synod used it: new entries are lost. Nothing more is sent. Put the file back if you can, then start Synod again and check the operation
store-interrupted = the work on the journal { $file } was interrupted: start Synod again; it reads the recorded events
store-url-invalid = `url` in `[store]` is not an address of a PostgreSQL server: write postgres://USER@HOST/DATABASE
store-url-hosts = `url` in `[store]` must name one host
store-url-unverified = `url` in `[store]` must use sslmode=verify-full; for a server on this machine, sslmode=disable is possible too
store-key-invalid = `key` in `[store]` is not a key that begins with AGE-SECRET-KEY-1: `synod store key FILE` makes one
store-server-unreachable = the store { $server } cannot be reached ({ $why }): check that the server runs and that `url` in `[store]` is right
store-server-password = the store { $server } rejects the user or the password ({ $why }): correct `url` in `[store]`
store-server-no-tls = the store { $server } has no TLS: switch it on at the server (`ssl = on`), because the connection has to be encrypted
store-server-certificate = the certificate of the store { $server } is not accepted ({ $why }): correct the host in `url`, or name the authority with sslrootcert
store-server-no-database = there is no such database at the store { $server } ({ $why }): create it, or correct `url` in `[store]`
store-server-denied = the user may not use the tables of the store { $server } ({ $why }): grant the rights that docs/team.md lists
store-server-newer = the store { $server } was changed by a newer Synod (its format: { $why }): use that version
store-server-read-only = the store { $server } is read-only ({ $why }): connect to the primary server, or switch default_transaction_read_only off
store-server-standby = the store { $server } is a standby that has not taken over: promote it, or connect to the primary server
store-server-full = the store { $server } has no space left ({ $why }): free some on the server
store-server-conflict = another Synod has recorded something at the same position in the store { $server }: run `synod operations` to see the current state
store-server-lost = the connection to the store { $server } was lost ({ $why }): nothing more was sent; run `synod operations` once the server is back
store-server-other = the store { $server } failed: { $why }
lock-held-on-server = another Synod ({ $by }, since { $since }) is using this instance: wait until it ends, or stop it there
lock-held-by-another = another Synod ({ $by }) is using this instance: wait until it ends, or stop it there
lock-number-held = another Synod ({ $by }) is using the number of this instance under another name or address: wait until it ends, or stop it there
lock-number-held-here = the number of this instance is in use under another name or address: wait until that operation ends, or stop it
lock-number-unread = the gateway does not say now which number is connected, so another Synod may be writing to it: nothing was sent; try again when the instance is connected and the gateway answers
lock-lost = the connection that held the lock of this instance was lost
store-other = the journal { $file } could not be used: { $why }. Try again, or choose another directory with --state-dir
journal-broke-at-order = the journal failed while recording the operation: start Synod again; it reads the recorded events
journal-broke-at-reading = the journal failed while an interrupted operation was read: start Synod again
journal-lacks-operation = the store lacks this operation, so it was probably replaced by an older copy: nothing more is sent. Read everything again before you make a plan
journal-other-order = the journal returned a different operation; nothing was sent: start Synod again
journal-no-json = an event could not be written as JSON: { $why }
lock-held = another Synod is using this instance: wait until it ends, or stop it there
lock-held-by = another Synod (process { $process }, since { $since }) is using this instance: wait until it ends, or stop it there
lock-failed = the lock { $file } cannot be taken: { $why }. Nothing is sent without it; give your user write permission there, or choose another directory with --state-dir
lock-unsafe = the lock cannot be taken, and nothing is sent without it: { $why }
lock-no-locks = this file system cannot lock files, so the lock { $file } would protect nothing: put the state directory on a local disk (--state-dir)
lock-gone = the lock { $file } was removed or replaced while Synod held it, so another Synod may be using this instance now. Nothing more is sent; start Synod again when no other one is running
lock-cut-short = the work on it was interrupted
submit-unknown-instance = the engine does not know the instance { $instance }
submit-ending = Synod is closing, so no operation can start
