# What people read, in English. A message's key is what the program asks for; a translation keeps the keys.

# A group or community whose name shows nothing visible; $tail is the end of its id.
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

# What became of a group, in a word.
outcome-verified = verified
outcome-already-so = already so
outcome-contradicted = contradicted
outcome-refused = refused
outcome-unknown = unknown
outcome-not-sent = not sent
outcome-blocked = blocked

# How many groups ended so.
counted-verified = { $count } verified
counted-already-so = { $count } already so
counted-contradicted = { $count } contradicted
counted-refused = { $count } refused
counted-unknown = { $count } unknown
counted-not-sent = { $count } not sent
counted-blocked = { $count } blocked

# How far a group is, in a word.
state-queued = queued
state-sending = sending
state-accepted = accepted
state-denied = denied
state-silent = no answer
state-checking = checking

# What a group waits for.
remark-again = will be sent once more
remark-next-step = waits for its second step
remark-sending = waiting for the gateway
remark-look-due = a look at the listing is due
remark-checking = checking the listing

# Why a group ended as it did.
item-may-await-approval = the listing does not show it; the community's admins may have to approve it first
item-no-listing = no listing could be read afterwards: { $why }
item-answers-differ = the gateway's answers contradict each other
item-cannot-be-shown = accepted, but no listing of this gateway can show it
item-in-neither = in neither the community nor the list of groups, so nothing can be concluded
item-left-standing = unlinked, but not linked: no answer shows it in a community
item-moved-elsewhere = unlinked; someone else has moved it to { $community }
item-stopped = you stopped before its turn
item-halted = stopped before its turn: { $why }
item-interrupted = Synod ended before its turn
guess-community-full = no reason given; our guess: the community is full
guess-elsewhere-or-not-admin = no reason given; our guess: it is in another community, or the number is not its admin
guess-not-admin-of-community = no reason given; our guess: the number is not an admin of the community
guess-last-subgroup = no reason given; our guess: a community keeps its last group

# Why a row of a plan stands where it stands.
reason-announcements-group = the announcements group stays with its community
reason-is-community = this is a community: leave it by itself in the communities pane
reason-no-call-to-leave-community = this gateway has no call that leaves a community; leave its groups instead
reason-in-other-community = in { $community }: move it instead
reason-moved-elsewhere = moved to { $community } by someone else
reason-listed-twice = the gateway lists it in { $community } too: refresh, then plan again
reason-over-limit = over the limit
reason-over-limit-swap = over the limit; { $key } swaps it in
reason-last-subgroup = a community keeps at least one group
reason-last-subgroup-swap = a community keeps at least one group; { $key } swaps it
reason-last-subgroup-may-be-refused = the last group of the community may be refused
reason-not-admin = the number is not an admin of this group
reason-not-admin-of-community = the number is not an admin of the community; it may become a suggestion to its admins
reason-only-admin = the number is its only admin
reason-in-neither = in neither the community nor the list of groups
reason-in-operation = in operation #{ $operation } already
reason-already-in = already in the community
reason-not-in = not in the community any more
reason-in-no-community = in no known community
reason-not-member = the number is not in it
reason-not-checked = not checked: it may be a community, and leaving one leaves all its groups
reason-probe-failed = it could not be determined whether this is a community: { $why }
reason-kind-unknown = no answer says whether it is an announcements group
reason-may-be-others = the gateway had refused it: somebody else may have done it
reason-no-such-group = the gateway knows no such group
reason-place-unknown = no answer says which community it is in
reason-probe-unreliable = the gateway says it is no community; no known group to check that against
reason-details-failed = its details could not be read: { $why }
reason-source-unread = the listing of its community could not be read: { $why }
reason-target-unread = the listing of the community that it would be linked to could not be read: { $why }
reason-already-member = the number is in it already
reason-no-invite-link = no invite link of it was kept
reason-not-ticked = you did not tick it: { $why }
plan-remark-no-way-back = no invite link: there is no way back
plan-roles-unknown = { $count ->
    [one] Role unknown in { $count } group: where the number is no admin, it is refused.
   *[other] Roles unknown in { $count } groups: where the number is no admin, it is refused.
}
plan-remark-leaves-subgroups = { $count ->
    [0] its groups are left too
    [one] { $count } group of it is left too
   *[other] { $count } groups of it are left too
}

# The parts of a plan.
head-will-do = Will do
head-risky = Risky, sent only when ticked
head-blocked = Blocked, never sent
head-already-so = Already so, nothing to send

# What keeps a plan from running.
obstacle-read-only = Synod was started with --read-only: nothing is sent. Start it without to run this plan.
obstacle-no-target = No community is chosen to link to. Go back and choose one in the left pane.
obstacle-gateway = Nothing can run now: { $why }
obstacle-target-unread = The community's listing could not be read, so nothing could be verified: { $why }

# What is done to how many groups.
task-link = { $count ->
    [one] link { $count } group to { $community }
   *[other] link { $count } groups to { $community }
}
task-unlink = { $count ->
    [one] unlink { $count } group
   *[other] unlink { $count } groups
}
task-move = { $count ->
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
failure-not-connected = the instance is not connected to WhatsApp
failure-banned = WhatsApp has banned this number
failure-forbidden = the number lacks the right
failure-not-found = unknown group, or the number is not in it
failure-not-member = the number is not in the group
failure-rate-limited = the gateway's limit of requests is used up
failure-throttled = WhatsApp asks for fewer requests
failure-refused = the gateway refused
failure-not-a-community = the gateway says that this is not a community
failure-community-full = WhatsApp takes no more groups into this community
failure-limit-reached = WhatsApp has a limit that this community has reached
failure-gateway-error = the gateway reports a fault of its own
failure-server-fault = the server failed
failure-timed-out = no answer came in time
failure-dropped = the connection broke
failure-unreachable = the gateway cannot be reached
failure-unreachable-proxy = the gateway cannot be reached through the proxy { $proxy }
failure-tls = the gateway's certificate was not accepted
failure-proxy-auth = a proxy on the way wants a user and a password (407)
failure-too-long = the answer is longer than any of its kind, and was read no further
failure-not-json = the answer is no JSON, most likely a proxy's page
failure-not-json-status = a proxy or protection page answered with { $status }
failure-empty-answer = the answer is empty
failure-unmentioned = the gateway said nothing about this group
failure-malformed = the answer is not what the gateway documents
failure-redirected = the gateway answered with a redirect, which is never followed
failure-no-listing = the answer is no listing: it lacks the announcements group
failure-unsupported = this gateway has no such call
failure-wrong-request = the gateway says that the request is wrongly made
failure-not-read = it was not read
failure-read-only = Synod was started with --read-only
advice-token = Put the right token where the configuration takes it from, then start Synod again.
advice-instance = Check the instance's name in the configuration; it is case-sensitive.
advice-connect = Connect it in the gateway's panel, then try again.
advice-banned = Stop using this number for bulk work, and look at it in WhatsApp itself.
advice-rights = Check in WhatsApp that the number is in it and is an admin.
advice-wait = An operation goes on by itself; else wait a minute, then try again.
advice-again = Try again; if it stays so, look at the gateway's status.
advice-network = Check the network and base_url in the configuration, then try again.
advice-tls = Check base_url and this machine's clock and CA certificates; ca_file names one of your own.
advice-proxy-auth = Put them into `proxy` in the configuration or into HTTPS_PROXY, as http://user:password@host:port.
advice-proxy = Check `proxy` in the configuration or HTTPS_PROXY, and whether the proxy lets you reach the gateway.
advice-too-long = Check base_url, and what answers there; if it is the gateway, report it.
advice-base-url = Check base_url in the configuration, and any proxy on the way, then try again.
advice-contract = The gateway may have changed: look for a newer Synod, or report it.
advice-unsupported = There is nothing to be done about it here.
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
header-probing = looking for communities { $done }/{ $total }, { $span } left
header-probing-short = asked { $done }/{ $total }, { $span } left
header-probing-paused-short = paused { $done }/{ $total }
header-probing-paused = search paused at { $done }/{ $total }
header-budget = budget { $left }/{ $limit }
header-budget-resets = budget { $left }/{ $limit }, resets in { $span }
header-read-only = read-only
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
pane-capacity-at-least = { $size } of { $limit }
# What was read may lack groups.
pane-incomplete = incomplete
# How old what an earlier run read is, until it is read again.
pane-read = read { $age }
announcements-group = Announcements
communities-reading = Reading which communities there are …
communities-failed = Nothing can be done now: { $why }
communities-failed-again = Nothing can be done now: { $why } Press { $refresh } to read again.
communities-not-connected = Nothing can be done now: { $why } Press { $instances } to connect it from here, or { $refresh } to read again.
communities-none = This number is in no community. Press { $refresh } to read again.
communities-unknown = No community is known yet. This gateway cannot list them: name them in the configuration (communities = ["…@g.us"]), or press { $key } to look for them.
subgroups-reading = Reading the subgroups …
subgroups-none = No group is in this community.
subgroups-failed = The listing could not be read: { $why }
groups-reading = Reading the list of groups …
groups-unread = The list of groups was not read yet.
groups-none = No group here.
groups-hidden = Nothing matches. { $back } shows everything again.
groups-failed = The list of groups could not be read: { $why }

# The operation below.
operation-open = { $count } to go
operation-waiting = { $count ->
    [one] { $count } more operation waits
   *[other] { $count } more operations wait
}
phase-waiting = waits for its turn
phase-left = about { $span } left
phase-paused-for = { $why }, goes on in { $span }
phase-paused-by-you = paused by you, { $key } goes on
phase-stopping = stopping: nothing more is sent
phase-ended = done
pause-operator = paused by you
pause-budget = requests used up
pause-throttled = WhatsApp asks to slow down
pause-in-flight = the last request of another Synod may be in flight
stop-operator = stopped by you
stop-failure = stopped: { $why }
stop-alike = stopped, for the rest would be refused alike: { $why }
stop-community-full = stopped: the community takes no more
stop-journal = stopped: the journal cannot be written
stop-interrupted = interrupted: Synod ended while it ran

# The line at the bottom.
footer-marked = { $count } marked
footer-marked-hidden = { $count } marked, { $hidden } hidden by the filter
footer-only-marked = {"  "}only marked shown
hint-stop = stop
hint-pause = pause
hint-next-pane = groups
hint-filter = filter
hint-mark = mark
hint-range = range
hint-link = link
hint-unlink = unlink
hint-move = move
hint-leave = leave
hint-tick = tick or swap
hint-tick-all = tick all
hint-retry = retry
hint-look-again = look again
hint-undo = undo
hint-resume = resume
hint-open = open
hint-details = its details
hint-export = export
hint-copy-command = copy as command
hint-write-plan = to a file
hint-save = write it
hint-next-form = CSV or JSON
hint-invite-link = invite link
hint-refresh = read again
hint-copy = copy
hint-next-outcome = by outcome
hint-change-target = other community
hint-confirm = do it
hint-skip-checks = skip the rest
hint-confirm-quit = stop and quit
hint-choose = choose
hint-begin = begin or go on
hint-add-community = add
hint-forget-community = forget
hint-connect = QR code
hint-connect-by-number = code by number
hint-reconnect = reconnect
hint-take-text = go on
hint-keep-filter = keep
hint-run = run it
hint-help = help
hint-show-all = show all
hint-back = back

footer-journal = Nothing can be sent: { $why }.

notice-theme = Theme: { $name }
notice-nothing-marked = Nothing is marked here: put the cursor on a group, or mark several with { $key }.
notice-no-community = No community is known to act on.
notice-cannot-mark = The announcements group stays with its community and cannot be marked.
notice-mark-groups = Only groups are marked: { $key } goes to them.
notice-nothing-runs = Nothing runs.
notice-still-runs = It has not ended yet: stop it first, or wait.
notice-nothing-to-retry = Nothing of it may be retried.
notice-nothing-to-look-for = Everything of it is settled.
notice-looking-again = Looking again at #{ $operation }: nothing is sent.
notice-looked-again = Looked again at #{ $operation }: what is settled by now is shown.
notice-nothing-to-undo = Nothing of it can be undone.
notice-nothing-to-resume = It left nothing to go on with, and nothing to join again.
notice-stopping = Stopping after the request in flight. { $key } again leaves Synod.
notice-again-to-quit = { $key } again leaves Synod.
notice-copied = Sent to the terminal's clipboard: { $what }
notice-copied-link = The invite link was sent to the terminal's clipboard. Whoever has it can enter the group.
notice-copied-lines = { $count ->
    [one] Sent { $count } line to the terminal's clipboard.
   *[other] Sent { $count } lines to the terminal's clipboard.
}
notice-copied-command = Sent to the terminal's clipboard; where the terminal ignores that, take it from here.
notice-exported = The operation is in { $file }.
notice-plan-written = The plan is in { $file }: `synod apply { $file }` runs it. Nothing was sent.
notice-nothing-to-write = Nothing can run now, so that there is no plan to write.
notice-only-groups-have-links = A community is entered by its groups: open the details of one for its invite link.
notice-not-submitted = Not started: { $why }
notice-plan-changed = The listing changed since: look at the plan again before you confirm it.
notice-cannot-tick = Only risky rows can be ticked, and only rows that do not fit can be swapped.
notice-nothing-to-send = Nothing of this plan would be sent.
notice-too-fast = That came too fast to be typed, so it did nothing: press it once more.
notice-too-fast-confirm = That came too fast to be typed: press { $key } once more.
notice-too-fast-typed = That came too fast: type the last character once more.
notice-nothing-to-probe = There is no group left of which it is not known what it is.
notice-probed = { $count ->
    [0] No community was found among the groups.
    [one] { $count } community was found.
   *[other] { $count } communities were found.
}
notice-probe-failed = The search ended early: { $why }
notice-not-configured = This instance is not in the configuration: write there what stands below, then start Synod again.
notice-cannot-connect = This gateway has no call for that; connect the instance in the gateway's panel.
notice-read-only = Synod was started with --read-only: nothing is connected. Start it without.
notice-now-connected = { $instance } is connected now.
notice-was-connected = { $instance } is connected already, and was left alone.
notice-cannot-suspend = Not suspended: an operation runs, and would be frozen in the middle.
notice-pasted = { $marked ->
    [0] What was pasted names no group.
    [one] Marked { $marked } group by what was pasted.
   *[other] Marked { $marked } groups by what was pasted.
}
notice-interrupted = #{ $operation } was interrupted: { $counts }. { $open } shows it, { $resume } there goes on with the rest.
notice-ended = #{ $operation } is done: { $counts }

# The plan.
plan-title = Plan: { $task }
plan-count-will = { $count } will be done
plan-count-risky = { $count } risky
plan-count-blocked = { $count } blocked
plan-count-already = { $count } already so
plan-capacity = Room: { $now } of { $limit } now, { $after } after
plan-capacity-at-least = Room: at least { $now } of { $limit } now, { $after } after
plan-costs = { $requests ->
    [one] { $requests } request
   *[other] { $requests } requests
}, about { $span }; each group is verified by a fresh listing
plan-link = Members join the community's announcements group; an unlink takes it back.
plan-unlink = Members leave the community's announcements group; a link takes it back.
plan-move = Each is unlinked, then linked; in between it is in no community.
plan-leave = Leaving cannot be undone from here: coming back needs an invitation.
plan-rejoin = Each is joined by the invite link that was kept; some groups let in only whom an admin agrees to.
plan-leave-community = This takes the number out of its groups too, and cannot be undone from here.
plan-more = … { $count } more below
plan-nothing = Nothing of this would be sent. { $back } goes back.
plan-confirm-key = { $count ->
    [one] Press { $key } to do it, { $back } to go back.
   *[other] Press { $key } to do it for { $count } groups, { $back } to go back.
}
plan-confirm-count = { $count ->
    [one] Type { $count } to leave it, { $back } to go back:
   *[other] Type { $count } to leave them, { $back } to go back:
}
plan-confirm-name = Type “{ $expected }” to leave this community, { $back } to go back:
plan-confirm-tail = Type { $expected }, the end of its id, to leave this community, { $back } to go back:

planning-title = Reading afresh
planning-reading = Reading what the plan needs: { $done } of { $total }
planning-skip = { $key } skips the rest (what is not read is risky), { $back } goes back

# What a read waits for before it goes on; in the planning window (62 cells), in the bottom line, and from commands.
wait-throttled = WhatsApp asks for fewer requests: waiting { $span }
wait-limit = The gateway's limit of requests is used up: waiting { $span }
target-title = { $count ->
    [one] To which community? 1 group
   *[other] To which community? { $count } groups
}
operations-title = Operations of { $instance }
operations-none = No operation yet. Mark groups with { $key }, then link, unlink, move or leave them.
operations-only = only { $outcome }
operation-state-waiting = waits
operation-state-running = runs
operation-state-paused = paused
operation-state-stopping = stopping
operation-state-ended = done
operation-state-stopped = stopped
quit-title = An operation runs
quit-ask = { $count ->
    [one] { $count } group has no result yet.
   *[other] { $count } groups have no result yet.
} Press { $key } to stop after the request in flight and leave; what was not sent stays unsent, and the journal keeps it all. { $back } goes on.

# What is known of one group or community; the labels are at most 16 cells wide.
fact-id = Id
fact-name = Name
fact-as-given = As given
fact-exact = “{ $name }”; shown without what a terminal would obey or nobody can see
fact-members = Members
fact-members-admins = { $members }, { $admins ->
    [0] none of them admin
    [one] { $admins } of them admin
   *[other] { $admins } of them admins
}
fact-of-members = { $count ->
    [one] { $count } member
   *[other] { $count } members
}
fact-role = Your role
fact-community = Community
fact-in-no-community = in no community
fact-kind = Kind
fact-known-from = Known from
fact-description = Description
fact-way-back = Way back
fact-link-kept = an invite link of it is kept, with which it can be joined again
fact-link-not-kept = no invite link of it is kept
fact-invite = Invite link
fact-groups = Groups
fact-capacity = { $size } of { $limit }
fact-capacity-at-least = at least { $size } of { $limit }: only those that the number is in are listed
fact-listing = Listing
fact-listing-read = read { $age }
fact-listing-never = never read
fact-listing-incomplete = It may be incomplete: many groups are missing that were there before, or it ends where gateways cut lists. What it lacks may be there all the same.
fact-details = Details
fact-operation = Operation
fact-outcome = Outcome
fact-change = Change
fact-diagnosis = Most likely
fact-looked = Looked again
fact-unknown = not known
role-member = member
role-admin = admin
role-none = the number is not in it
kind-ordinary = ordinary group
kind-announcements = announcements group, which stays with its community
kind-community = community
known-from-configuration = the configuration
known-from-memory = what was remembered of earlier runs
known-from-listing = a listing of the gateway
known-from-probe = a search for communities
known-from-groups = the list of groups, read { $age }
known-from-community = the listing of { $community }, read { $age }
known-from-journal = the journal alone
invite-hidden = hidden: { $key } asks the gateway for it
invite-reading = asking the gateway for it …
invite-none = the gateway gives none to this number
invite-failed = it could not be read: { $why }
invite-shown = Whoever has it can enter. { $copy } copies it, { $key } puts it away; it is kept nowhere.
details-reading = reading afresh, { $done } of { $total } …
details-read = read afresh; { $key } reads them again
details-failed = they could not be read: { $why } { $key } reads them again.
history-title = In the journal
history-reading = reading the journal …
history-none = no operation
history-failed = The journal could not be read: { $why }

# Writing to a file, and the command line of an operation.
save-plan-title = Write the plan to a file
save-operation-title = Write operation #{ $operation } to a file
save-label = File:
save-csv = As CSV, a line a group. It is written for you alone, and nothing is overwritten.
save-json = As JSON, one event a line. It is written for you alone, and nothing is overwritten.
save-plan = `synod apply` runs it later, if it still holds then. It is written for you alone, and nothing is overwritten.
save-taken = { $file } is there already, and nothing was overwritten: here is another name.
save-failed = It could not be written: { $why }. Choose another name.
save-writing = writing …
command-title = The same as a command

# What of a pasted list could not be marked.
pasted-title = { $marked ->
    [0] Marked nothing of what was pasted
   *[other] Marked { $marked } of what was pasted, { $left } not
}
pasted-unknown = “{ $given }” fits no group
pasted-near = “{ $given }” fits no group; near it are:
pasted-ambiguous = “{ $given }” fits several groups; paste the id of the one that is meant:
pasted-cannot-mark = “{ $given }” is a community or its announcements group; neither can be marked

# What happened to one group of an operation.
timeline-title = What happened
timeline-confirmed = you confirmed the plan
timeline-sending = { $attempt ->
    [1] sent: { $what }
   *[other] sent once more, attempt { $attempt }: { $what }
}
timeline-yes = the gateway said yes; what a listing shows decides
timeline-no = the gateway said no, without a reason
timeline-no-because = the gateway said no: { $why }
timeline-silence = no answer that tells anything
timeline-silence-because = no answer that tells anything: { $why }
timeline-put-back = the gateway took nothing of it, so that it waits for its turn again: { $why }
timeline-shows-wanted = a fresh listing shows what was wanted
timeline-shows-unconfirmed = a listing shows what was wanted; another has to agree
timeline-shows-unwanted = a fresh listing does not show what was wanted
timeline-shows-nothing = no listing could be read
timeline-trying-again = all looks are taken and none shows it: it will be sent once more
timeline-step-verified = the first step is verified, the second waits for its turn
step-link = link to { $community }
step-unlink = unlink from { $community }
step-leave = leave
step-leave-community = leave the community { $community }
step-join = join by the invite link that was kept

# Where a group comes from or goes to, beside an arrow: North Schools → Harbor Clinics; and what else an item changes.
change-none = (no community)
change-join = join again

# Why it most likely failed, and what to do; $retry and $resume are keys.
diagnosis-reading = looking why, { $done } of { $total } read …
diagnosis-gateway = Nothing can be done now: { $why }
diagnosis-cannot-tell = It cannot be told, for what would tell could not be read: { $why }
diagnosis-as-wanted = By now it is as you wanted it: there is nothing more to do.
diagnosis-not-member = The number is not in the group any more. Have it added again, then press { $retry } to retry.
diagnosis-no-such-group = The group no longer exists, or the number is not in it: the gateway does not tell which. Look in WhatsApp; if it is gone there is nothing more to do.
diagnosis-announcements-group = It is an announcements group, which stays with its community: there is nothing to do.
diagnosis-is-community = It is itself a community, and no community can be linked to another. Press { $find } in the panes, so that Synod knows.
diagnosis-no-such-community = The community no longer exists, or the number is not in it. Choose another one, or have the number added again.
diagnosis-in-other-community = It is in { $community }, and a group is in one community at a time. Move it instead.
diagnosis-community-full = The community is full: { $size } of { $limit } groups. Unlink some from it, or choose another community.
diagnosis-not-admin = The number is not an admin of the group. Have an admin of it make the number one, then press { $retry } to retry.
diagnosis-not-admin-of-community = The number is not an admin of the community. Have one of its admins make the number one, then press { $retry } to retry.
diagnosis-not-admin-of-community-waits = The number is not an admin of the community, so that the link may wait as a suggestion. Have one of its admins approve it in WhatsApp, then read again.
diagnosis-may-await-approval = It may wait for one of the community's admins to approve it in WhatsApp; nothing is wrong that can be seen. If nobody finds it there, press { $retry } to retry.
diagnosis-last-subgroup = It is the community's last group, which has to stay. Link another one first.
diagnosis-never-sent = It was not sent, and nothing is wrong that can be seen. Press { $resume } to go on with what was left, or { $retry } to retry.
diagnosis-nothing-wrong = Nothing stands in its way now, as far as can be seen. Press { $retry } to retry.

# The keys.
key-space = Space
help-title = Keys
help-none = No key and no action fits. { $back } shows all of them again.
palette-title = Every action
palette-none = No action is called so. { $back } goes back.
help-section-moving = Moving
help-section-marking = Marking
help-section-acting = Acting
help-section-planning = In a plan
help-section-instances = Instances
help-section-program = Program
help-up-down = up, down
help-page = a page up, down
help-half-page = half a page up, down
help-first-last = to the start, to the end
help-pane = next pane, the one before
help-extend = extend the range
help-filter = filter by words as you type; ~ first: fuzzy
help-toggle-all-groups = right pane: standalone or all groups
help-sort = sort by name, size, role or room
help-mark = mark and step down
help-range = begin a range, or mark it
help-mark-all = mark all that is shown
help-invert-marks = invert the marks of what is shown
help-clear-marks = forget all marks
help-only-marked = show only what is marked
help-link = link to the community chosen on the left
help-unlink = unlink from the community they are in
help-move = move to another community
help-leave = leave; in the left pane: the community itself
help-stop = stop after the request in flight
help-pause = pause, or go on
help-retry = on an operation: retry what may be retried
help-look-again = on an operation: look again, send nothing
help-undo = on an operation: undo what was verified
help-resume = on an operation: go on, or join again
help-open = open the operation, then one group of it
help-details = details of the row
help-invite-link = in a group's details: its invite link
help-export = in the operations: write one to a file
help-copy-command = in the operations: copy the command line for it
help-write-plan = in a plan: write it to a file
help-save = write the file of that name
help-next-form = as CSV or as JSON
help-next-outcome = in an operation: only one outcome, then the next
help-operations = operations and their history
help-refresh = read everything again
help-find-communities = communities: those known, the search for more
help-add-community = there: add one by its id or an invite link
help-forget-community = there: forget one
help-copy = copy the id
help-tick = tick what is risky, or swap what does not fit
help-tick-all = tick all that is risky, or none
help-change-target = choose another community
help-confirm = do it (a leave is typed)
help-skip-checks = skip the checks that are left
help-confirm-quit = stop and leave
help-choose = choose what the cursor is on
help-instances = the instances: state, number, requests, what runs
help-step-instance = next instance, the one before
help-connect = there: connect by a QR code
help-connect-by-number = there: connect by a code for a phone number
help-reconnect = there: reconnect with the session it has
help-take-text = use what is typed
help-keep-filter = keep the filter
help-palette = every action by its name
help-next-theme = show the screen in the next theme
help-run = in the palette: run it
help-help = this help
help-back = back one level
help-repaint = draw the screen again
help-suspend = suspend
help-interrupt = stop what runs; twice: leave Synod
help-quit = leave Synod

# The instances.
instances-title = Instances
instances-shown = { $instance } (shown)
instances-idle = nothing runs
instances-not-configured = not configured
instances-connect = Not connected. { $qr } shows a QR code for the phone, { $number } a code for a phone number; { $session } takes up the session that the gateway has.
instances-no-list = This gateway lists no other instances.
instances-list-unread = The other instances of this token could not be listed: { $why }
instances-how-to = Not in the configuration, so that it cannot be chosen. The token of { $instance } is its account's and serves this one too. Write this into the configuration, then start Synod again:
instances-how-to-short = Not in the configuration. Add an [[instance]] there with gateway = { $gateway }, instance = { $name } and the token of { $instance }, then start Synod again.
instances-token-line = token = the same as that of { $instance }

# The communities, and the search for more.
finding-title = Communities of { $instance }
finding-lists = This gateway lists its communities: { $key } reads the list again. One that it leaves out can be added by its id.
finding-unread = The list of groups was not read yet, so that nothing can be asked.
finding-known = Of every group it is known whether it is a community.
finding-offer = { $count ->
    [one] { $count } group might be a community. Asking
   *[other] { $count } groups might be communities. Asking them
} takes { $requests ->
    [one] { $requests } request
   *[other] { $requests } requests
}, about { $span }. { $key } begins; it goes on when this window is closed.
finding-running = { $asked } of { $total ->
    [one] { $total } group
   *[other] { $total } groups
} asked, { $found } found, about { $span } left
finding-paused = Paused: { $asked } of { $total ->
    [one] { $total } group
   *[other] { $total } groups
} asked, { $found } found. { $key } goes on; that takes { $requests ->
    [one] { $requests } request
   *[other] { $requests } requests
}, about { $span }.
finding-failed = { $count } gave no answer
finding-now = Asked now: { $group }
finding-control = Asked first: { $community }, which is known, for an answer counts only while it is listed
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
finding-add = Id or invite link:
finding-add-id = Id:
finding-checking = Reading its listing …
finding-added = { $community } is a community and is known now.
finding-was-known = { $community } is known already.
finding-not-added = No community of this number: { $why }. Give an id, as { $copy } copies it, or an invite link.
finding-not-added-id = No community of this number: { $why }. Give an id, as { $copy } copies it.
finding-not-read = Not added, for it could not be checked: { $why }
finding-forgotten = { $community } is forgotten.
finding-forgotten-configured = { $community } is forgotten until Synod starts again, for the configuration names it.
finding-forgotten-listed = { $community } is forgotten until everything is read again, for the gateway lists it.

# Connecting an instance.
connect-title = Connect { $instance }
connect-asking = Asking the gateway. It is read first whether the instance is connected; a code may take a minute.
connect-qr = On the phone: WhatsApp, Linked devices, Link a device, and hold the camera to this.
connect-lasts = Good for { $span } more; then another is asked for.
connect-no-room = The QR code needs { $columns }×{ $rows } cells, and there are { $wide }×{ $high }: make the terminal larger or its letters smaller, or press { $key } for a code that is typed on the phone.
connect-picture = The gateway gave its QR code as a picture, which a terminal cannot show. Press { $key } for a code that is typed on the phone, or connect it in the gateway's panel.
connect-code = Type this on the phone: WhatsApp, Linked devices, Link a device, Link with phone number instead.
connect-on-its-way = The gateway takes up the session that it has.
connect-taken-up = The phone took it up. Waiting for the instance to be connected …
connect-unused = Nobody used what was offered, and nothing more is asked for by itself. { $key } asks again.
connect-failed = It could not be connected: { $why }
connect-number = The number that is to be connected, in digits with its country:
connect-number-wrong = A number has 7 to 15 digits, its country first, without + and blanks.
connect-number-what = The gateway gives a code that is typed on the phone of this number.
connect-seen = Looked just now: { $state }
connect-unseen = It could not be looked at: { $why }
connect-closes = The code is a secret: who reads it can connect a phone of theirs. { $back } forgets it.

# The configuration: what is wrong with it. No value of the file is put in, for any may be a secret.
config-begin =
    To look around without one, run `synod demo`: it needs no gateway and no configuration.
    To write one, begin with this, and set RYZE_TOKEN to the instance's token:

    { $example }

    Then `synod doctor` says whether it works.
config-none =
    There is no configuration yet: { $path } does not exist.

    { $begin }
config-missing =
    The configuration file { $path } does not exist. Check --config and SYNOD_CONFIG, or write the file.

    { $begin }
config-no-instances =
    The configuration file { $path } names no instance.

    { $begin }
config-unreadable = The configuration file { $path } cannot be read: { $why }. Check its owner and its mode.
config-too-long = The file { $path } is longer than 1 MiB, so that it is no configuration and no theme. Name another file.
config-no-text = The file { $path } is no text in UTF-8, so that it is no configuration and no theme. Name another file, or write it anew.
config-no-file = { $path } is no regular file, so that it is no configuration and no theme. Name another file.
config-unsafe = The configuration is not used: { $why }
config-theme-unreadable = The theme file { $path } cannot be read: { $why }. Write it as docs/themes.md shows, or name another theme under [ui] in the configuration.
config-no-home = The home folder is not known: neither HOME nor { $variable } is set. Set one of them, or give { $flag } with a path.
config-problem =
    { $path }, line { $line }: { $what }
    For example: { $example }
config-twice = This key or table stands here for the second time; each may stand once.
config-no-toml = This line cannot be read as TOML. Texts need quotes on both sides, lists square brackets, and each line one key, an equals sign and a value.
config-unknown-key = This key is not known in { $place ->
    [file] the file
    [theme] a theme
    [style] a style
   *[other] { $place }
}. Known are: { $known }.
config-unknown-key-near = This key is not known in { $place ->
    [file] the file
    [theme] a theme
    [style] a style
   *[other] { $place }
}; `{ $near }` was probably meant. Known are: { $known }.
config-key-missing = `{ $key }` is missing here.
config-text = `{ $key }` must be a text in quotes.
config-table = `{ $key }` must be a table.
config-list = `{ $key }` must be a list in square brackets.
config-switch = `{ $key }` must be true or false, without quotes.
config-count = `{ $key }` must be a whole number from { $least } to { $most }.
config-share = `{ $key }` must be a number from 0 to 1.
config-span = `{ $key }` must be a span of time: a whole number with ms, s, m or h, in quotes, and at most a day.
config-no-such-value = `{ $key }` has no such value. Known are: { $known }.
config-path = `{ $key }` must hold a path.
config-instance-head = An instance begins with its head in double brackets.
config-same-name = The instance of line { $other } has this name already; each needs one of its own, and letter case does not tell them apart.
config-name = `name` must hold 1 to 40 visible characters, without spaces at its ends.
config-instance = `instance` must hold the instance's name on the gateway: no slashes, no spaces at its ends.
config-client-token = `client_token` belongs to Z-API; this gateway has none. Take the line out.
config-communities = `communities` must hold ids as texts in quotes.
config-proxy = `proxy` must be a URL that begins with http:// or https://.
config-proxy-password = `proxy` holds a password, but others than you can read this file. Make it yours alone with: chmod 600 { $quoted } - or set HTTPS_PROXY instead.
config-url-scheme = A base URL must begin with https://.
config-url-plain = Plain http would send the token readable over the network; it is allowed to this machine alone. Use https://.
config-url-user = A base URL must not hold a user name or a password.
config-url-query = A base URL must not hold a query or a fragment.
config-url-host = The base URL's host or port is not one.
config-url-path = A base URL must hold plain visible characters, without .. in its path.
config-read-back = `read_back` must hold 1 to 20 times, each later than the last.
config-timeout = A time-out must be longer than nothing.
config-throttle = The first pause must be longer than nothing, and not longer than the longest.
config-key-binding = A key must be a text in quotes, or a list of such.
config-secret = `{ $key }` must be a table with one of the keys env, file and command.
config-secret-open = `{ $key }` is written here, but others than you can read this file. Make it yours alone with: chmod 600 { $quoted } - or take the secret from elsewhere.
config-secret-strange = `{ $key }` is empty, or holds white space or other signs that no token has.
config-secret-env = `env` must hold the name of an environment variable, not the secret itself.
config-secret-command = `command` must be a list of texts: the program, then its arguments.

# Why a file is not used; each follows a colon. A command stands at the end, so that it can be copied.
file-system = { $why }
file-not-regular = it is no regular file, but a folder, a pipe or a device
file-too-long = it is longer than { $most }
file-no-text = it is no text in UTF-8
file-link = { $path } is a symbolic link, which is not followed here: see where it leads, then remove it: rm { $quoted }
file-hard-links = { $path } has another name (a hard link), so writing to it could change another file: find out which, then remove this name: rm { $quoted }
trust-owner = { $path } belongs to another user (number { $owner }): run Synod as that user, or look into it and make it yours as root: chown { $user } { $quoted }
trust-file = others than you can write { $path }: look into it, then run: chmod go-w { $quoted }
trust-file-root = others than root can write { $path }: look into it, then run as root: chmod go-w { $quoted }
trust-folder = others than you can replace what is in { $path }: look into it, then run: chmod go-w { $quoted }
trust-folder-root = others than root can replace what is in { $path }: look into it, then run as root: chmod go-w { $quoted }

# Where a secret comes from, as the beginning of a sentence; then why it cannot be had.
secret-from-variable = The environment variable { $name }
secret-from-some-variable = The environment variable that the configuration names
secret-from-file = The file { $path }
secret-from-command = The command { $program }
secret-from-text = The text in the configuration file
secret-not-set = { $from } is not set. Set it where Synod is started, with `export`.
secret-unreadable = The file { $path } cannot be read: { $why }. Check its path, its owner and its mode.
secret-no-file = { $path } is not a file. Name the file that holds the secret.
secret-not-private = The file { $path } can be read by others. Make it yours alone: chmod 600 { $quoted }
secret-not-run = { $from } cannot be run: { $why }. Check that it is installed and on the PATH.
secret-failed = { $from } failed ({ $status }). Run it by hand to see why.
secret-too-slow = { $from } did not end within 30 seconds and was stopped. It may have waited for an answer: run it by hand.
secret-empty = { $from } holds nothing. Put the secret there.
secret-no-token = { $from } holds white space, or characters that no token has. It must hold the secret alone, on one line.
secret-too-long = { $from } holds more than 4 KiB, which no token has. Put the secret alone there.
secret-failed-saying = { $from } failed ({ $status }): “{ $words }”. Run it by hand to see more.

# What keeps an instance from being opened.
instance-unread = instance “{ $name }”: { $key } cannot be read: { $why }
instance-unopened = instance “{ $name }”: { $why }
open-token = `{ $key }` must be printable text without line breaks, and not empty.
open-instance = The instance's name is empty.
open-ca-file = The certificates in { $path } cannot be read: { $why }. Check ca_file.
open-ca-unsafe = ca_file is not used: { $why }
open-no-certificates = { $path } holds no certificate in PEM form. Check ca_file.
open-proxy = The proxy's URL cannot be used. Check proxy in the configuration.
open-proxy-variable = { $name } does not contain the URL of a proxy that Synod can use. It must look like http://host:port.
open-tls = No certificates of authorities were found: install the system's (ca-certificates), or set ca_file.
community-id = “{ $given }” is no community's id on { $gateway }: { $why }. An id there looks like { $example }.
community-id-ending = it does not end in @g.us
community-id-digits = it holds more than digits
id-empty = an id cannot be empty
id-too-long = an id has at most 128 characters
id-character = an id holds only letters, digits and . _ : @ - characters

# Keys of the configuration that cannot be used; the terminal; the log.
key-no-action = No action is called “{ $action }”; docs/keys.md has the names.
key-no-key = “{ $key }” is no key; keys are written as x, X, ctrl-x, space, f5, shift-up.
key-twice = “{ $key }” stands there twice.
key-unsent = “{ $key }” never arrives: terminals send it as another key or not at all; choose another.
key-taken = “{ $key }” means “{ $other }” already, so that “{ $action }” could not be reached by it.
key-typed = “{ $key }” is typed into a field where “{ $action }” is wanted; choose one that is no letter.
terminal-none = standard input and output are not a terminal
terminal-dumb = the terminal cannot place text (TERM=dumb)
log-level = The log level must be one of off, error, warn, info, debug and trace.
log-file = The log file { $path } cannot be opened: { $why }. Leave out --log-level, or choose another directory with --state-dir.
log-unsafe = Nothing can be logged: { $why }
log-taken = The log cannot be started: { $why }.

# The command line.
terminal-unusable = this command needs a terminal: { $why }. Run it in one, or use a command that needs none, such as synod simulate; synod --help lists them.
quit-waiting = waiting for the request in flight to end, so that its result is on record …
simulate-listening = The simulated gateway listens on { $address }. Its instances, as a configuration:
simulate-cannot-listen = cannot listen on { $address }: { $why }. Choose another address with --listen.
simulate-remote = { $address } can be reached from other machines. Listen on 127.0.0.1, or add --allow-remote, which serves with random tokens.
cli-no-language = No language is called “{ $given }”. There are: { $known }.
cli-which-instance = The configuration has several instances: say which with --instance. They are: { $names }.
cli-no-instance = No instance of the configuration is called “{ $name }”. There are: { $names }.
cli-list-community = --community goes with `synod list groups` alone.
cli-listing-unread = The community's listing could not be read: { $why }
cli-is-community = community
cli-announcements-of = announcements of { $community }
cli-no-groups = No group was named. Name groups by id or name, or give a file of them with --groups-from.
cli-type-groups = Reading groups from the terminal, one a line; Ctrl-D ends.
cli-groups-unreadable = The groups cannot be read from { $what }: { $why }. Give a text file with one group a line.
cli-group-too-long = Entry { $position } of the groups is too long for a name ({ $bytes } bytes): “{ $begin }…”. Name one group an entry, by its id, name or invite link.
cli-more-unknown = { $count ->
    [one] And { $count } more that nothing was found for.
   *[other] And { $count } more that nothing was found for.
}
cli-cut-short = The reading was cut short: try again.
cli-unknown-group = No group is called “{ $given }”. `synod list groups` shows them all.
cli-unknown-community = No community is called “{ $given }”. `synod list communities` shows those that are known; name another by its id.
cli-unknown-near = Did you mean one of these?
cli-invite-unsupported = Number { $position } of the groups is no group's name; it looks like an invite link or its code, and this gateway cannot tell whose it is. Name the group by its id or name.
cli-invite-unfollowed = Number { $position } of the groups is no group's name, and as an invite link or its code it leads to no group: { $why }. Ask an admin for a new one, or name the group by its id or name.
cli-invite-of-community = A community is named by its id or name, not by an invite link: `synod list communities` shows them.
cli-ambiguous = “{ $given }” fits { $count } of them: say which by its id.
cli-candidate-in = { $candidate }  (in { $community })
cli-candidate-members = { $candidate }, { $count ->
    [one] { $count } member
   *[other] { $count } members
}
cli-on-line = Line { $line }: { $words }
cli-not-in-source = These are not in { $community }, where --from says that they are:
cli-read-only = Nothing was sent: --read-only refuses every change. Leave it out, or look at the plan with --dry-run.
cli-needs-yes = Nothing was sent: nobody can be asked here. Add --yes to run the plan without asking, or --dry-run to look at it.
cli-json-needs-yes = Nothing was sent: --json asks nothing. Add --yes to run the plan, or --dry-run to look at it.
cli-needs-count = Nothing was sent: leaving with --yes also needs --count with the number of groups that the plan leaves. --dry-run shows the plan.
cli-count-differs = Nothing was sent: --count says { $given }, but the plan would send { $sent }. Look at it with --dry-run.
cli-not-confirmed = Not confirmed: nothing was sent.
cli-interrupted = Interrupted: nothing was sent.
cli-nothing-sent = Nothing of this is sent.
cli-stopping = Stopping after the request in flight; looks go on. Ctrl-C again ends at once, and the journal keeps what was in flight.
cli-ask = { $count ->
    [one] Do it? y or n:
   *[other] Do it for { $count } groups? y or n:
}
cli-ask-count = { $count ->
    [one] Type { $count } to leave it, anything else to end:
   *[other] Type { $count } to leave them, anything else to end:
}
cli-ask-name = Type “{ $expected }” to leave this community, anything else to end:
cli-ask-tail = Type { $expected }, the end of its id, to leave this community, anything else to end:
cli-operation-unended = #{ $operation } was left before its end: { $counts }. `synod operations show { $operation }` shows what is on record.
cli-plan-written = The plan is in { $file }: `synod apply` runs it. Nothing was sent.
cli-plan-unwritable = The plan cannot be written to { $file }: { $why }. Choose another file with --plan; nothing was sent.
cli-plan-unreadable = The plan { $file } cannot be read: { $why }. Give a file that --plan wrote.
cli-plan-none = { $file } is no plan: give a file that --plan wrote.
cli-plan-version = The plan { $file } was written by another version of Synod: make it again with --plan.
cli-plan-damaged = The plan { $file } is damaged near line { $line }: make it again with --plan.
cli-plan-other-instance = The plan was made for another instance than “{ $name }” of this configuration: use the configuration that it was made with, or make it again.
cli-plan-changed = Nothing was sent: what the plan rests on changed since it was made. Make it again, and look at it:
cli-plan-change = { $name }: { $before } when the plan was made; now: { $now }
cli-no-operation = The journal has no operation { $number } of these instances: `synod operations list` shows them.
cli-undo-loses = { $count ->
    [one] { $count } group of it cannot be brought back by this: `synod operations show` tells which.
   *[other] { $count } groups of it cannot be brought back by this: `synod operations show` tells which.
}
cli-nothing-again = There is nothing to be done again: `synod operations list` shows what was done.
cli-nothing-of-it = Nothing of operation { $number } can be done like this: `synod operations show { $number }` shows its outcomes.
cli-nothing-to-resume-settled = Nothing is left of operation { $number }: it stopped early, but reading showed that all its groups are settled. `synod operations show { $number }` shows them.
cli-nothing-to-resume-complete = Nothing is left of operation { $number }: it ran to its end. `synod operations show { $number }` shows its outcomes.
cli-nothing-while-running = Operation { $number } has not ended yet: `synod operations show { $number }` shows how far it is.
cli-nothing-to-look-for = Everything of operation #{ $number } is settled already.
cli-unended = not ended: { $counts }
cli-pruned = { $count ->
    [0] No operation is that old.
    [one] Removed { $count } operation.
   *[other] Removed { $count } operations.
}
cli-ask-prune = { $count ->
    [one] Remove { $count } operation from the journal, with all that it tells and the invite links that it kept? y or n:
   *[other] Remove { $count } operations from the journal, with all that they tell and the invite links that they kept? y or n:
}
cli-forgot-links = { $count ->
    [0] No invite link is kept.
    [one] Forgot { $count } invite link.
   *[other] Forgot { $count } invite links.
}
cli-ask-forget-links = { $count ->
    [one] Forget { $count } invite link? Its group cannot be rejoined then. y or n:
   *[other] Forget { $count } invite links? Their groups cannot be rejoined then. y or n:
}
cli-man-unwritable = The manual pages cannot be written to { $dir }: { $why }. Choose another directory with --dir.

# The check-up: what is looked at, and what is found.
doctor-program = program
doctor-configuration = configuration
doctor-config-mode = its mode
doctor-instance = instance
doctor-reachable = reachable
doctor-tls = encryption
doctor-token = token
doctor-connection = connection
doctor-budget = requests
doctor-phone = phone
doctor-free-space = free space
doctor-clock = clock
doctor-state-dir = state directory
doctor-journal = journal
doctor-terminal = terminal
doctor-locale = letters
doctor-config-advice = Mend it, then run synod doctor again.
doctor-config-ok = { $count ->
    [one] { $file } names { $count } instance
   *[other] { $file } names { $count } instances
}
doctor-mode-private = nobody else can read it
doctor-mode-open = others can read it, which is well as long as no secret stands in it
doctor-mode-advice = To make it yours alone: chmod 600 { $quoted }
doctor-instance-advice = Mend it in the configuration, then run synod doctor again.
doctor-reachable-ok = the gateway answers
doctor-tls-ok = the gateway's certificate is accepted
doctor-tls-loopback = plain http, on this machine alone
doctor-token-ok = the gateway accepts it
doctor-budget-unknown = the gateway does not say how many are left
doctor-budget-advice = Other programs may use this token too; wait for the reset before much is sent.
doctor-phone-online = online, says the gateway
doctor-phone-offline = offline, says the gateway, though the number is connected
doctor-phone-advice = Changes may fail or come late: see that the phone is on and has a network.
doctor-clock-unknown = not compared: the gateway's answer bore no time; see that this machine's is right
doctor-clock-ok = within a minute of the gateway's
doctor-clock-ahead = this machine's clock is { $span } ahead of the gateway's
doctor-clock-behind = this machine's clock is { $span } behind the gateway's
doctor-clock-advice = Certificates, waits and the times in the journal go by it: set it, for instance with timedatectl set-ntp true.
doctor-state-ok = { $dir } can be written
doctor-state-advice = Give yourself the right to write in { $dir }, or choose another with --state-dir.
doctor-free-space-left = { $megabytes } MB where the journal is
doctor-free-space-advice = Nothing is sent once the journal cannot be written: make room for { $dir }, or choose another with --state-dir.
doctor-state-open = others can look into it
doctor-state-mode-advice = Make it yours alone: chmod 700 { $quoted }
doctor-journal-ok = can be read
doctor-terminal-ok = { $term }
doctor-terminal-none = none here: `synod` by itself needs one, the commands do not
doctor-terminal-dumb = it says that it can draw nothing: set TERM to what it is
doctor-locale-other = this environment does not ask for UTF-8
doctor-locale-advice = Names may show wrongly: set LANG to a UTF-8 locale such as C.UTF-8.

# What goes wrong with the journal and the lock of an instance. $file is the file; $why the words of the system, or store-read-only
store-no-directory = the state directory { $file } is not a directory: move what stands there away, or choose another with --state-dir
store-not-writable = the journal { $file } cannot be written: { $why }. Give yourself the right to write there, or choose another directory with --state-dir
store-read-only = it is read-only, or its directory is
store-disk-full = the journal { $file } cannot be written: the disk is full, or a file may not grow further (ulimit -f). Make room, then start Synod again
store-newer = the journal { $file } was written by a newer Synod (format { $found }, this one knows { $known }): use that version, or choose another directory with --state-dir
store-damaged = the journal { $file } is damaged, or no journal: move it away to begin a new one, and keep it, for it tells what was sent
store-busy = the journal { $file } is held by another program: wait until it has ended, then try again
store-unsafe = the state directory is not used: { $why }
store-no-locks = this file system cannot lock files, so that the journal { $file } could be written by two at once: put the state directory on a local disk (--state-dir)
store-conflict = the journal { $file } already holds another event in that place: another Synod writes to the same operation, so let only one go on
store-gone = the journal { $file } was removed or replaced while Synod used it: what is written to it is lost. Nothing more is sent. Put the file back if you can, then start Synod again and look at what was done
store-interrupted = the work on the journal { $file } was cut short: start Synod again, it reads what was recorded
store-other = the journal { $file } could not be used: { $why }. Try again, or choose another directory with --state-dir
journal-broke-at-order = the journal broke down while it took the order: start Synod again, it reads what was recorded
journal-broke-at-reading = the journal broke down while what was interrupted was read: start Synod again
journal-other-order = the journal gave back something else than the order, and nothing was sent: start Synod again
journal-no-json = an event could not be written as JSON: { $why }
claim-held = another Synod writes to this instance: wait until it has ended, or stop it there
claim-held-by = another Synod (process { $process }, since { $since }) writes to this instance: wait until it has ended, or stop it there
claim-failed = the lock { $file } cannot be taken: { $why }. Nothing is sent without it; give yourself the right to write there, or choose another directory with --state-dir
claim-unsafe = the lock is not taken, and nothing is sent without it: { $why }
claim-no-locks = this file system cannot lock files, so the lock { $file } would keep nobody out: put the state directory on a local disk (--state-dir)
claim-gone = the lock { $file } was removed or replaced while Synod held it, so another Synod may write to this instance now. Nothing more is sent; start Synod again when no other one runs
claim-cut-short = the work on it was cut short
submit-unknown-instance = the instance { $instance } is not known to the engine
submit-ending = Synod is ending, so that no operation can be started
