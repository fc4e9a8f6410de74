# Lo que lee la gente, en español. Las claves son las de en.ftl, y las variables también.
#
# Una palabra para cada cosa (la tabla en inglés está en docs/operations.md):
#   gateway              gateway                 link, unlink          vincular, desvincular
#   instance             instancia               move, leave           mover, salir
#   community            comunidad               rejoin                volver a entrar
#   subgroup             subgrupo                mark / tick           marcar / incluir
#   announcements group  grupo de avisos         plan                  plan
#   standalone group     grupo suelto            operation, item       operación, elemento
#   invite link          enlace de invitación    outcome, journal      resultado, registro
#   admin                administrador           listing               listado
#   budget               cupo                    verified              verificado
#   contradicted         desmentido              already so            ya estaba
#   refused              rechazado               unknown               desconocido

# Un grupo o comunidad cuyo nombre no muestra nada; $tail es el final del id.
name-none = (sin nombre) …{ $tail }

# Lapsos de tiempo, con dos unidades como máximo.
span-milliseconds = { $count } ms
span-seconds = { $count } s
span-minutes = { $count } min
span-minutes-seconds = { $minutes } min { $seconds } s
span-hours = { $count } h
span-hours-minutes = { $hours } h { $minutes } min
span-days = { $count } d
span-days-hours = { $days } d { $hours } h

# Hace cuánto; $span es un lapso de tiempo.
age-now = ahora mismo
age = hace { $span }

# Qué fue de un grupo, en una palabra.
outcome-verified = verificado
outcome-already-so = ya estaba
outcome-contradicted = desmentido
outcome-refused = rechazado
outcome-unknown = desconocido
outcome-not-sent = no enviado
outcome-blocked = bloqueado

# Cuántos grupos terminaron así.
counted-verified = { $count ->
    [one] { $count } verificado
   *[other] { $count } verificados
}
counted-already-so = { $count ->
    [one] { $count } ya estaba
   *[other] { $count } ya estaban
}
counted-contradicted = { $count ->
    [one] { $count } desmentido
   *[other] { $count } desmentidos
}
counted-refused = { $count ->
    [one] { $count } rechazado
   *[other] { $count } rechazados
}
counted-unknown = { $count ->
    [one] { $count } desconocido
   *[other] { $count } desconocidos
}
counted-not-sent = { $count ->
    [one] { $count } no enviado
   *[other] { $count } no enviados
}
counted-blocked = { $count ->
    [one] { $count } bloqueado
   *[other] { $count } bloqueados
}

# Hasta dónde llegó un grupo, en una palabra.
state-queued = en cola
state-sending = enviando
state-accepted = aceptado
state-denied = denegado
state-silent = no responde
state-checking = comprobando

# Qué espera un grupo.
remark-again = se enviará una vez más
remark-next-step = espera su segundo paso
remark-sending = esperando al gateway
remark-look-due = falta mirar el listado
remark-checking = comprobando el listado

# Por qué un grupo terminó como terminó.
item-may-await-approval = el listado no lo muestra; quizá los administradores de la comunidad deban aprobarlo antes
item-no-listing = después no se pudo leer ningún listado: { $why }
item-answers-differ = las respuestas del gateway se contradicen
item-cannot-be-shown = aceptado, pero ningún listado de este gateway puede mostrarlo
item-in-neither = ni en la comunidad ni en la lista de grupos, así que no se puede concluir nada
item-left-standing = desvinculado, pero no vinculado: ninguna respuesta lo muestra en una comunidad
item-moved-elsewhere = desvinculado; otra persona lo movió a { $community }
item-stopped = usted paró antes de su turno
item-halted = parado antes de su turno: { $why }
item-interrupted = Synod terminó antes de su turno
guess-community-full = no dan motivo; lo que creemos: la comunidad está llena
guess-elsewhere-or-not-admin = no dan motivo; lo que creemos: está en otra comunidad, o el número no es su administrador
guess-not-admin-of-community = no dan motivo; lo que creemos: el número no es administrador de la comunidad
guess-last-subgroup = no dan motivo; lo que creemos: una comunidad conserva su último grupo

# Por qué una fila del plan está donde está.
reason-announcements-group = el grupo de avisos se queda con su comunidad
reason-is-community = esto es una comunidad: salga de ella sola, en el panel de comunidades
reason-no-call-to-leave-community = este gateway no puede salir de una comunidad; salga de sus grupos
reason-in-other-community = en { $community }: use mover
reason-moved-elsewhere = otra persona lo movió a { $community }
reason-listed-twice = el gateway lo lista también en { $community }: actualice y planifique de nuevo
reason-over-limit = pasa del límite
reason-over-limit-swap = pasa del límite; { $key } lo cambia
reason-last-subgroup = una comunidad conserva al menos un grupo
reason-last-subgroup-swap = una comunidad conserva al menos un grupo; { $key } deja que quede otro
reason-last-subgroup-may-be-refused = el último grupo de la comunidad puede ser rechazado
reason-not-admin = el número no es administrador de este grupo
reason-not-admin-of-community = el número no es administrador de la comunidad; puede quedar como sugerencia a sus administradores
reason-only-admin = el número es su único administrador
reason-in-neither = ni en la comunidad ni en la lista de grupos
reason-in-operation = ya está en la operación #{ $operation }
reason-already-in = ya está en la comunidad
reason-not-in = ya no está en la comunidad
reason-in-no-community = en ninguna comunidad conocida
reason-not-member = el número no está en él
reason-not-checked = sin comprobar: puede ser una comunidad, y salir de una es salir de todos sus grupos
reason-probe-failed = no se pudo saber si es una comunidad: { $why }
reason-kind-unknown = ninguna respuesta dice si es un grupo de avisos
reason-may-be-others = el gateway lo había rechazado: quizá lo hizo otra persona
reason-no-such-group = el gateway no conoce ese grupo
reason-place-unknown = ninguna respuesta dice en qué comunidad está
reason-probe-unreliable = el gateway dice que no es comunidad; ningún grupo conocido para comprobarlo
reason-details-failed = no se pudieron leer sus detalles: { $why }
reason-source-unread = no se pudo leer el listado de su comunidad: { $why }
reason-target-unread = no se pudo leer el listado de la comunidad de destino: { $why }
reason-already-member = el número ya está en él
reason-no-invite-link = no se guardó ningún enlace de invitación suyo
reason-not-ticked = no lo incluyó usted: { $why }
plan-remark-no-way-back = sin enlace de invitación: no hay vuelta
plan-roles-unknown = { $count ->
    [one] Rol desconocido en { $count } grupo: sin ser administrador, se rechaza.
   *[other] Rol desconocido en { $count } grupos: sin ser administrador, se rechaza.
}
plan-remark-leaves-subgroups = { $count ->
    [0] sale también de sus grupos
    [one] sale también de { $count } grupo suyo
   *[other] sale también de { $count } grupos suyos
}

# Las partes de un plan.
head-will-do = Por hacer
head-risky = Arriesgado: solo va si usted lo incluye
head-blocked = Bloqueado: nunca se envía
head-already-so = Ya estaba: nada que enviar

# Qué impide ejecutar un plan.
obstacle-read-only = Synod se inició con --read-only: no se envía nada. Inícielo sin eso para ejecutar este plan.
obstacle-no-target = No hay comunidad elegida a la que vincular. Vuelva y elija una en el panel izquierdo.
obstacle-gateway = Ahora no se puede ejecutar nada: { $why }
obstacle-target-unread = No se pudo leer el listado de la comunidad, así que nada podría verificarse: { $why }

# Qué se hace con cuántos grupos.
task-link = { $count ->
    [one] vincular { $count } grupo a { $community }
   *[other] vincular { $count } grupos a { $community }
}
task-unlink = { $count ->
    [one] desvincular { $count } grupo
   *[other] desvincular { $count } grupos
}
task-move = { $count ->
    [one] mover { $count } grupo a { $community }
   *[other] mover { $count } grupos a { $community }
}
task-leave = { $count ->
    [one] salir de { $count } grupo
   *[other] salir de { $count } grupos
}
task-rejoin = { $count ->
    [one] volver a entrar en { $count } grupo
   *[other] volver a entrar en { $count } grupos
}
task-leave-community = salir de la comunidad { $community }

# Fallos: qué pasó, y qué hacer.
failure-words = { $kind } («{ $words }»)
failure-advice = { $failure }. { $advice }
failure-token-refused = el gateway no acepta el token
failure-unknown-instance = el gateway no conoce esta instancia
failure-not-connected = la instancia no está conectada a WhatsApp
failure-banned = WhatsApp ha vetado este número
failure-forbidden = el número no tiene permiso
failure-not-found = grupo desconocido, o el número no está en él
failure-not-member = el número no está en el grupo
failure-rate-limited = se agotó el límite de solicitudes del gateway
failure-throttled = WhatsApp pide menos solicitudes
failure-refused = el gateway lo rechazó
failure-not-a-community = el gateway dice que esto no es una comunidad
failure-community-full = WhatsApp no admite más grupos en esta comunidad
failure-limit-reached = esta comunidad alcanzó un límite de WhatsApp
failure-gateway-error = el gateway informa de un fallo propio
failure-server-fault = el servidor falló
failure-timed-out = no llegó respuesta a tiempo
failure-dropped = se cortó la conexión
failure-unreachable = no se puede llegar al gateway
failure-unreachable-proxy = no se puede llegar al gateway por el proxy { $proxy }
failure-tls = no se aceptó el certificado del gateway
failure-proxy-auth = un proxy en el camino pide usuario y contraseña (407)
failure-too-long = la respuesta es más larga que cualquiera de su tipo y no se leyó más
failure-not-json = la respuesta no es JSON; será la página de un proxy
failure-not-json-status = una página de proxy o de protección respondió con { $status }
failure-empty-answer = la respuesta está vacía
failure-unmentioned = el gateway no dijo nada de este grupo
failure-malformed = la respuesta no es la que el gateway documenta
failure-redirected = el gateway respondió con una redirección, que nunca se sigue
failure-no-listing = la respuesta no es un listado: le falta el grupo de avisos
failure-unsupported = este gateway no tiene esa llamada
failure-wrong-request = el gateway dice que la solicitud está mal hecha
failure-not-read = no se leyó
failure-read-only = Synod se inició con --read-only
advice-token = Ponga el token correcto donde la configuración lo busca y vuelva a iniciar Synod.
advice-instance = Revise el nombre de la instancia en la configuración; distingue mayúsculas y minúsculas.
advice-connect = Conéctela en el panel del gateway y vuelva a intentarlo.
advice-banned = Deje de usar este número para trabajo masivo y mírelo en el propio WhatsApp.
advice-rights = Compruebe en WhatsApp que el número está en él y es administrador.
advice-wait = Una operación sigue por sí sola; si no, espere un minuto y vuelva a intentarlo.
advice-again = Vuelva a intentarlo; si sigue así, mire el estado del gateway.
advice-network = Revise la red y base_url en la configuración y vuelva a intentarlo.
advice-tls = Revise base_url, el reloj y los certificados CA de esta máquina; ca_file indica uno propio.
advice-proxy-auth = Póngalos en `proxy` de la configuración o en HTTPS_PROXY: http://usuario:contraseña@host:puerto.
advice-proxy = Revise `proxy` en la configuración o HTTPS_PROXY, y si el proxy le deja llegar al gateway.
advice-too-long = Revise base_url y qué responde allí; si es el gateway, avísenos.
advice-base-url = Revise base_url en la configuración, y cualquier proxy en el camino, y vuelva a intentarlo.
advice-contract = El gateway puede haber cambiado: busque un Synod más nuevo, o avise.
advice-unsupported = Aquí no se puede hacer nada al respecto.
advice-not-read = Haga el plan de nuevo.
advice-read-only = Inicie Synod sin --read-only.

# Si la instancia está conectada.
connection-asking = preguntando al gateway
connection-connected = conectado
connection-connecting = conectando
connection-banned = vetado por WhatsApp
connection-not-connected = no conectado
connection-not-connected-word = no conectado ({ $word })

# La línea de arriba.
header-reading = leyendo
header-reading-of = leyendo { $done }/{ $total }
header-probing = buscando comunidades { $done }/{ $total }, falta { $span }
header-probing-short = preguntados { $done }/{ $total }, falta { $span }
header-probing-paused-short = en pausa { $done }/{ $total }
header-probing-paused = búsqueda en pausa en { $done }/{ $total }
header-budget = cupo { $left }/{ $limit }
header-budget-resets = cupo { $left }/{ $limit }, se renueva en { $span }
header-read-only = solo lectura
header-help = ayuda

# Una pantalla demasiado pequeña para lo demás.
too-small = demasiado pequeña: mínimo { $columns }×{ $rows }

# Los paneles.
pane-communities = Comunidades
pane-subgroups = Subgrupos
pane-standalone = Grupos sueltos
pane-in-no-known-community = Sin comunidad conocida
pane-all-groups = Todos los grupos
pane-marked = Grupos marcados
sorted-by-size = tamaño
sorted-by-role = admin primero
sorted-by-capacity = sitio
pane-operation = Operaciones
pane-count-of = { $shown } de { $all }
pane-capacity = { $size } de { $limit }
pane-capacity-at-least = { $size } de { $limit }
# What was read may lack groups.
pane-incomplete = incompleto
# Qué edad tiene lo que leyó una ejecución anterior, hasta que se lea de nuevo.
pane-read = leído { $age }
announcements-group = Avisos
communities-reading = Leyendo las comunidades …
communities-failed = Ahora no se puede hacer nada: { $why }
communities-failed-again = Ahora no se puede hacer nada: { $why } Pulse { $refresh } para leer de nuevo.
communities-not-connected = Ahora no se puede hacer nada: { $why } Pulse { $instances } para conectarla desde aquí, o { $refresh } para leer de nuevo.
communities-none = Este número no está en ninguna comunidad. Pulse { $refresh } para leer de nuevo.
communities-unknown = Aún no se conoce ninguna comunidad. Este gateway no puede listarlas: póngalas en la configuración (communities = ["…@g.us"]), o pulse { $key } para buscarlas.
subgroups-reading = Leyendo los subgrupos …
subgroups-none = No hay ningún grupo en esta comunidad.
subgroups-failed = No se pudo leer el listado: { $why }
groups-reading = Leyendo la lista de grupos …
groups-unread = La lista de grupos aún no se ha leído.
groups-none = Aquí no hay ningún grupo.
groups-hidden = Nada coincide. { $back } vuelve a mostrar todo.
groups-failed = No se pudo leer la lista de grupos: { $why }

# La operación, abajo.
operation-open = { $count ->
    [one] falta { $count }
   *[other] faltan { $count }
}
operation-waiting = { $count ->
    [one] espera { $count } operación más
   *[other] esperan { $count } operaciones más
}
phase-waiting = espera su turno
phase-left = falta cerca de { $span }
phase-paused-for = { $why }, sigue en { $span }
phase-paused-by-you = usted pausó, { $key } sigue
phase-stopping = parando: no se envía nada más
phase-ended = lista
pause-operator = usted pausó
pause-budget = cupo agotado
pause-throttled = WhatsApp pide más calma
pause-in-flight = la última solicitud de otro Synod puede estar en curso
stop-operator = parada por usted
stop-failure = parada: { $why }
stop-alike = parada, pues el resto se rechazaría igual: { $why }
stop-community-full = parada: la comunidad no admite más
stop-journal = parada: no se puede escribir el registro
stop-interrupted = interrumpida: Synod terminó mientras se ejecutaba

# La línea de abajo.
footer-marked = { $count ->
    [one] { $count } marcado
   *[other] { $count } marcados
}
footer-marked-hidden = { $count ->
    [one] { $count } marcado
   *[other] { $count } marcados
}, { $hidden ->
    [one] { $hidden } fuera del filtro
   *[other] { $hidden } fuera del filtro
}
footer-only-marked = {"  "}solo los marcados
hint-stop = parar
hint-pause = pausa
hint-next-pane = grupos
hint-filter = filtro
hint-mark = marcar
hint-range = rango
hint-link = vincular
hint-unlink = desvincular
hint-move = mover
hint-leave = salir
hint-tick = incluir o cambiar
hint-tick-all = incluir todo
hint-retry = reintentar
hint-look-again = mirar
hint-undo = deshacer
hint-resume = reanudar
hint-open = abrir
hint-details = sus detalles
hint-export = exportar
hint-copy-command = copiar como comando
hint-write-plan = archivo
hint-save = escribir
hint-next-form = CSV o JSON
hint-invite-link = enlace de invitación
hint-refresh = leer de nuevo
hint-copy = copiar
hint-next-outcome = resultado
hint-change-target = otra comunidad
hint-confirm = hacerlo
hint-skip-checks = omitir el resto
hint-confirm-quit = parar y cerrar
hint-choose = elegir
hint-begin = empezar o seguir
hint-add-community = añadir
hint-forget-community = olvidar
hint-connect = código QR
hint-connect-by-number = código por número
hint-reconnect = reconectar
hint-take-text = seguir
hint-keep-filter = mantener
hint-run = ejecutar
hint-help = ayuda
hint-show-all = mostrar todo
hint-back = volver

footer-journal = No se puede enviar nada: { $why }.

notice-theme = Tema: { $name }
notice-nothing-marked = Aquí no hay nada marcado: ponga el cursor en un grupo, o marque varios con { $key }.
notice-no-community = No se conoce ninguna comunidad sobre la que actuar.
notice-cannot-mark = El grupo de avisos se queda con su comunidad y no se puede marcar.
notice-mark-groups = Solo se marcan grupos: { $key } lleva a ellos.
notice-nothing-runs = No hay nada en marcha.
notice-still-runs = Aún no ha terminado: párela antes, o espere.
notice-nothing-to-retry = Nada de ella se puede reintentar.
notice-nothing-to-look-for = Todo en ella está resuelto.
notice-looking-again = Mirando de nuevo la #{ $operation }: no se envía nada.
notice-looked-again = Se miró de nuevo la #{ $operation }: se muestra lo que ya se resolvió.
notice-nothing-to-undo = Nada de ella se puede deshacer.
notice-nothing-to-resume = No dejó nada con que seguir, ni grupo al que volver a entrar.
notice-stopping = Para tras la solicitud en curso. { $key } otra vez cierra Synod.
notice-again-to-quit = { $key } otra vez cierra Synod.
notice-copied = Enviado al portapapeles del terminal: { $what }
notice-copied-link = El enlace de invitación se envió al portapapeles del terminal. Quien lo tenga puede entrar en el grupo.
notice-copied-lines = { $count ->
    [one] Se envió { $count } línea al portapapeles del terminal.
   *[other] Se enviaron { $count } líneas al portapapeles del terminal.
}
notice-copied-command = Enviado al portapapeles del terminal; si el terminal no hace caso, cópielo de aquí.
notice-exported = La operación está en { $file }.
notice-plan-written = El plan está en { $file }: `synod apply { $file }` lo ejecuta. No se envió nada.
notice-nothing-to-write = Ahora no se puede ejecutar nada, así que no hay plan que escribir.
notice-only-groups-have-links = En una comunidad se entra por sus grupos: abra los detalles de uno para ver su enlace de invitación.
notice-not-submitted = No se inició: { $why }
notice-plan-changed = El listado cambió desde entonces: mire el plan otra vez antes de confirmarlo.
notice-cannot-tick = Solo se pueden incluir filas arriesgadas, y solo cambiar las que no caben.
notice-nothing-to-send = No se enviaría nada de este plan.
notice-too-fast = Llegó demasiado rápido y no hizo nada: pulse la tecla otra vez.
notice-too-fast-confirm = Llegó demasiado rápido: pulse { $key } otra vez.
notice-too-fast-typed = Llegó demasiado rápido: escriba el último carácter otra vez.
notice-nothing-to-probe = No queda ningún grupo del que no se sepa qué es.
notice-probed = { $count ->
    [0] No se encontró ninguna comunidad entre los grupos.
    [one] Se encontró { $count } comunidad.
   *[other] Se encontraron { $count } comunidades.
}
notice-probe-failed = La búsqueda terminó antes: { $why }
notice-not-configured = Esta instancia no está en la configuración: escriba en ella lo que figura abajo y vuelva a iniciar Synod.
notice-cannot-connect = Este gateway no tiene llamada para eso; conecte la instancia en el panel del gateway.
notice-read-only = Synod se inició con --read-only: no se conecta nada. Inícielo sin eso.
notice-now-connected = { $instance } ya está conectada.
notice-was-connected = { $instance } ya estaba conectada, y no se tocó.
notice-cannot-suspend = No se suspende: hay una operación en marcha, y quedaría congelada a la mitad.
notice-pasted = { $marked ->
    [0] Lo pegado no nombra ningún grupo.
    [one] Se marcó { $marked } grupo según lo pegado.
   *[other] Se marcaron { $marked } grupos según lo pegado.
}
notice-interrupted = #{ $operation } quedó interrumpida: { $counts }. { $open } la muestra, y allí { $resume } sigue con el resto.
notice-ended = #{ $operation } terminó: { $counts }

# El plan.
plan-title = Plan: { $task }
plan-count-will = { $count } por hacer
plan-count-risky = { $count ->
    [one] { $count } arriesgado
   *[other] { $count } arriesgados
}
plan-count-blocked = { $count ->
    [one] { $count } bloqueado
   *[other] { $count } bloqueados
}
plan-count-already = { $count ->
    [one] { $count } ya estaba
   *[other] { $count } ya estaban
}
plan-capacity = Ocupación: { $now } de { $limit } ahora, { $after } después
plan-capacity-at-least = Ocupación: al menos { $now } de { $limit } ahora, { $after } después
plan-costs = { $requests ->
    [one] { $requests } solicitud
   *[other] { $requests } solicitudes
}, cerca de { $span }; un nuevo listado verifica cada grupo
plan-link = Los miembros entran en el grupo de avisos; desvincular lo deshace.
plan-unlink = Los miembros salen del grupo de avisos; vincular lo deshace.
plan-move = Cada uno se desvincula y luego se vincula; entre tanto queda sin comunidad.
plan-leave = Salir no se puede deshacer desde aquí: para volver hace falta invitación.
plan-rejoin = Entra por el enlace guardado; en algunos debe aceptarlo un administrador.
plan-leave-community = El número sale también de sus grupos, y no se puede deshacer desde aquí.
plan-more = … { $count } más abajo
plan-nothing = No se enviaría nada de esto. { $back } vuelve.
plan-confirm-key = { $count ->
    [one] Pulse { $key } para hacerlo, { $back } para volver.
   *[other] Pulse { $key } para hacerlo con { $count } grupos, { $back } para volver.
}
plan-confirm-count = { $count ->
    [one] { $back }riba { $count } para salir de él, { $back } para volver:
   *[other] { $back }riba { $count } para salir de ellos, { $back } para volver:
}
plan-confirm-name = { $back }riba «{ $expected }» para salir de esta comunidad, { $back } para volver:
plan-confirm-tail = { $back }riba { $expected }, el final del id, para salir de la comunidad, { $back } vuelve:

planning-title = Leyendo de nuevo
planning-reading = Leyendo lo que el plan necesita: { $done } de { $total }
planning-skip = { $key } omite el resto (lo que no se lee es arriesgado), { $back } vuelve

# Qué espera una lectura para seguir; en la ventana del plan (62 columnas), en la última línea y en los comandos.
wait-throttled = WhatsApp pide menos solicitudes: esperando { $span }
wait-limit = Se agotó el cupo de solicitudes del gateway: esperando { $span }
target-title = { $count ->
    [one] ¿A qué comunidad? { $count } grupo
   *[other] ¿A qué comunidad? { $count } grupos
}
operations-title = Operaciones de { $instance }
operations-none = Aún no hay operaciones. Marque grupos con { $key }, y luego vincúlelos, desvincúlelos, muévalos o salga de ellos.
operations-only = solo { $outcome }
operation-state-waiting = espera
operation-state-running = en marcha
operation-state-paused = en pausa
operation-state-stopping = parando
operation-state-ended = lista
operation-state-stopped = parada
quit-title = Hay una operación en marcha
quit-ask = { $count ->
    [one] { $count } grupo aún no tiene resultado.
   *[other] { $count } grupos aún no tienen resultado.
} Pulse { $key } para parar tras la solicitud en curso y cerrar; lo que no se envió queda sin enviar, y el registro lo guarda todo. { $back } sigue.

# Lo que se sabe de un grupo o una comunidad; las etiquetas ocupan como máximo 16 celdas.
fact-id = Id
fact-name = Nombre
fact-as-given = Como llegó
fact-exact = «{ $name }»; se muestra sin lo que un terminal obedecería o nadie puede ver
fact-members = Miembros
fact-members-admins = { $members }, { $admins ->
    [0] ninguno de ellos administrador
    [one] { $admins } de ellos administrador
   *[other] { $admins } de ellos administradores
}
fact-of-members = { $count ->
    [one] { $count } miembro
   *[other] { $count } miembros
}
fact-role = Su rol
fact-community = Comunidad
fact-in-no-community = en ninguna comunidad
fact-kind = Tipo
fact-known-from = Se conoce por
fact-description = Descripción
fact-way-back = Cómo volver
fact-link-kept = se guarda un enlace de invitación suyo, con el que se puede volver a entrar
fact-link-not-kept = no se guarda ningún enlace de invitación suyo
fact-invite = Invitación
fact-groups = Grupos
fact-capacity = { $size } de { $limit }
fact-capacity-at-least = al menos { $size } de { $limit }: solo se listan aquellos en los que está el número
fact-listing = Listado
fact-listing-read = leído { $age }
fact-listing-never = nunca leído
fact-listing-incomplete = Puede estar incompleto: faltan muchos grupos que estaban antes, o termina donde los gateways cortan las listas. Lo que falta puede estar ahí de todos modos.
fact-details = Detalles
fact-operation = Operación
fact-outcome = Resultado
fact-change = Cambio
fact-diagnosis = Lo más probable
fact-looked = Nueva lectura
fact-unknown = no se sabe
role-member = miembro
role-admin = administrador
role-none = el número no está en él
kind-ordinary = grupo común
kind-announcements = grupo de avisos, que se queda con su comunidad
kind-community = comunidad
known-from-configuration = la configuración
known-from-memory = lo que se recuerda de ejecuciones anteriores
known-from-listing = un listado del gateway
known-from-probe = una búsqueda de comunidades
known-from-groups = la lista de grupos, leída { $age }
known-from-community = el listado de { $community }, leído { $age }
known-from-journal = solo el registro
invite-hidden = oculto: { $key } se lo pide al gateway
invite-reading = pidiéndolo al gateway …
invite-none = el gateway no le da ninguno a este número
invite-failed = no se pudo leer: { $why }
invite-shown = Quien lo tenga puede entrar. { $copy } lo copia, { $key } lo oculta; no se guarda en ninguna parte.
details-reading = leyendo de nuevo, { $done } de { $total } …
details-read = recién leídos; { $key } los lee otra vez
details-failed = no se pudieron leer: { $why } { $key } los lee otra vez.
history-title = En el registro
history-reading = leyendo el registro …
history-none = ninguna operación
history-failed = No se pudo leer el registro: { $why }

# Escribir en un archivo, y la línea de comandos de una operación.
save-plan-title = Escribir el plan en un archivo
save-operation-title = Escribir la operación #{ $operation } en un archivo
save-label = Archivo:
save-csv = Como CSV, una línea por grupo. Se escribe solo para usted, y no se sobrescribe nada.
save-json = Como JSON, un evento por línea. Se escribe solo para usted, y no se sobrescribe nada.
save-plan = `synod apply` lo ejecuta más tarde, si para entonces aún vale. Se escribe solo para usted, y no se sobrescribe nada.
save-taken = { $file } ya existe, y no se sobrescribió nada: aquí tiene otro nombre.
save-failed = No se pudo escribir: { $why }. Elija otro nombre.
save-writing = escribiendo …
command-title = Lo mismo, como comando

# Qué parte de una lista pegada no se pudo marcar.
pasted-title = De lo pegado, { $marked ->
    [0] nada con marca
   *[other] { $marked } con marca y { $left } sin ella
}
pasted-unknown = «{ $given }» no corresponde a ningún grupo
pasted-near = «{ $given }» no corresponde a ningún grupo; se parecen:
pasted-ambiguous = «{ $given }» corresponde a varios grupos; pegue el id del que quiere decir:
pasted-cannot-mark = «{ $given }» es una comunidad o su grupo de avisos; ninguno se puede marcar

# Qué pasó con un grupo de una operación.
timeline-title = Qué pasó
timeline-confirmed = usted confirmó el plan
timeline-sending = { $attempt ->
    [1] enviado: { $what }
   *[other] enviado una vez más, intento { $attempt }: { $what }
}
timeline-yes = el gateway dijo que sí; decide lo que muestre un listado
timeline-no = el gateway dijo que no, sin dar motivo
timeline-no-because = el gateway dijo que no: { $why }
timeline-silence = ninguna respuesta que aclare algo
timeline-silence-because = ninguna respuesta que aclare algo: { $why }
timeline-put-back = el gateway no hizo nada de ello, así que vuelve a esperar su turno: { $why }
timeline-shows-wanted = un nuevo listado muestra lo que se quería
timeline-shows-unconfirmed = un listado muestra lo que se quería; otro tiene que coincidir
timeline-shows-unwanted = un nuevo listado no muestra lo que se quería
timeline-shows-nothing = no se pudo leer ningún listado
timeline-trying-again = se miró todas las veces y ningún listado lo muestra: se enviará una vez más
timeline-step-verified = el primer paso está verificado, el segundo espera su turno
step-link = vincular a { $community }
step-unlink = desvincular de { $community }
step-leave = salir
step-leave-community = salir de la comunidad { $community }
step-join = entrar por el enlace de invitación guardado

# De dónde sale un grupo o adónde va, junto a una flecha: Escuelas del Norte → Clínicas del Puerto; y qué más cambia.
change-none = (sin comunidad)
change-join = volver a entrar

# Por qué lo más probable es que fallara, y qué hacer; $retry y $resume son teclas.
diagnosis-reading = buscando la causa, leído { $done } de { $total } …
diagnosis-gateway = Ahora no se puede hacer nada: { $why }
diagnosis-cannot-tell = No se puede saber, pues no se pudo leer lo que lo diría: { $why }
diagnosis-as-wanted = Ya está como usted quería: no hay nada más que hacer.
diagnosis-not-member = El número ya no está en el grupo. Pida que lo añadan otra vez y pulse { $retry } para reintentar.
diagnosis-no-such-group = El grupo ya no existe, o el número no está en él: el gateway no dice cuál de las dos cosas. Mire en WhatsApp; si ya no existe, no hay nada más que hacer.
diagnosis-announcements-group = Es un grupo de avisos, que se queda con su comunidad: no hay nada que hacer.
diagnosis-is-community = Es en sí una comunidad, y ninguna comunidad se puede vincular a otra. Pulse { $find } en los paneles, para que Synod lo sepa.
diagnosis-no-such-community = La comunidad ya no existe, o el número no está en ella. Elija otra, o pida que añadan el número otra vez.
diagnosis-in-other-community = Está en { $community }, y un grupo solo está en una comunidad a la vez. Use mover.
diagnosis-community-full = La comunidad está llena: { $size } de { $limit } grupos. Desvincule algunos de ella, o elija otra comunidad.
diagnosis-not-admin = El número no es administrador del grupo. Pida a uno de sus administradores que lo designe administrador y pulse { $retry } para reintentar.
diagnosis-not-admin-of-community = El número no es administrador de la comunidad. Pida a uno de sus administradores que lo designe administrador y pulse { $retry } para reintentar.
diagnosis-not-admin-of-community-waits = El número no es administrador de la comunidad, así que el vínculo puede estar esperando como sugerencia. Pida a uno de sus administradores que la apruebe en WhatsApp y luego lea de nuevo.
diagnosis-may-await-approval = Puede estar esperando que uno de los administradores de la comunidad lo apruebe en WhatsApp; no se ve nada que esté mal. Si nadie lo encuentra allí, pulse { $retry } para reintentar.
diagnosis-last-subgroup = Es el último grupo de la comunidad, que debe quedarse. Vincule antes otro.
diagnosis-never-sent = No se envió, y no se ve nada que esté mal. Pulse { $resume } para seguir con lo que quedó, o { $retry } para reintentar.
diagnosis-nothing-wrong = Ahora nada lo impide, hasta donde se puede ver. Pulse { $retry } para reintentar.

# Las teclas.
key-space = Espacio
help-title = Teclas
help-none = Ninguna tecla ni acción coincide. { $back } vuelve a mostrarlas todas.
palette-title = Todas las acciones
palette-none = Ninguna acción se llama así. { $back } vuelve.
help-section-moving = Moverse
help-section-marking = Marcar
help-section-acting = Actuar
help-section-planning = En un plan
help-section-instances = Instancias
help-section-program = Programa
help-up-down = arriba, abajo
help-page = una página arriba, abajo
help-half-page = media página arriba, abajo
help-first-last = al principio, al final
help-pane = panel siguiente, el anterior
help-extend = extender el rango
help-filter = filtrar por palabras; con ~ delante: difuso
help-toggle-all-groups = panel derecho: grupos sueltos o todos
help-sort = ordenar por nombre, tamaño, rol o sitio
help-mark = marcar y bajar
help-range = empezar un rango, o marcarlo
help-mark-all = marcar todo lo que se ve
help-invert-marks = invertir las marcas de lo que se ve
help-clear-marks = olvidar todas las marcas
help-only-marked = mostrar solo lo marcado
help-link = vincular a la comunidad elegida a la izquierda
help-unlink = desvincular de la comunidad en que están
help-move = mover a otra comunidad
help-leave = salir; en el panel izquierdo: de la comunidad
help-stop = parar tras la solicitud en curso
help-pause = poner en pausa, o seguir
help-retry = en una operación: reintentar lo que se pueda
help-look-again = en una operación: mirar otra vez sin enviar nada
help-undo = en una operación: deshacer lo verificado
help-resume = en una operación: seguir, o volver a entrar
help-open = abrir la operación, luego un grupo de ella
help-details = detalles de la fila
help-invite-link = en los detalles de un grupo: su enlace
help-export = en las operaciones: escribir una en un archivo
help-copy-command = en las operaciones: copiar una como comando
help-write-plan = en un plan: escribirlo en un archivo
help-save = escribir el archivo con ese nombre
help-next-form = como CSV o como JSON
help-next-outcome = en una operación: solo un resultado, luego otro
help-operations = operaciones y su historial
help-refresh = leer todo de nuevo
help-find-communities = comunidades: las conocidas, y buscar más
help-add-community = allí: añadir una por su id o por un enlace
help-forget-community = allí: olvidar una
help-copy = copiar el id
help-tick = incluir lo arriesgado, o cambiar lo que no cabe
help-tick-all = incluir todo lo arriesgado, o nada
help-change-target = elegir otra comunidad
help-confirm = hacerlo (salir se confirma escribiendo)
help-skip-checks = omitir las comprobaciones que faltan
help-confirm-quit = parar y cerrar
help-choose = elegir lo que está bajo el cursor
help-instances = instancias: estado, número, cupo, qué corre
help-step-instance = instancia siguiente, la anterior
help-connect = allí: conectar con un código QR
help-connect-by-number = allí: conectar con un código por número
help-reconnect = allí: reconectar con la sesión del gateway
help-take-text = usar lo que se escribió
help-keep-filter = mantener el filtro
help-palette = todas las acciones por su nombre
help-next-theme = mostrar la pantalla con el tema siguiente
help-run = en la lista de acciones: ejecutar
help-help = esta ayuda
help-back = volver un nivel
help-repaint = redibujar la pantalla
help-suspend = suspender
help-interrupt = parar lo que corre; dos veces: cerrar Synod
help-quit = cerrar Synod

# Las instancias.
instances-title = Instancias
instances-shown = { $instance } (a la vista)
instances-idle = nada en marcha
instances-not-configured = sin configurar
instances-connect = No conectada. { $qr } muestra un código QR para el teléfono, { $number } un código para un número de teléfono; { $session } retoma la sesión que tiene el gateway.
instances-no-list = Este gateway no lista otras instancias.
instances-list-unread = No se pudieron listar las otras instancias de este token: { $why }
instances-how-to = No está en la configuración, así que no se puede elegir. El token de { $instance } es el de su cuenta y sirve también para esta. Escriba esto en la configuración y vuelva a iniciar Synod:
instances-how-to-short = No está en la configuración. Añada allí un [[instance]] con gateway = { $gateway }, instance = { $name } y el token de { $instance }, y vuelva a iniciar Synod.
instances-token-line = token = el mismo que el de { $instance }

# Las comunidades, y la búsqueda de más.
finding-title = Comunidades de { $instance }
finding-lists = Este gateway lista sus comunidades: { $key } lee la lista otra vez. La que falte en ella se puede añadir por su id.
finding-unread = La lista de grupos aún no se ha leído, así que no se puede preguntar nada.
finding-known = De cada grupo se sabe si es una comunidad.
finding-offer = { $count ->
    [one] { $count } grupo puede ser una comunidad. Preguntar
   *[other] { $count } grupos pueden ser comunidades. Preguntar por ellos
} cuesta { $requests ->
    [one] { $requests } solicitud
   *[other] { $requests } solicitudes
}, cerca de { $span }. { $key } empieza; sigue aunque se cierre esta ventana.
finding-running = { $asked } de { $total ->
    [one] { $total } grupo preguntado
   *[other] { $total } grupos preguntados
}, { $found ->
    [one] { $found } hallada
   *[other] { $found } halladas
}, falta cerca de { $span }
finding-paused = En pausa: { $asked } de { $total ->
    [one] { $total } grupo preguntado
   *[other] { $total } grupos preguntados
}, { $found ->
    [one] { $found } hallada
   *[other] { $found } halladas
}. { $key } sigue; eso cuesta { $requests ->
    [one] { $requests } solicitud
   *[other] { $requests } solicitudes
}, cerca de { $span }.
finding-failed = { $count } sin respuesta
finding-now = Ahora se pregunta por: { $group }
finding-control = Primero se pregunta por { $community }, ya conocida: una respuesta solo cuenta mientras esa se pueda listar
finding-ended = La búsqueda { $asked ->
    [0] no preguntó por ningún grupo
    [one] preguntó por { $asked } grupo
   *[other] preguntó por { $asked } grupos
} y { $found ->
    [0] no halló ninguna comunidad
    [one] halló { $found } comunidad
   *[other] halló { $found } comunidades
}.
finding-ended-early = La búsqueda terminó antes, { $asked ->
    [0] sin preguntar por ningún grupo
    [one] tras { $asked } grupo
   *[other] tras { $asked } grupos
}: { $why }
finding-none = Aún no se conoce ninguna comunidad.
finding-from-configuration = configuración
finding-from-screen = por usted
finding-from-memory = recordada
finding-from-listing = listada
finding-from-probe = hallada
finding-size = { $count ->
    [one] { $count } grupo
   *[other] { $count } grupos
}
finding-reading = aún no leída
finding-add = Id o enlace de invitación:
finding-add-id = Id:
finding-checking = Leyendo su listado …
finding-added = { $community } es una comunidad, y ahora se conoce.
finding-was-known = { $community } ya se conocía.
finding-not-added = No es una comunidad de este número: { $why }. Dé un id, tal como lo copia { $copy }, o un enlace de invitación.
finding-not-added-id = No es una comunidad de este número: { $why }. Dé un id, tal como lo copia { $copy }.
finding-not-read = No se añadió, pues no se pudo comprobar: { $why }
finding-forgotten = { $community } queda olvidada.
finding-forgotten-configured = { $community } queda olvidada hasta que Synod se inicie de nuevo, pues la configuración la nombra.
finding-forgotten-listed = { $community } queda olvidada hasta que se lea todo de nuevo, pues el gateway la lista.

# Conectar una instancia.
connect-title = Conectar { $instance }
connect-asking = Preguntando al gateway. Primero se lee si la instancia está conectada; un código puede tardar un minuto.
connect-qr = En el teléfono: WhatsApp, Dispositivos vinculados, Vincular un dispositivo, y apunte la cámara aquí.
connect-lasts = Vale { $span } más; después se pide otro.
connect-no-room = El código QR necesita { $columns }×{ $rows } celdas, y hay { $wide }×{ $high }: agrande el terminal o reduzca su letra, o pulse { $key } para un código que se escribe en el teléfono.
connect-picture = El gateway dio su código QR como imagen, que un terminal no puede mostrar. Pulse { $key } para un código que se escribe en el teléfono, o conéctela en el panel del gateway.
connect-code = Escriba esto en el teléfono: WhatsApp, Dispositivos vinculados, Vincular un dispositivo, Vincular con el número de teléfono.
connect-on-its-way = El gateway retoma la sesión que tiene.
connect-taken-up = El teléfono lo aceptó. Esperando a que la instancia se conecte …
connect-unused = Nadie usó lo ofrecido, y no se pide nada más por sí solo. { $key } pide otra vez.
connect-failed = No se pudo conectar: { $why }
connect-number = El número que se va a conectar, en dígitos y con su país:
connect-number-wrong = Un número tiene de 7 a 15 dígitos, primero los de su país, sin + ni espacios.
connect-number-what = El gateway da un código que se escribe en el teléfono de este número.
connect-seen = Visto ahora mismo: { $state }
connect-unseen = No se pudo mirar: { $why }
connect-closes = El código es secreto: quien lo lea puede conectar un teléfono suyo. { $back } lo olvida.

# La configuración: qué está mal en ella. No se muestra ningún valor del archivo, pues cualquiera puede ser un secreto.
config-begin =
    Para echar un vistazo sin ella, ejecute `synod demo`: no necesita gateway ni configuración.
    Para escribir una, empiece con esto, y ponga en RYZE_TOKEN el token de la instancia:

    { $example }

    Después `synod doctor` dice si funciona.
config-none =
    Aún no hay configuración: { $path } no existe.

    { $begin }
config-missing =
    El archivo de configuración { $path } no existe. Revise --config y SYNOD_CONFIG, o escriba el archivo.

    { $begin }
config-no-instances =
    El archivo de configuración { $path } no define ninguna instancia.

    { $begin }
config-unreadable = No se puede leer el archivo de configuración { $path }: { $why }. Revise su dueño y su modo.
config-too-long = El archivo { $path } tiene más de 1 MiB: no es una configuración ni un tema. Indique otro archivo.
config-no-text = El archivo { $path } no es texto en UTF-8: no es una configuración ni un tema. Indique otro archivo o escríbalo de nuevo.
config-no-file = { $path } no es un archivo común: no es una configuración ni un tema. Indique otro archivo.
config-unsafe = La configuración no se usa: { $why }
config-theme-unreadable = No se puede leer el archivo de tema { $path }: { $why }. Escríbalo como muestra docs/themes.md, o indique otro tema en [ui] en la configuración.
config-no-home = No se conoce la carpeta personal: ni HOME ni { $variable } está definida. Defina una de ellas, o dé { $flag } con una ruta.
config-problem =
    { $path }, línea { $line }: { $what }
    Por ejemplo: { $example }
config-twice = Esta clave o tabla está aquí por segunda vez; cada una puede estar una sola vez.
config-no-toml = Esta línea no se puede leer como TOML. Los textos necesitan comillas a ambos lados, las listas corchetes, y cada línea una clave, un signo igual y un valor.
config-unknown-key = Esta clave no se conoce { $place ->
    [file] en el archivo
    [theme] en un tema
    [style] en un estilo
   *[other] en { $place }
}. Las conocidas son: { $known }.
config-unknown-key-near = Esta clave no se conoce { $place ->
    [file] en el archivo
    [theme] en un tema
    [style] en un estilo
   *[other] en { $place }
}; probablemente era `{ $near }`. Las conocidas son: { $known }.
config-key-missing = Aquí falta `{ $key }`.
config-text = `{ $key }` debe ser un texto entre comillas.
config-table = `{ $key }` debe ser una tabla.
config-list = `{ $key }` debe ser una lista entre corchetes.
config-switch = `{ $key }` debe ser true o false, sin comillas.
config-count = `{ $key }` debe ser un número entero de { $least } a { $most }.
config-share = `{ $key }` debe ser un número de 0 a 1.
config-span = `{ $key }` debe ser un lapso de tiempo: un número entero con ms, s, m o h, entre comillas, y como máximo un día.
config-no-such-value = `{ $key }` no tiene ese valor. Los conocidos son: { $known }.
config-path = `{ $key }` debe contener una ruta.
config-instance-head = Una instancia empieza con su encabezado entre corchetes dobles.
config-same-name = La instancia de la línea { $other } ya tiene este nombre; cada una necesita el suyo, y las mayúsculas no las distinguen.
config-name = `name` debe tener de 1 a 40 caracteres visibles, sin espacios en los extremos.
config-instance = `instance` debe contener el nombre de la instancia en el gateway: sin barras, sin espacios en los extremos.
config-client-token = `client_token` es de Z-API; este gateway no lo tiene. Quite la línea.
config-communities = `communities` debe contener ids como textos entre comillas.
config-proxy = `proxy` debe ser una URL que empiece con http:// o https://.
config-proxy-password = `proxy` contiene una contraseña, pero otros además de usted pueden leer este archivo. Hágalo solo suyo con: chmod 600 { $quoted } - o use HTTPS_PROXY.
config-url-scheme = Una URL base debe empezar con https://.
config-url-plain = Con http sin cifrar el token viajaría legible por la red; solo se permite hacia esta misma máquina. Use https://.
config-url-user = Una URL base no puede contener usuario ni contraseña.
config-url-query = Una URL base no puede contener consulta ni fragmento.
config-url-host = El host o el puerto de la URL base no es válido.
config-url-path = Una URL base debe tener solo caracteres visibles simples, sin .. en su ruta.
config-read-back = `read_back` debe tener de 1 a 20 tiempos, cada uno mayor que el anterior.
config-timeout = Un tiempo límite debe ser mayor que cero.
config-throttle = La primera pausa debe ser mayor que cero, y no mayor que la más larga.
config-key-binding = Una tecla debe ser un texto entre comillas, o una lista de ellos.
config-secret = `{ $key }` debe ser una tabla con una de las claves env, file y command.
config-secret-open = `{ $key }` está escrito aquí, pero otros además de usted pueden leer este archivo. Hágalo solo suyo con: chmod 600 { $quoted } - o tome el secreto de otro lugar.
config-secret-strange = `{ $key }` está vacío, o contiene espacios u otros signos que ningún token tiene.
config-secret-env = `env` debe contener el nombre de una variable de entorno, no el secreto mismo.
config-secret-command = `command` debe ser una lista de textos: el programa, y luego sus argumentos.

# Por qué no se usa un archivo; cada texto sigue a dos puntos. El comando está al final, para copiarlo.
file-system = { $why }
file-not-regular = no es un archivo común, sino una carpeta, una tubería o un dispositivo
file-too-long = pasa de { $most }
file-no-text = no es texto en UTF-8
file-link = { $path } es un enlace simbólico, que aquí no se sigue: mire adónde lleva y luego quítelo: rm { $quoted }
file-hard-links = { $path } tiene otro nombre (un enlace duro), así que escribir en él podría cambiar otro archivo: averigüe cuál y luego quite este nombre: rm { $quoted }
trust-owner = { $path } pertenece a otro usuario (número { $owner }): ejecute Synod como ese usuario, o mire lo que contiene y hágalo suyo como root: chown { $user } { $quoted }
trust-file = otros además de usted pueden escribir en { $path }: mire lo que contiene y luego ejecute: chmod go-w { $quoted }
trust-file-root = otros además de root pueden escribir en { $path }: mire lo que contiene y luego ejecute como root: chmod go-w { $quoted }
trust-folder = otros además de usted pueden cambiar lo que hay en { $path }: mire lo que contiene y luego ejecute: chmod go-w { $quoted }
trust-folder-root = otros además de root pueden cambiar lo que hay en { $path }: mire lo que contiene y luego ejecute como root: chmod go-w { $quoted }

# De dónde viene un secreto, como comienzo de una frase; después, por qué no se puede obtener.
secret-from-variable = La variable de entorno { $name }
secret-from-some-variable = La variable de entorno que la configuración indica
secret-from-file = El archivo { $path }
secret-from-command = El comando { $program }
secret-from-text = El texto en el archivo de configuración
secret-not-set = { $from } no está definida. Defínala donde se inicia Synod, con `export`.
secret-unreadable = No se puede leer el archivo { $path }: { $why }. Revise su ruta, su dueño y su modo.
secret-no-file = { $path } no es un archivo. Indique el archivo que contiene el secreto.
secret-not-private = Otros pueden leer el archivo { $path }. Hágalo solo suyo: chmod 600 { $quoted }
secret-not-run = { $from } no se puede ejecutar: { $why }. Compruebe que está instalado y en el PATH.
secret-failed = { $from } falló ({ $status }). Ejecútelo a mano para ver por qué.
secret-too-slow = { $from } no terminó en 30 segundos y se detuvo. Quizá esperaba una respuesta: ejecútelo a mano.
secret-empty = { $from } no contiene nada. Ponga ahí el secreto.
secret-no-token = { $from } contiene espacios, o caracteres que ningún token tiene. Debe contener solo el secreto, en una línea.
secret-too-long = { $from } contiene más de 4 KiB, lo que ningún token tiene. Ponga ahí solo el secreto.
secret-failed-saying = { $from } falló ({ $status }): “{ $words }”. Ejecútelo a mano para ver más.

# Qué impide abrir una instancia.
instance-unread = instancia «{ $name }»: no se puede leer { $key }: { $why }
instance-unopened = instancia «{ $name }»: { $why }
open-token = `{ $key }` debe ser texto imprimible, sin saltos de línea, y no vacío.
open-instance = El nombre de la instancia está vacío.
open-ca-file = No se pueden leer los certificados en { $path }: { $why }. Revise ca_file.
open-ca-unsafe = ca_file no se usa: { $why }
open-no-certificates = { $path } no contiene ningún certificado en formato PEM. Revise ca_file.
open-proxy = La URL del proxy no se puede usar. Revise proxy en la configuración.
open-proxy-variable = { $name } no contiene la URL de un proxy que Synod pueda usar. Debe ser como http://host:puerto.
open-tls = No se encontraron certificados de autoridades: instale los del sistema (ca-certificates), o defina ca_file.
community-id = «{ $given }» no es el id de una comunidad en { $gateway }: { $why }. Un id allí es como { $example }.
community-id-ending = no termina en @g.us
community-id-digits = tiene algo más que dígitos
id-empty = un id no puede estar vacío
id-too-long = un id tiene como máximo 128 caracteres
id-character = un id solo tiene letras, dígitos y los caracteres . _ : @ -

# Teclas de la configuración que no se pueden usar; el terminal; el log.
key-no-action = Ninguna acción se llama «{ $action }»; docs/keys.md tiene los nombres.
key-no-key = «{ $key }» no es una tecla; las teclas se escriben como x, X, ctrl-x, space, f5, shift-up.
key-twice = «{ $key }» está ahí dos veces.
key-unsent = «{ $key }» nunca llega: los terminales la envían como otra tecla o no la envían; elija otra.
key-taken = «{ $key }» ya significa «{ $other }», así que no se podría llegar a «{ $action }» con ella.
key-typed = «{ $key }» se escribe en un campo donde se quiere «{ $action }»; elija una que no sea letra.
terminal-none = la entrada y la salida estándar no son un terminal
terminal-dumb = el terminal no sabe situar texto (TERM=dumb)
log-level = El nivel del log debe ser uno de off, error, warn, info, debug y trace.
log-file = No se puede abrir el archivo de log { $path }: { $why }. Quite --log-level, o elija otra carpeta con --state-dir.
log-unsafe = No hay log: { $why }
log-taken = No se puede iniciar el log: { $why }.

# La línea de comandos.
terminal-unusable = este comando necesita un terminal: { $why }. Ejecútelo en uno, o use un comando que no lo necesite, como synod simulate; synod --help los lista.
quit-waiting = esperando a que termine la solicitud en curso, para que su resultado quede en el registro …
simulate-listening = El gateway simulado escucha en { $address }. Sus instancias, como configuración:
simulate-cannot-listen = no se puede escuchar en { $address }: { $why }. Elija otra dirección con --listen.
simulate-remote = A { $address } se llega desde otras máquinas. Escuche en 127.0.0.1, o añada --allow-remote, que sirve con tokens aleatorios.
cli-no-language = Ningún idioma se llama «{ $given }». Hay: { $known }.
cli-which-instance = La configuración tiene varias instancias: diga cuál con --instance. Son: { $names }.
cli-no-instance = Ninguna instancia de la configuración se llama «{ $name }». Hay: { $names }.
cli-list-community = --community solo vale con `synod list groups`.
cli-listing-unread = No se pudo leer el listado de la comunidad: { $why }
cli-is-community = comunidad
cli-announcements-of = avisos de { $community }
cli-no-groups = No se indicó ningún grupo. Indique grupos por id o nombre, o dé un archivo con ellos en --groups-from.
cli-type-groups = Leyendo grupos del terminal, uno por línea; Ctrl-D termina.
cli-groups-unreadable = No se pueden leer los grupos de { $what }: { $why }. Dé un archivo de texto con un grupo por línea.
cli-group-too-long = El elemento { $position } de los grupos es demasiado largo para un nombre ({ $bytes } bytes): “{ $begin }…”. Indique un grupo por elemento, por id, nombre o enlace de invitación.
cli-more-unknown = { $count ->
    [one] Y { $count } más para el que no se encontró nada.
   *[other] Y { $count } más para los que no se encontró nada.
}
cli-cut-short = La lectura se cortó: vuelva a intentarlo.
cli-unknown-group = Ningún grupo se llama «{ $given }». `synod list groups` los muestra todos.
cli-unknown-community = Ninguna comunidad se llama «{ $given }». `synod list communities` muestra las conocidas; indique otra por su id.
cli-unknown-near = ¿Será uno de estos?
cli-invite-unsupported = El número { $position } de los grupos no es el nombre de ningún grupo; parece un enlace de invitación o el código de uno, y este gateway no sabe decir de quién es. Nombre el grupo por su id o su nombre.
cli-invite-unfollowed = El número { $position } de los grupos no es el nombre de ningún grupo y, como enlace de invitación o código de uno, no lleva a ningún grupo: { $why }. Pida uno nuevo a un administrador, o nombre el grupo por su id o su nombre.
cli-invite-of-community = Una comunidad se nombra por su id o su nombre, no por un enlace de invitación: `synod list communities` muestra las que hay.
cli-ambiguous = «{ $given }» sirve para { $count } de ellos: diga cuál por su id.
cli-candidate-in = { $candidate }  (en { $community })
cli-candidate-members = { $candidate }, { $count ->
    [one] { $count } miembro
   *[other] { $count } miembros
}
cli-on-line = Línea { $line }: { $words }
cli-not-in-source = Estos no están en { $community }, donde --from dice que están:
cli-read-only = No se envió nada: --read-only rechaza todo cambio. Quítelo, o mire el plan con --dry-run.
cli-needs-yes = No se envió nada: aquí no hay a quién preguntar. Añada --yes para ejecutar el plan sin preguntar, o --dry-run para verlo.
cli-json-needs-yes = No se envió nada: --json no pregunta nada. Añada --yes para ejecutar el plan, o --dry-run para verlo.
cli-needs-count = No se envió nada: salir con --yes necesita también --count con el número de grupos del plan. --dry-run muestra el plan.
cli-count-differs = No se envió nada: --count dice { $given }, pero el plan enviaría { $sent }. Mírelo con --dry-run.
cli-not-confirmed = Sin confirmar: no se envió nada.
cli-interrupted = Interrumpido: no se envió nada.
cli-nothing-sent = No se envía nada de esto.
cli-stopping = Para tras la solicitud en curso; las comprobaciones siguen. Ctrl-C otra vez termina en el acto, y el registro guarda lo que estaba en curso.
cli-ask = { $count ->
    [one] ¿Hacerlo? y (sí) o n (no):
   *[other] ¿Hacerlo con { $count } grupos? y (sí) o n (no):
}
cli-ask-count = Escriba { $count } para salir, cualquier otra cosa para terminar:
cli-ask-name = Escriba «{ $expected }» para salir de esta comunidad, cualquier otra cosa para terminar:
cli-ask-tail = Escriba { $expected }, el final del id, para salir de esta comunidad, cualquier otra cosa para terminar:
cli-operation-unended = #{ $operation } se dejó antes de su fin: { $counts }. `synod operations show { $operation }` muestra lo que hay en el registro.
cli-plan-written = El plan está en { $file }: `synod apply` lo ejecuta. No se envió nada.
cli-plan-unwritable = No se puede escribir el plan en { $file }: { $why }. Elija otro archivo con --plan; no se envió nada.
cli-plan-unreadable = No se puede leer el plan { $file }: { $why }. Dé un archivo que --plan escribió.
cli-plan-none = { $file } no es un plan: dé un archivo que --plan escribió.
cli-plan-version = El plan { $file } lo escribió otra versión de Synod: hágalo de nuevo con --plan.
cli-plan-damaged = El plan { $file } está dañado cerca de la línea { $line }: hágalo de nuevo con --plan.
cli-plan-other-instance = El plan se hizo para otra instancia que «{ $name }» de esta configuración: use la configuración con que se hizo, o hágalo de nuevo.
cli-plan-changed = No se envió nada: aquello en que se apoya el plan cambió desde que se hizo. Hágalo de nuevo y mírelo:
cli-plan-change = { $name }: { $before } cuando se hizo el plan; ahora: { $now }
cli-no-operation = El registro no tiene la operación { $number } de estas instancias: `synod operations list` las muestra.
cli-undo-loses = { $count ->
    [one] { $count } grupo de ella no se puede recuperar así: `synod operations show` dice cuál.
   *[other] { $count } grupos de ella no se pueden recuperar así: `synod operations show` dice cuáles.
}
cli-nothing-again = No hay nada que volver a hacer: `synod operations list` muestra lo que se hizo.
cli-nothing-of-it = Nada de la operación { $number } se puede hacer así: `synod operations show { $number }` muestra qué fue de ella.
cli-nothing-to-resume-settled = No queda nada de la operación { $number }: se detuvo antes de tiempo, pero la lectura mostró que todos sus grupos están resueltos. `synod operations show { $number }` los muestra.
cli-nothing-to-resume-complete = No queda nada de la operación { $number }: llegó hasta el final. `synod operations show { $number }` muestra qué fue de ella.
cli-nothing-while-running = La operación { $number } aún no ha terminado: `synod operations show { $number }` muestra cuánto lleva.
cli-nothing-to-look-for = Todo en la operación #{ $number } ya está resuelto.
cli-unended = sin terminar: { $counts }
cli-pruned = { $count ->
    [0] Ninguna operación es tan antigua.
    [one] { $count } operación eliminada.
   *[other] { $count } operaciones eliminadas.
}
cli-ask-prune = { $count ->
    [one] ¿Eliminar { $count } operación del registro, con todo lo que cuenta y los enlaces de invitación que guardó? y (sí) o n (no):
   *[other] ¿Eliminar { $count } operaciones del registro, con todo lo que cuentan y los enlaces de invitación que guardaron? y (sí) o n (no):
}
cli-forgot-links = { $count ->
    [0] No se guarda ningún enlace de invitación.
    [one] { $count } enlace de invitación olvidado.
   *[other] { $count } enlaces de invitación olvidados.
}
cli-ask-forget-links = { $count ->
    [one] ¿Olvidar { $count } enlace de invitación? Después no se puede volver a entrar en el grupo. y (sí) o n (no):
   *[other] ¿Olvidar { $count } enlaces de invitación? Después no se puede volver a entrar en los grupos. y (sí) o n (no):
}
cli-man-unwritable = No se pueden escribir las páginas del manual en { $dir }: { $why }. Elija otra carpeta con --dir.

# El examen: qué se mira, y qué se encuentra.
doctor-program = programa
doctor-configuration = configuración
doctor-config-mode = su modo
doctor-instance = instancia
doctor-reachable = alcance
doctor-tls = cifrado
doctor-token = token
doctor-connection = conexión
doctor-budget = cupo
doctor-phone = teléfono
doctor-free-space = espacio libre
doctor-clock = reloj
doctor-state-dir = carpeta de estado
doctor-journal = registro
doctor-terminal = terminal
doctor-locale = letras
doctor-config-advice = Corríjalo y ejecute synod doctor de nuevo.
doctor-config-ok = { $count ->
    [one] { $file } define { $count } instancia
   *[other] { $file } define { $count } instancias
}
doctor-mode-private = nadie más puede leerlo
doctor-mode-open = otros pueden leerlo, y está bien mientras no contenga ningún secreto
doctor-mode-advice = Para que sea solo suyo: chmod 600 { $quoted }
doctor-instance-advice = Corríjalo en la configuración y ejecute synod doctor de nuevo.
doctor-reachable-ok = el gateway responde
doctor-tls-ok = se acepta el certificado del gateway
doctor-tls-loopback = http sin cifrar, solo en esta máquina
doctor-token-ok = el gateway lo acepta
doctor-budget-unknown = el gateway no dice cuántas solicitudes quedan
doctor-budget-advice = Otros programas pueden usar este mismo token; espere a que se renueve antes de enviar mucho.
doctor-phone-online = en línea, dice el gateway
doctor-phone-offline = fuera de línea, dice el gateway, aunque el número está conectado
doctor-phone-advice = Los cambios pueden fallar o tardar: compruebe que el teléfono está encendido y con red.
doctor-clock-unknown = sin comparar: la respuesta del gateway no traía la hora; compruebe que la de esta máquina es la correcta
doctor-clock-ok = a menos de un minuto del reloj del gateway
doctor-clock-ahead = el reloj de esta máquina va { $span } adelantado respecto al del gateway
doctor-clock-behind = el reloj de esta máquina va { $span } atrasado respecto al del gateway
doctor-clock-advice = Los certificados, las esperas y las horas del registro dependen de él: póngalo en hora, por ejemplo con timedatectl set-ntp true.
doctor-state-ok = se puede escribir en { $dir }
doctor-state-advice = Dese permiso para escribir en { $dir }, o elija otra con --state-dir.
doctor-free-space-left = { $megabytes } MB donde está el registro
doctor-free-space-advice = No se envía nada cuando el registro no se puede escribir: haga sitio para { $dir }, o elija otra con --state-dir.
doctor-state-open = otros pueden mirar dentro
doctor-state-mode-advice = Para que sea solo suya: chmod 700 { $quoted }
doctor-journal-ok = se puede leer
doctor-terminal-ok = { $term }
doctor-terminal-none = aquí no hay: `synod` sin comando necesita uno, los comandos no
doctor-terminal-dumb = dice que no sabe dibujar nada: ponga en TERM lo que es
doctor-locale-other = este entorno no pide UTF-8
doctor-locale-advice = Los nombres pueden verse mal: ponga en LANG un locale UTF-8, como es_ES.UTF-8.

# Lo que sale mal con el registro y con el bloqueo de una instancia. $file es el archivo; $why, las palabras del sistema, o store-read-only
store-no-directory = el directorio de estado { $file } no es un directorio: quite lo que hay en su lugar o elija otro con --state-dir
store-not-writable = no se puede escribir el registro { $file }: { $why }. Dese el derecho de escribir allí o elija otro directorio con --state-dir
store-read-only = es de solo lectura, o lo es su directorio
store-disk-full = no se puede escribir el registro { $file }: el disco está lleno, o un archivo no puede crecer más (ulimit -f). Haga sitio e inicie Synod de nuevo
store-newer = el registro { $file } lo escribió un Synod más nuevo (formato { $found }, este conoce { $known }): use esa versión o elija otro directorio con --state-dir
store-damaged = el registro { $file } está dañado o no es un registro: muévalo para empezar uno nuevo y consérvelo, porque dice lo que se envió
store-busy = el registro { $file } lo usa otro programa: espere a que termine e inténtelo de nuevo
store-unsafe = el directorio de estado no se usa: { $why }
store-no-locks = este sistema de archivos no sabe bloquear archivos, y dos programas podrían escribir a la vez en el registro { $file }: ponga el directorio de estado en un disco local (--state-dir)
store-conflict = el registro { $file } ya tiene otro evento en ese lugar: otro Synod escribe en la misma operación; deje seguir solo a uno
store-gone = el registro { $file } fue borrado o reemplazado mientras Synod lo usaba: lo que se escribe en él se pierde. No se envía nada más. Si puede, devuelva el archivo a su lugar, inicie Synod de nuevo y mire qué se hizo
store-interrupted = el trabajo en el registro { $file } se interrumpió: inicie Synod de nuevo, él lee lo que quedó registrado
store-other = no se pudo usar el registro { $file }: { $why }. Inténtelo de nuevo o elija otro directorio con --state-dir
journal-broke-at-order = el registro falló al recibir la orden: inicie Synod de nuevo, él lee lo que quedó registrado
journal-broke-at-reading = el registro falló al leer lo que se interrumpió: inicie Synod de nuevo
journal-other-order = el registro devolvió otra cosa en lugar de la orden, y no se envió nada: inicie Synod de nuevo
journal-no-json = no se pudo escribir un evento como JSON: { $why }
claim-held = otro Synod escribe en esta instancia: espere a que termine o deténgalo allí
claim-held-by = otro Synod (proceso { $process }, desde { $since }) escribe en esta instancia: espere a que termine o deténgalo allí
claim-failed = no se puede obtener el bloqueo { $file }: { $why }. Nada se envía sin él; dese el derecho de escribir allí o elija otro directorio con --state-dir
claim-unsafe = el bloqueo no se obtiene, y nada se envía sin él: { $why }
claim-no-locks = este sistema de archivos no sabe bloquear archivos, y el bloqueo { $file } no detendría a nadie: ponga el directorio de estado en un disco local (--state-dir)
claim-gone = el bloqueo { $file } fue borrado o reemplazado mientras Synod lo tenía, y otro Synod puede estar escribiendo en esta instancia. No se envía nada más; inicie Synod de nuevo cuando no haya otro en marcha
claim-cut-short = el trabajo en él se interrumpió
submit-unknown-instance = el motor no conoce la instancia { $instance }
submit-ending = Synod está terminando, así que no se puede iniciar ninguna operación
