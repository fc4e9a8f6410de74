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
