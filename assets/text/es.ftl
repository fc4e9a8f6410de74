# Lo que lee la gente, en español. Las claves son las de en.ftl, y las variables también.
#
# Una palabra para cada cosa (la tabla en inglés está en docs/operations.md):
#   gateway              gateway                 link, unlink          vincular, desvincular
#   instance             instancia               move, leave           mover, salir
#   community            comunidad               rejoin                volver a entrar
#   subgroup             subgrupo                mark / tick           marcar / incluir
#   announcement group   grupo de avisos         plan                  plan
#   standalone group     grupo suelto            operation, item       operación, elemento
#   invite link          enlace de invitación    outcome, journal      resultado, registro
#   admin                administrador           group list            listado
#   quota                cuota                   verified              verificado
#   contradicted         no confirmado           already done          ya hecho
#   refused              rechazado               unknown               desconocido

# Un grupo o comunidad cuyo nombre no muestra nada; $tail es el final del ID.
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
outcome-already-so = ya hecho
outcome-contradicted = no confirmado
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
    [one] { $count } ya hecho
   *[other] { $count } ya hechos
}
counted-contradicted = { $count ->
    [one] { $count } no confirmado
   *[other] { $count } no confirmados
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
remark-again = se enviará de nuevo
remark-next-step = esperando su segundo paso
remark-sending = esperando al gateway
remark-sending-for = esperando al gateway desde hace { $span }
remark-look-due = esperando comprobación
remark-checking = comprobando el listado

# Por qué un grupo terminó como terminó.
item-may-await-approval = fuera del listado; quizá falte que un administrador de la comunidad lo apruebe
item-no-listing = después no se pudo leer el listado: { $why }
item-answers-differ = las respuestas del gateway se contradicen
item-cannot-be-shown = aceptado, pero los listados de este gateway no pueden confirmarlo
item-in-neither = ni en la comunidad ni en la lista de grupos: no se puede concluir nada
item-left-standing = desvinculado, pero no vinculado: ninguna respuesta lo muestra en una comunidad
item-moved-elsewhere = desvinculado; otra persona lo movió a { $community }
item-stopped = usted detuvo la operación antes de su turno
item-halted = detenido antes de su turno: { $why }
item-interrupted = Synod se cerró antes de su turno
guess-community-full = nuestra suposición: la comunidad está llena (sin motivo dado)
guess-elsewhere-or-not-admin = nuestra suposición: está en otra comunidad, o el número no es administrador (sin motivo dado)
guess-not-admin-of-community = nuestra suposición: el número no es administrador de la comunidad (sin motivo dado)
guess-last-subgroup = nuestra suposición: la comunidad no puede perder su último grupo (sin motivo dado)

# Por qué una fila del plan está donde está.
reason-announcements-group = el grupo de avisos se queda con su comunidad
reason-is-community = esto es una comunidad, no un grupo: solo se sale de ella por completo
reason-no-call-to-leave-community = este gateway no puede salir de una comunidad; salga de sus grupos
reason-no-call-to-link = este gateway no tiene llamada para vincular grupos
reason-no-call-to-unlink = este gateway no tiene llamada para desvincular grupos
reason-in-other-community = en { $community }: use mover
reason-moved-elsewhere = otra persona lo movió a { $community }
reason-listed-twice = el gateway lo lista también en { $community }: actualice y planifique de nuevo
reason-over-limit = pasa del límite
reason-over-limit-swap = pasa del límite; [{ $key }] lo cambia
reason-last-subgroup = una comunidad debe conservar al menos un grupo
reason-last-subgroup-swap = una comunidad debe conservar al menos un grupo; [{ $key }] elige otro
reason-last-subgroup-may-be-refused = último grupo: el gateway puede rechazarlo
reason-not-admin = el número no es administrador de este grupo
reason-not-admin-of-community = el número no es administrador de la comunidad; sus administradores pueden recibir una sugerencia
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
reason-may-be-community = el gateway no dice si es una comunidad, y salir de una es salir de todos sus grupos
reason-may-be-others = el gateway lo había rechazado: quizá lo hizo otra persona
reason-no-such-group = el gateway no conoce ese grupo
reason-place-unknown = ninguna respuesta dice en qué comunidad está
reason-probe-unreliable = el gateway dice que no es comunidad, pero no hay comunidad conocida para comprobar la respuesta
reason-details-failed = no se pudieron leer sus detalles: { $why }
reason-source-unread = no se pudo leer el listado de su comunidad: { $why }
reason-target-unread = no se pudo leer el listado de la comunidad de destino: { $why }
reason-already-member = el número ya está en él
reason-no-invite-link = no se guardó ningún enlace de invitación
reason-not-ticked = usted no lo incluyó: { $why }
reason-left-out = usted lo dejó fuera
plan-remark-no-way-back = sin enlace de invitación: no se podrá volver
plan-roles-unknown = { $count ->
    [one] En { $count } grupo no se sabe si el número es administrador; si no, se rechaza.
   *[other] En { $count } grupos no se sabe si el número es administrador; si no, se rechaza.
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
head-already-so = Ya hecho: nada que enviar
head-left-out = Omitido por usted

# Qué impide ejecutar un plan.
obstacle-read-only = Synod se inició con --read-only y no envía nada. Inícielo sin esa opción para ejecutar este plan.
obstacle-no-target = No hay comunidad elegida a la que vincular. Vuelva y elija una en el panel izquierdo.
obstacle-gateway = Ahora no se puede ejecutar nada: { $why }
obstacle-target-unread = No se pudo leer el listado de la comunidad, y ningún resultado podría verificarse: { $why }

# Qué se hace con cuántos grupos.
task-link = { $count ->
    [one] vincular { $count } grupo
   *[other] vincular { $count } grupos
}
task-link-to = { $count ->
    [one] vincular { $count } grupo a { $community }
   *[other] vincular { $count } grupos a { $community }
}
task-unlink = { $count ->
    [one] desvincular { $count } grupo
   *[other] desvincular { $count } grupos
}
task-move = { $count ->
    [one] mover { $count } grupo
   *[other] mover { $count } grupos
}
task-move-to = { $count ->
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
failure-no-instance = el gateway tiene varias instancias, y la entrada no indica ninguna
failure-not-connected = la instancia no está conectada a WhatsApp
failure-banned = WhatsApp suspendió este número
failure-forbidden = el número no tiene permiso
failure-not-found = grupo desconocido, o el número no está en él
failure-not-member = el número no está en el grupo
failure-rate-limited = se alcanzó el límite de solicitudes del gateway
failure-throttled = WhatsApp está limitando este número
failure-refused = el gateway lo rechazó
failure-not-a-community = el gateway dice que esto no es una comunidad
failure-community-full = WhatsApp no admite más grupos en esta comunidad
failure-limit-reached = esta comunidad alcanzó un límite de WhatsApp
failure-gateway-error = el gateway informa de un fallo interno
failure-server-fault = el servidor falló
failure-timed-out = no llegó respuesta a tiempo
failure-dropped = se cortó la conexión
failure-unreachable = no se pudo conectar con el gateway
failure-unreachable-proxy = no se pudo conectar con el gateway por el proxy { $proxy }
failure-tls = no se aceptó el certificado del gateway
failure-tls-proxy = no se aceptó el certificado que llegó por el proxy { $proxy }
failure-proxy-auth = un proxy en el camino pide usuario y contraseña (407)
failure-too-long = la respuesta es demasiado larga, y Synod dejó de leerla
failure-not-json = la respuesta no es JSON; probablemente es la página de un proxy
failure-not-json-status = una página de proxy o de protección respondió con { $status }
failure-empty-answer = la respuesta está vacía
failure-unmentioned = el gateway no dijo nada de este grupo
failure-malformed = la respuesta no tiene el formato documentado del gateway
failure-redirected = el gateway respondió con una redirección, que Synod nunca sigue
failure-no-listing = la respuesta no es el listado de la comunidad: falta su grupo de avisos
failure-unsupported = este gateway no lo permite
failure-wrong-request = el gateway dice que la solicitud es inválida
failure-not-read = no se leyó
failure-read-only = Synod se inició con --read-only
advice-token = Ponga el token correcto donde la configuración lo lee y ejecute Synod de nuevo.
advice-token-here = Para corregirlo, presione [{ $instances }] y luego [{ $edit }].
advice-instance = Revise el nombre de la instancia en la configuración; distingue mayúsculas y minúsculas.
advice-no-instance = Añada la línea `instance` a la entrada de la configuración.
advice-instance-here = Revise el nombre de la instancia; distingue mayúsculas y minúsculas. Para corregirlo, presione [{ $instances }] y luego [{ $edit }].
advice-no-instance-here = Para indicar la instancia, presione [{ $instances }] y luego [{ $edit }].
advice-connect = Conéctela en el panel del gateway y vuelva a intentarlo.
advice-banned = Detenga el trabajo masivo con este número y abra WhatsApp en su teléfono para ver el motivo.
advice-rights = Compruebe en WhatsApp que el número está en el grupo y es administrador.
advice-wait = Una operación en marcha sigue por sí sola; si no, espere un minuto y vuelva a intentarlo.
advice-again = Vuelva a intentarlo; si sigue fallando, compruebe el estado del gateway.
advice-network = Revise la red y base_url en la configuración y vuelva a intentarlo.
advice-tls = Revise base_url, el reloj y los certificados CA de esta máquina; ca_file indica un certificado propio.
advice-proxy-auth = Indíquelos en `proxy` de la configuración o en HTTPS_PROXY: http://usuario:contraseña@host:puerto.
advice-proxy = Revise `proxy` en la configuración o HTTPS_PROXY, y si el proxy le deja llegar al gateway.
advice-too-long = Revise base_url y el servidor que responde allí; si es el gateway, informe del problema.
advice-base-url = Revise base_url en la configuración, y cualquier proxy en el camino, y vuelva a intentarlo.
advice-contract = El gateway puede haber cambiado: busque una versión más nueva de Synod o informe del problema.
advice-unsupported = Desde aquí no se puede hacer nada al respecto.
advice-not-read = Haga el plan de nuevo.
advice-read-only = Inicie Synod sin --read-only.

# Si la instancia está conectada.
connection-asking = consultando al gateway
connection-connected = conectado
connection-connecting = conectando
connection-banned = suspendido por WhatsApp
connection-not-connected = no conectado
connection-not-connected-word = no conectado ({ $word })

# La línea de arriba.
header-reading = leyendo
header-reading-of = leyendo { $done }/{ $total }
header-probing = buscando comunidades { $done }/{ $total }, falta { $span }
header-probing-short = consultados { $done }/{ $total }, falta { $span }
header-probing-paused-short = en pausa { $done }/{ $total }
header-probing-paused = búsqueda en pausa en { $done }/{ $total }
header-budget = cuota { $left }/{ $limit }
header-budget-resets = cuota { $left }/{ $limit }, se renueva en { $span }
header-read-only = solo lectura
header-insecure = http sin cifrar
header-needs-you = { $count ->
    [one] { $count } le necesita
   *[other] { $count } le necesitan
}
header-running = { $count } en curso
header-connected = { $count } de { $all } conectados
header-all = los { $count } números  
header-broken = { $count } con errores
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
sorted-by-capacity = lugares
pane-operation = Operaciones
pane-count-of = { $shown } de { $all }
pane-capacity = { $size } de { $limit }
pane-capacity-at-least = { $size }+ de { $limit }
# Pueden faltar grupos en la lista.
pane-incomplete = incompleto
pane-zoomed = { $key } todos los paneles
pane-unknown = { $count ->
    [one] { $count } desconocido
   *[other] { $count } desconocidos
}
# Qué edad tiene lo que leyó una ejecución anterior, hasta que se lea de nuevo.
pane-read = leído { $age }
announcements-group = Avisos
communities-reading = Leyendo las comunidades …
communities-failed = Ahora no se puede hacer nada: { $why }
communities-failed-again = Ahora no se puede hacer nada: { $why } Presione [{ $refresh }] para leer de nuevo.
communities-not-connected = { $why } También puede presionar [{ $instances }] para conectarla desde aquí, o [{ $refresh }] para leer de nuevo.
communities-none = Este número no está en ninguna comunidad. Presione [{ $refresh }] para leer de nuevo.
communities-unknown = Aún no se conoce ninguna comunidad. Este gateway no puede listarlas: indíquelas en la configuración (communities = ["…@g.us"]), o presione [{ $key }] para buscarlas.
subgroups-reading = Leyendo los subgrupos …
subgroups-none = No hay ningún grupo en esta comunidad.
subgroups-failed = No se pudo leer el listado: { $why }
groups-reading = Leyendo la lista de grupos …
groups-unread = La lista de grupos aún no se ha leído.
groups-none = Aquí no hay ningún grupo.
groups-hidden = Nada coincide. [{ $back }] vuelve a mostrar todo.
# Los términos de un filtro: is:full, in:"nombre", members:>500.
filter-term-name = nombre
filter-unfinished = Términos de búsqueda: { $terms }. Valen junto con los demás términos y con las palabras.
filter-no-term = «{ $given }» no es un término de búsqueda aquí, así que nada coincide. Los términos son { $terms }. Para buscar el texto mismo, escriba ' delante.
groups-failed = No se pudo leer la lista de grupos: { $why }

# La operación, abajo.
operation-unread = Sus grupos se leen del registro cuando este panel tiene el foco.
operation-open = { $count ->
    [one] falta { $count }
   *[other] faltan { $count }
}
operation-waiting = { $count ->
    [one] { $count } operación más en cola
   *[other] { $count } operaciones más en cola
}
phase-waiting = esperando su turno
phase-left = falta cerca de { $span }
phase-paused-for = { $why }, sigue en { $span }
phase-paused-by-you = usted pausó, [{ $key }] sigue
phase-stopping = deteniendo: no se envía nada más
operation-done = #{ $operation } terminada
operation-stopped = #{ $operation } detenida
ending-why = por qué
ending-retry = reintentar { $count }
ending-dismiss = cerrar
operation-outlives = sigue si se corta la conexión
operation-ends-with-terminal = se detiene si se cierra la ventana
pause-operator = usted pausó
pause-budget = cuota agotada
pause-throttled = límite de WhatsApp
pause-in-flight = la última solicitud de otro Synod puede estar en curso
stop-operator = detenida por usted
stop-failure = detenida: { $why }
stop-alike = detenida: el resto se rechazaría por el mismo motivo ({ $why })
stop-community-full = detenida: la comunidad está llena
stop-time-out = detenida: pasó el tiempo límite
stop-journal = detenida: no se pudo escribir el registro
stop-interrupted = interrumpida: Synod se cerró durante la operación

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
hint-stop = detener
hint-pause = pausa
hint-next-pane = grupos
hint-enter = sus grupos
hint-filter = filtro
hint-mark = marcar
hint-range = rango
hint-link = vincular
hint-unlink = desvincular
hint-move = mover
hint-leave = dejar
hint-tick = incluir o no
hint-tick-all = incluir todo
hint-retry = reintentar
hint-look-again = comprobar
hint-undo = deshacer
hint-resume = reanudar
hint-open = abrir
hint-details = detalles
hint-operations = operaciones
hint-all-instances = todos los números
hint-palette = más
hint-export = exportar
hint-copy-command = copiar como comando
hint-write-plan = guardar
hint-save = guardar
hint-next-form = CSV o JSON
hint-invite-link = enlace de invitación
hint-refresh = actualizar
hint-read-again = leer de nuevo
hint-copy = copiar
hint-next-outcome = por resultado
hint-change-target = otra comunidad
hint-other-number = otro número
hint-turn-into-moves = mover
hint-compare = comparar
hint-plan-differences = planear
hint-mark-all = marcar todo
hint-confirm = confirmar
hint-skip-checks = omitir el resto
hint-confirm-quit = detener y cerrar
hint-choose = elegir
hint-begin = empezar o seguir
hint-add-community = añadir
hint-forget-community = quitar
hint-connect = código QR
hint-connect-by-number = código por número
hint-reconnect = reconectar
hint-add-instance = añadir
hint-edit-instance = cambiar
hint-remove-instance = quitar
hint-confirm-removal = quitarla
hint-save-instance = probar y guardar
hint-save-anyway = guardar así
hint-next-field = campo siguiente
hint-next-origin = otro origen
hint-take-text = aceptar
hint-complete-term = completar
hint-keep-filter = mantener
hint-run = ejecutar
hint-help = ayuda
hint-show-all = mostrar todo
hint-back = volver

footer-journal = No se puede enviar nada: { $why }.

notice-theme = Tema: { $name }
notice-nothing-marked = Aquí no hay ningún grupo marcado: ponga el cursor en uno, o marque varios con [{ $key }].
no-call-to-link = { $gateway } no tiene llamada para vincular grupos.
no-call-to-unlink = { $gateway } no tiene llamada para desvincular grupos.
no-call-to-move = { $gateway } no tiene llamadas para mover grupos.
notice-no-community = No se conoce ninguna comunidad, así que no hay dónde actuar.
notice-cannot-mark = El grupo de avisos se queda con su comunidad y no se puede marcar.
notice-mark-groups = Solo se pueden marcar grupos: [{ $key }] lleva a ellos.
notice-nothing-runs = No hay ninguna operación en marcha.
notice-still-runs = La operación aún no ha terminado: deténgala antes, o espere.
notice-nothing-to-retry = Ningún grupo de esta operación se puede reintentar.
notice-nothing-to-look-for = Todos los grupos de esta operación tienen resultado definitivo.
notice-looking-again = Comprobando de nuevo la operación #{ $operation }: no se envía nada.
notice-looked-again = Se comprobó de nuevo la operación #{ $operation }: los resultados están al día.
notice-nothing-to-undo = Nada de esta operación se puede deshacer.
notice-nothing-to-resume = No quedó nada con que seguir, ni grupo al que volver a entrar.
notice-stopping = Deteniendo tras la solicitud actual. Presione [{ $key }] otra vez para cerrar Synod.
notice-again-to-quit = Presione [{ $key }] otra vez para cerrar Synod.
notice-copied = Enviado al portapapeles de la terminal: { $what }
notice-copied-link = El enlace de invitación se envió al portapapeles de la terminal. Quien lo tenga puede entrar en el grupo.
notice-copied-lines = { $count ->
    [one] Se envió { $count } línea al portapapeles de la terminal.
   *[other] Se enviaron { $count } líneas al portapapeles de la terminal.
}
notice-copied-command = Enviado al portapapeles de la terminal; si no funciona, cópielo de aquí.
notice-exported = La operación se guardó en { $file }.
notice-plan-written = { $count ->
    [one] El plan se guardó en { $file }: `synod apply { $file }` lo ejecuta. No se envió nada.
   *[other] El plan se guardó en { $count } archivos, uno para cada número: { $file }. No se envió nada.
}
notice-nothing-to-write = Ahora no se puede ejecutar nada, así que no hay plan que guardar.
notice-only-groups-have-links = Aquí solo los grupos tienen enlace de invitación: abra los detalles de uno.
notice-not-submitted = No se inició: { $why }
notice-store-away = No se puede acceder al almacén: no se envía nada. Se reintenta.
notice-store-back = Ya se puede acceder de nuevo al almacén.
notice-taken-elsewhere = Aquí no se envía nada más: { $why }
notice-number-in-use = No se envía nada hasta que el número esté libre: { $why }
notice-plan-changed = La comunidad cambió entretanto: revise el plan otra vez antes de confirmarlo.
notice-cannot-tick = De todos modos no se envía nada para estas filas.
notice-cannot-turn = Ninguno de estos grupos está en otra comunidad.
notice-no-number-for = { $count ->
    [one] { $count } grupo queda fuera: ningún número está en el grupo y en esa comunidad.
   *[other] { $count } grupos quedan fuera: ningún número está en el grupo y en esa comunidad.
}
notice-leave-alone = { $count ->
    [one] { $count } grupo queda fuera: varios de sus números están en él. Muestre uno solo y salga allí.
   *[other] { $count } grupos quedan fuera: varios de sus números están en ellos. Muestre uno solo y salga allí.
}
notice-target-kept = { $count ->
    [one] { $count } grupo conserva su comunidad: ningún número está en el grupo y también en la otra.
   *[other] { $count } grupos conservan su comunidad: ningún número está en el grupo y también en la otra.
}
notice-no-other-number = Ningún otro número está en estos grupos y sus comunidades.
notice-several-numbers = Varios de sus números están en esta comunidad. Muestre uno solo y salga allí.
notice-one-instance = Solo hay una instancia.
notice-cannot-plan-difference = Aquí no hay nada que planear: ningún grupo conocido coincide con la entrada.
notice-cannot-change-target = Estas filas no se vinculan a una comunidad.
notice-nothing-to-send = Este plan no enviaría nada.
notice-too-fast = Llegó demasiado rápido y no hizo nada: presione la tecla otra vez.
notice-too-fast-confirm = Llegó demasiado rápido: presione [{ $key }] otra vez.
notice-too-fast-typed = Llegó demasiado rápido: escriba el último carácter otra vez.
notice-only-keys-confirm = El ratón no confirma nada: presione la propia tecla.
notice-nothing-to-probe = Nada que buscar: todos los grupos ya se comprobaron.
notice-probed = { $count ->
    [0] No se encontró ninguna comunidad entre los grupos.
    [one] Se encontró { $count } comunidad.
   *[other] Se encontraron { $count } comunidades.
}
notice-probe-failed = La búsqueda terminó antes: { $why }
notice-not-configured = Esta instancia no está en la configuración: añada las líneas que figuran abajo y pulse [{ $read }] aquí.
notice-is-configured = Esta instancia ya está en la configuración.
notice-broken = Esta instancia tiene errores: las líneas de abajo dicen por qué y qué hacer.
notice-entry-saved = «{ $instance }» está en la configuración.
notice-listed-added = { $count ->
    [one] Se añadió { $count } instancia a la configuración.
   *[other] Se añadieron { $count } instancias a la configuración.
}
notice-some-entries-added = { $count ->
    [one] Se añadió 1 instancia, otras no: { $why }
   *[other] Se añadieron { $count } instancias, otras no: { $why }
}
notice-entry-removed = «{ $instance }» ya no está en la configuración. Su registro se conserva.
notice-not-reconfigured = La configuración no se cambió: { $why }
notice-not-reread = No se pudo leer la configuración: { $why }
notice-reconfigured = { $count ->
    [one] La configuración tiene { $count } instancia que funciona.
   *[other] La configuración tiene { $count } instancias que funcionan.
}
notice-instance-held = «{ $instance }» tiene una operación en marcha y queda como estaba. Lea la configuración de nuevo cuando la operación termine.
notice-instance-busy = «{ $instance }» tiene una operación en marcha. Espere a que termine, o deténgala.
notice-no-configuration = La demostración no tiene una configuración que se pueda cambiar.
notice-entry-unnamed = Esta entrada no tiene un nombre válido: corríjala en la configuración.
notice-cannot-connect = Este gateway no puede hacer eso; conecte la instancia en el panel del gateway.
notice-read-only = Synod se inició con --read-only y no conecta nada. Inícielo sin esa opción.
notice-now-connected = { $instance } ya está conectada.
notice-was-connected = { $instance } ya está conectada; no se cambió nada.
notice-cannot-suspend = No se puede suspender con una operación en marcha: quedaría congelada a la mitad.
notice-cannot-detach = La demostración termina con su gateway simulado: no puede seguir en segundo plano.
notice-pasted = { $marked ->
    [0] El texto pegado no coincide con ningún grupo.
    [one] Se marcó { $marked } grupo pegado.
   *[other] Se marcaron { $marked } grupos pegados.
}
notice-interrupted = La operación #{ $operation } quedó interrumpida: { $counts }. Presione [{ $open }] para verla, y después [{ $resume }] para seguir.
notice-ended = Operación #{ $operation } terminada: { $counts }
desktop-ended = { $instance }: operación #{ $operation } terminada: { $counts }

# El plan.
plan-title = Plan: { $task }
plan-title-numbers = Plan para { $count } números: { $task }
plan-title-for = Plan para { $instance }: { $task }
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
    [one] { $count } ya hecho
   *[other] { $count } ya hechos
}
plan-count-left-out = { $count } fuera
plan-capacity = Ocupación: { $now } de { $limit } ahora, { $after } después
plan-capacity-at-least = Ocupación: al menos { $now } de { $limit } ahora, { $after } después
plan-shown = { $shown } de { $all } filas
plan-costs = { $requests ->
    [one] { $requests } solicitud
   *[other] { $requests } solicitudes
}, cerca de { $span }; cada resultado se comprueba después
plan-insecure = Las solicitudes viajan por la red sin cifrar (http).
plan-link = Los miembros entran en el grupo de avisos; desvincular lo deshace.
plan-unlink = Los miembros salen del grupo de avisos; vincular lo deshace.
plan-move = Cada grupo se desvincula y luego se vincula; entre tanto, sin comunidad.
plan-leave = Para volver hace falta un enlace de invitación; Synod lo guarda, si lo hay.
plan-rejoin = Entra por los enlaces guardados; en algunos debe aceptarlo un administrador.
plan-leave-community = El número sale también de sus grupos. No se puede deshacer desde aquí.
plan-more = … { $count } más abajo
plan-nothing = Este plan no enviaría nada. [{ $back }] vuelve.
plan-confirm-key = { $count ->
    [one] Presione [{ $key }] para confirmar o [{ $back }] para volver.
   *[other] Presione [{ $key }] para confirmar ({ $count } grupos) o [{ $back }] para volver.
}
plan-confirm-count = { $count ->
    [one] Escriba { $count } para salir del grupo, [{ $back }] para volver:
   *[other] Escriba { $count } para salir de los { $count } grupos, [{ $back }] para volver:
}
plan-confirm-name = Escriba «{ $expected }» para salir de esta comunidad, [{ $back }] para volver:
plan-confirm-tail = Escriba { $expected }, el final del ID, para salir de la comunidad, [{ $back }] vuelve:

planning-title = Leyendo el estado actual
planning-reading = Leyendo lo que el plan necesita: { $done } de { $total }
planning-skip = [{ $key }] omite el resto (lo que no se compruebe es arriesgado), [{ $back }] vuelve

# Qué espera una lectura para seguir; en la ventana del plan (62 columnas), en la última línea y en los comandos.
wait-throttled = WhatsApp está limitando este número: esperando { $span }
wait-limit = Se alcanzó el límite de solicitudes del gateway: esperando { $span }
target-title = { $count ->
    [one] ¿A qué comunidad? { $count } grupo
   *[other] ¿A qué comunidad? { $count } grupos
}
operations-title = Operaciones de { $instance }
operations-no-trouble = Ninguna operación le necesita.
operations-only-trouble = las que le necesitan
operations-title-all = Operaciones de todas las instancias
operations-none = Aún no hay operaciones. Marque grupos con [{ $key }], y luego vincúlelos, desvincúlelos, muévalos o salga de ellos.
operations-reading = El registro aún se está leyendo.
operations-only = solo { $outcome }
operation-state-waiting = en cola
operation-state-running = en marcha
operation-state-paused = en pausa
operation-state-stopping = deteniendo
operation-state-ended = terminada
operation-state-stopped = detenida
quit-title = Hay una operación en marcha
quit-ask = { $count ->
    [one] { $count } grupo aún no tiene resultado.
   *[other] { $count } grupos aún no tienen resultado.
} Presione [{ $key }] para terminar la solicitud actual, detener y cerrar; el resto no se envía. [{ $back }] vuelve.

# Lo que se sabe de un grupo o una comunidad; las etiquetas ocupan como máximo 16 celdas.
fact-id = ID
fact-name = Nombre
fact-as-given = Nombre exacto
fact-exact = «{ $name }»; en pantalla, sin caracteres invisibles ni de control
fact-members = Miembros
fact-members-admins = { $members }, { $admins ->
    [0] ningún administrador
    [one] { $admins } administrador
   *[other] { $admins } administradores
}
fact-of-members = { $count ->
    [one] { $count } miembro
   *[other] { $count } miembros
}
fact-role = Rol del número
fact-numbers = Números
fact-community = Comunidad
fact-in-no-community = en ninguna comunidad
fact-kind = Tipo
fact-known-from = Origen
fact-description = Descripción
fact-way-back = Cómo volver
fact-link-kept = hay un enlace de invitación guardado; el número puede volver a entrar con él
fact-link-closed = hay un enlace de invitación guardado, pero no se abre con la `key` de esta configuración
fact-link-not-kept = no hay ningún enlace de invitación guardado
fact-invite = Invitación
fact-groups = Grupos
fact-capacity = { $size } de { $limit }
fact-capacity-at-least = al menos { $size } de { $limit }: solo se listan los grupos en los que está el número
fact-listing = Listado
fact-listing-read = leído { $age }
fact-listing-never = nunca leído
fact-listing-incomplete = Puede estar incompleto: faltan muchos grupos que estaban antes, o termina donde los gateways cortan las listas. Un grupo que falta aquí puede seguir en la comunidad.
fact-details = Detalles
fact-operation = Operación
fact-outcome = Resultado
fact-change = Cambio
fact-diagnosis = Causa probable
fact-looked = Nueva lectura
fact-unknown = no se sabe
beside-more = [{ $key }] lo lee de nuevo y muestra el historial.
beside-invite-hidden = oculto
beside-no-operation = ninguna desde el inicio
role-member = miembro
role-admin = administrador
role-none = el número no está en él
kind-ordinary = grupo común
kind-announcements = grupo de avisos, que se queda con su comunidad
kind-community = comunidad
known-from-configuration = la configuración
known-from-memory = recordada de ejecuciones anteriores
known-from-listing = un listado del gateway
known-from-probe = una búsqueda de comunidades
known-from-groups = la lista de grupos, leída { $age }
known-from-community = el listado de { $community }, leído { $age }
known-from-journal = solo el registro
invite-hidden = oculto: [{ $key }] pide el enlace al gateway
invite-reading = pidiendo el enlace al gateway …
invite-none = el gateway no le da enlace a este número
invite-failed = no se pudo leer el enlace: { $why }
invite-shown = Quien tenga el enlace puede entrar. [{ $copy }] copia, [{ $key }] oculta; el enlace no se guarda.
details-reading = leyendo de nuevo, { $done } de { $total } …
details-read = al día; [{ $key }] los lee otra vez
details-failed = no se pudieron leer los detalles: { $why } [{ $key }] los lee otra vez.
history-title = En el registro
history-reading = leyendo el registro …
history-none = ninguna operación
history-failed = No se pudo leer el registro: { $why }

# Escribir en un archivo, y la línea de comandos de una operación.
save-plan-title = Guardar el plan en un archivo
save-operation-title = Guardar la operación #{ $operation } en un archivo
save-label = Archivo:
save-csv = CSV, una línea por grupo. Solo usted podrá leer el archivo, y no se sobrescribe nada.
save-json = JSON, un evento por línea. Solo usted podrá leer el archivo, y no se sobrescribe nada.
save-plans = Guarda { $count } archivos, uno para cada número, con su nombre al final. `synod apply` ejecuta cada uno más tarde, si nada cambió. No se sobrescribe nada.
save-plan = `synod apply` lo ejecuta más tarde, si nada cambió. Solo usted podrá leer el archivo, y no se sobrescribe nada.
save-taken = { $file } ya existe y no se sobrescribió nada: se propone otro nombre.
save-failed = No se pudo guardar el archivo: { $why }. Elija otro nombre.
save-writing = guardando …
compare-title = Comparar { $instance } con un archivo
compare-file = Un archivo de estado o una tabla con las columnas group y community: Synod muestra qué grupos no están donde dice.
compare-reading = leyendo …
compare-plan = Esto es un plan: `synod apply` lo ejecuta. Indique un archivo de estado o una tabla.
compare-unknown-community = Ninguna comunidad coincide con “{ $given }”. Indique el nombre o el ID de una del panel izquierdo.
drift-title = { $count ->
    [0] Ninguna diferencia
    [one] { $count } diferencia
   *[other] { $count } diferencias
} entre { $instance } y { $file }
drift-none = Cada grupo está donde el archivo dice.
drift-marked = { $count ->
    [0] Nada marcado.
    [one] { $count } grupo marcado.
   *[other] { $count } grupos marcados.
}
drift-others = { $count ->
    [one] { $count } grupo de otra instancia no se compara.
   *[other] { $count } grupos de otras instancias no se comparan.
}
drift-skipped = Los demás grupos se quedan en { $community }: { $why }.{ $more ->
    [0] {""}
    [one] {" "}Lo mismo en otra comunidad.
   *[other] {" "}Lo mismo en otras { $more } comunidades.
}
drift-none-here = El archivo no nombra ningún grupo de esta instancia.
drift-line = línea { $line }
faults-title = { $file }: { $count ->
    [one] { $count } error
   *[other] { $count } errores
}
faults-no-instance = Ninguna instancia se llama “{ $name }”.
faults-several-instances = Varias instancias se llaman “{ $name }”. Escríbalo como está escrita una de ellas.
faults-nothing = No se comparó nada. Corrija estas líneas y vuelva a comparar.
command-title = Lo mismo, como comando

# Qué parte de una lista pegada no se pudo marcar.
pasted-title = Líneas pegadas: { $marked ->
    [0] ninguna marcada
   *[other] { $marked } con marca y { $left } sin ella
}
pasted-unknown = «{ $given }» no corresponde a ningún grupo
pasted-near = «{ $given }» no corresponde a ningún grupo; nombres parecidos:
pasted-ambiguous = «{ $given }» corresponde a varios grupos; pegue el ID del correcto:
pasted-cannot-mark = «{ $given }» es una comunidad o su grupo de avisos; ninguno se puede marcar

# Qué pasó con un grupo de una operación.
timeline-title = Qué pasó
timeline-confirmed = usted confirmó el plan
timeline-sending = { $attempt ->
    [1] enviado: { $what }
   *[other] enviado de nuevo, intento { $attempt }: { $what }
}
timeline-yes = el gateway aceptó; el listado mostrará si funcionó
timeline-no = el gateway lo rechazó, sin dar motivo
timeline-no-because = el gateway lo rechazó: { $why }
timeline-silence = sin respuesta útil
timeline-silence-because = sin respuesta útil: { $why }
timeline-put-back = el gateway no hizo nada, así que el grupo vuelve a la cola: { $why }
timeline-shows-wanted = el nuevo listado lo confirma
timeline-shows-unconfirmed = un listado lo confirma; otro tiene que coincidir
timeline-shows-unwanted = el nuevo listado todavía no lo confirma
timeline-shows-nothing = no se pudo leer el listado
timeline-trying-again = se comprobó todas las veces y aún no aparece: se enviará de nuevo
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
diagnosis-cannot-tell = No se pudo averiguar la causa: { $why }
diagnosis-as-wanted = Ya está como usted quería: no hay nada más que hacer.
diagnosis-not-member = El número ya no está en el grupo. Pida que lo añadan otra vez y presione [{ $retry }] para reintentar.
diagnosis-no-such-group = El grupo ya no existe, o el número no está en él: el gateway no dice cuál de las dos cosas. Mire en WhatsApp; si el grupo ya no existe, no hay nada más que hacer.
diagnosis-announcements-group = Es un grupo de avisos, que se queda con su comunidad: no hay nada que hacer.
diagnosis-is-community = Este grupo es una comunidad, y una comunidad no se puede vincular a otra. Presione [{ $find }] en los paneles para que Synod lo sepa.
diagnosis-no-such-community = La comunidad ya no existe, o el número no está en ella. Elija otra, o pida que añadan el número otra vez.
diagnosis-in-other-community = Está en { $community }, y un grupo solo puede estar en una comunidad a la vez. Use mover.
diagnosis-community-full = La comunidad está llena: { $size } de { $limit } grupos. Desvincule algunos grupos, o elija otra comunidad.
diagnosis-not-admin = El número no es administrador del grupo. Pida a un administrador del grupo que lo nombre y presione [{ $retry }] para reintentar.
diagnosis-not-admin-of-community = El número no es administrador de la comunidad. Pida a un administrador de la comunidad que lo nombre y presione [{ $retry }] para reintentar.
diagnosis-not-admin-of-community-waits = El número no es administrador de la comunidad, así que el vínculo puede estar esperando como sugerencia. Pida a un administrador de la comunidad que lo apruebe en WhatsApp y actualice.
diagnosis-may-await-approval = Quizá falte que un administrador de la comunidad lo apruebe en WhatsApp. Si no hay solicitud allí, presione [{ $retry }] para reintentar.
diagnosis-last-subgroup = Es el último grupo de la comunidad, y ella debe conservar uno. Vincule antes otro grupo.
diagnosis-never-sent = No se envió, y nada parece estar mal. Presione [{ $resume }] para seguir con el resto, o [{ $retry }] para reintentar.
diagnosis-nothing-wrong = Ahora nada parece impedirlo. Presione [{ $retry }] para reintentar.

# Las teclas.
key-space = Espacio
help-title = Teclas
help-none = Ninguna tecla ni acción coincide. [{ $back }] vuelve a mostrarlas todas.
palette-title = Todas las acciones
palette-none = Ninguna acción coincide. [{ $back }] vuelve.
help-section-moving = Navegación
help-section-marking = Marcado
help-section-acting = Acciones
help-section-planning = En un plan
help-section-instances = Instancias
help-section-program = Programa
help-place-panes = En los paneles
help-place-operations = En las operaciones
help-place-drift = En una comparación con un archivo
help-place-details = En los detalles
help-place-instances = Entre las instancias
help-place-finding = Entre las comunidades conocidas
help-place-fields = En un campo de texto
help-place-others = En otras ventanas
help-section-terms = Términos de búsqueda del filtro
help-term-standalone = grupos que no están en ninguna comunidad
help-term-full = comunidades sin sitio, y sus grupos
help-term-duplicate = nombres que aparecen más de una vez
help-term-admin = donde su número es administrador
help-term-notadmin = donde su número no es administrador
help-term-marked = grupos marcados
help-term-in = grupos de las comunidades con este nombre
help-term-members = también < >= <= =: el número de miembros
help-term-range = de 100 a 200 miembros
help-term-text = el texto mismo, no un término
help-section-signs = Al final de una fila
help-sign-admin = su número es administrador
help-sign-member = su número es miembro, no administrador
help-sign-unknown = no se sabe si es administrador
help-up-down = arriba, abajo
help-page = una página arriba, abajo
help-half-page = media página arriba, abajo
help-first-last = al principio, al final
help-pane = panel siguiente, panel anterior
help-enter = los grupos de la comunidad; detalles del grupo
help-zoom = toda la pantalla para este panel, o su parte
help-divider = mover la línea entre dos paneles
help-extend = extender el rango
help-filter = filtrar por palabras; con ~ delante: difuso
help-toggle-all-groups = panel derecho: grupos sueltos o todos
help-sort = ordenar por nombre, tamaño, rol o lugares libres
help-mark = marcar y bajar
help-range = empezar un rango, o marcarlo
help-mark-all = marcar todo lo que está a la vista
help-invert-marks = invertir las marcas de las filas a la vista
help-clear-marks = desmarcar todo
help-only-marked = mostrar solo lo marcado
help-link = vincular a la comunidad elegida a la izquierda
help-unlink = desvincular de su comunidad
help-move = mover a otra comunidad
help-leave = salir del grupo; panel izquierdo: de la comunidad
help-stop = detener tras la solicitud actual
help-pause = poner en pausa, o seguir
help-detach = dejar en segundo plano lo que está en marcha
help-retry = en una operación: reintentar lo que se pueda
help-look-again = en una operación: comprobar sin enviar nada
help-undo = en una operación: deshacer lo verificado
help-resume = en una operación: seguir, o volver a entrar
help-open = abrir la operación, luego un grupo de ella
help-details = detalles de la fila
help-invite-link = en los detalles de un grupo: su enlace
help-export = en las operaciones: guardar una en un archivo
help-copy-command = en las operaciones: copiar una como comando
help-write-plan = en un plan: guardarlo en un archivo
help-save = guardar el archivo con ese nombre
help-next-form = guardar como CSV o como JSON
help-next-outcome = en una operación: mostrar un resultado por vez
help-operations = operaciones y su historial
help-refresh = leer todo de nuevo
help-find-communities = comunidades conocidas, y la búsqueda de más
help-add-community = en esa ventana: añadir una por ID o enlace
help-forget-community = en esa ventana: quitar una de la lista
help-copy = copiar el ID
help-tick = incluir o dejar fuera una fila; cambiar la sobrante
help-tick-all = incluir las filas mostradas, o dejarlas fuera
help-filter-plan = filtrar las filas del plan
help-invert-plan = incluir lo que está fuera, y al revés
help-change-target = otra comunidad: para la fila o las filtradas
help-other-number = en un plan de todas las instancias: actúa otro número
help-turn-into-moves = mover lo que está en otra parte, o vincularlo
help-compare-file = comparar con un archivo que dice dónde van los grupos
help-compare = comparar con este archivo
help-mark-difference = marcar una diferencia, o todas bajo un título
help-mark-all-differences = marcar todas las diferencias visibles
help-plan-differences = planear llevar los grupos marcados a su lugar
help-filter-differences = filtrar diferencias
help-confirm = confirmar (para salir, escriba la cantidad)
help-skip-checks = omitir las comprobaciones que faltan
help-confirm-quit = detener la operación y cerrar
help-choose = elegir la fila bajo el cursor
help-instances = instancias: estado, número, cuota, operaciones
help-step-instance = instancia siguiente, instancia anterior
help-all-instances = mostrar todas las instancias como una, o una sola
help-connect = en esa ventana: conectar con un código QR
help-connect-by-number = en esa ventana: conectar con un código
help-reconnect = en esa ventana: reconectar la sesión existente
help-add-instance = en esa ventana: añadir una instancia
help-tick-instance = en esa ventana: marcar una que la cuenta lista
help-edit-instance = en esa ventana: cambiar una entrada
help-remove-instance = en esa ventana: quitar una entrada
help-confirm-removal = quitar la entrada
help-save-instance = en el formulario: probar el token y guardar
help-save-anyway = en el formulario: guardar aun sin respuesta
help-field = en el formulario: campo siguiente o anterior
help-next-origin = en el formulario: secreto de otro origen
help-take-text = aceptar el texto escrito
help-complete-term = en un filtro: completar el término de búsqueda
help-keep-filter = mantener el filtro
help-palette = encontrar cada acción por su nombre
help-next-theme = mostrar la pantalla con el tema siguiente
help-run = en la lista de acciones: ejecutar
help-help = esta ayuda
help-back = volver un nivel
help-repaint = redibujar la pantalla
help-suspend = suspender
help-interrupt = detener la operación; dos veces: cerrar Synod
help-quit = cerrar Synod

# Las instancias.
instances-title = Instancias
instances-shown = { $instance } (a la vista)
instances-idle = ninguna operación en marcha
instances-broken = con errores
instances-broken-advice = Las demás instancias no se ven afectadas. Corrija esto con [{ $edit }], o en la configuración; después, [{ $read }] la lee de nuevo.
instances-broken-by-hand = Las demás instancias no se ven afectadas. Corrija esto en la configuración; después, [{ $read }] la lee de nuevo.
instances-not-configured = sin configurar
instances-listed = No está en la configuración. El token de { $instance } es el de su cuenta y sirve también para esta: [{ $tick }] la marca, y [{ $add }] añade todas las marcadas, o esta.
instances-connect = No conectada. [{ $qr }] muestra un código QR para el teléfono, [{ $number }] un código para un número de teléfono; [{ $session }] retoma la sesión existente del gateway.
instances-no-list = Este gateway no lista otras instancias.
instances-list-unread = No se pudieron listar las otras instancias de este token: { $why }
instances-how-to = No está en la configuración, así que no se puede elegir. El token de { $instance } es el de su cuenta y sirve también para esta. Añada esto a la configuración y pulse [{ $read }]:
instances-how-to-short = No está en la configuración. Añada un [[instance]] con gateway = { $gateway }, instance = { $name } y el token de { $instance }, y pulse [{ $read }].
instances-token-line = token = el mismo que el de { $instance }

# El formulario para una entrada de la configuración. Los nombres de los campos tienen como máximo 14 columnas.
entry-title-add = Añadir una instancia
entry-title-change = Cambiar { $instance }
entry-welcome = Bienvenido a Synod. Necesita una instancia: un número de WhatsApp en un gateway, y el token del panel del gateway. No se escribe nada antes de probar el token.
entry-gateway = Gateway
entry-address = Dirección
entry-instance = Instancia
entry-token = Token
entry-client-token = Client token
entry-name = Su nombre
entry-origin-typed = escrito:
entry-origin-variable = variable:
entry-origin-file = archivo:
entry-origin-command = orden:
entry-origin-kept = (como está)
entry-help-gateway = Qué gateway: las flechas laterales lo cambian.
entry-help-address = Solo si no es { $usual }.
entry-help-own-address = La dirección del servidor: este gateway no tiene una habitual.
entry-help-instance = El nombre de la instancia, exactamente como en el panel del gateway. Con el token de la cuenta, déjelo vacío para ver los nombres.
entry-help-instance-id = El ID de la instancia, del panel del gateway. Es un secreto: queda en un archivo que solo usted puede leer.
entry-help-instance-own = El nombre de la instancia, exactamente como en el gateway.
entry-help-instance-optional = El ID de la instancia. Un servidor para una sola no lo necesita.
entry-help-token = El token de la instancia, del panel del gateway. Queda en un archivo que solo usted puede leer.
entry-help-key = La clave de API del servidor o de la instancia. Queda en un archivo que solo usted puede leer.
entry-help-client-token = El client token de la cuenta; déjelo vacío si la cuenta no tiene.
entry-help-name = Su propio nombre para la instancia. Vacío: el mismo que en el gateway.
entry-help-name-needed = Su propio nombre para la instancia, como: tienda
entry-help-variable = El nombre de una variable de entorno que contiene el secreto.
entry-help-file = La ruta de un archivo que contiene el secreto. Una ruta relativa empieza en la carpeta de la configuración.
entry-help-command = Una orden que escribe el secreto, por ejemplo: pass show ryze
entry-help-kept = Queda como está en la configuración. Escriba para reemplazarlo.
entry-reading = leyendo la entrada …
entry-trying = probando el token …
entry-missing = Esto hace falta: escríbalo y pulse [{ $key }].
entry-listed = El token es el de la cuenta, y la cuenta tiene: { $names }. Escriba aquí una de ellas. Las demás se pueden añadir después, en la ventana de las instancias.
entry-not-listed = Escriba aquí el nombre de la instancia. No se pudieron leer los nombres: { $why }
entry-unreachable = No se puede llegar al gateway. Compruebe la red y la dirección.
entry-not-connected = El gateway acepta el token, pero no hay un teléfono conectado ({ $state }). Puede conectar uno en la ventana de las instancias.
entry-not-tried = No se pudo probar el token: { $why }
entry-save-anyway = [{ $key }] la guarda así.
entry-busy = La instancia tiene una operación en marcha. Espere a que termine, o deténgala.
entry-by-hand = El formulario no puede mostrar «{ $name }», porque sus líneas tienen un error: corríjalas en la configuración.
entry-none = Todavía no hay una instancia. [{ $open }] abre la ventana de las instancias, donde [{ $add }] añade una; [{ $quit }] sale.
entry-none-usable = Ninguna instancia funciona. [{ $open }] abre la ventana de las instancias, que dice por qué; [{ $quit }] sale.
removal-title = Quitar una instancia
removal-ask = ¿Quitar «{ $instance }» de la configuración? Su registro se conserva, y también los archivos con sus secretos; en el gateway no cambia nada. [{ $key }] la quita, [{ $back }] vuelve.

# Las comunidades, y la búsqueda de más.
finding-title = Comunidades de { $instance }
finding-lists = Este gateway lista sus comunidades: [{ $key }] lee la lista otra vez. Si falta una, añádala por su ID.
finding-unread = La lista de grupos aún no se ha leído, así que la búsqueda no puede empezar.
finding-known = Todos los grupos ya se comprobaron.
finding-offer = { $count ->
    [one] { $count } grupo puede ser una comunidad. Consultarlo
   *[other] { $count } grupos pueden ser comunidades. Consultarlos
} cuesta { $requests ->
    [one] { $requests } solicitud
   *[other] { $requests } solicitudes
}, cerca de { $span }. Presione [{ $key }] para empezar; esta ventana se puede cerrar.
finding-running = { $asked } de { $total ->
    [one] { $total } grupo consultado
   *[other] { $total } grupos consultados
}, { $found ->
    [one] { $found } encontrada
   *[other] { $found } encontradas
}, falta cerca de { $span }
finding-paused = En pausa: { $asked } de { $total ->
    [one] { $total } grupo consultado
   *[other] { $total } grupos consultados
}, { $found ->
    [one] { $found } encontrada
   *[other] { $found } encontradas
}. [{ $key }] sigue; eso cuesta { $requests ->
    [one] { $requests } solicitud
   *[other] { $requests } solicitudes
}, cerca de { $span }.
finding-failed = { $count } sin respuesta
finding-now = Consultando ahora: { $group }
finding-control = Primero una conocida, { $community }: las demás respuestas solo valen si se la encuentra
finding-ended = La búsqueda { $asked ->
    [0] no consultó ningún grupo
    [one] consultó { $asked } grupo
   *[other] consultó { $asked } grupos
} y { $found ->
    [0] no encontró ninguna comunidad
    [one] encontró { $found } comunidad
   *[other] encontró { $found } comunidades
}.
finding-ended-early = La búsqueda terminó antes, { $asked ->
    [0] sin consultar ningún grupo
    [one] tras { $asked } grupo
   *[other] tras { $asked } grupos
}: { $why }
finding-none = Aún no se conoce ninguna comunidad.
finding-from-configuration = configuración
finding-from-screen = añadida
finding-from-memory = recordada
finding-from-listing = listada
finding-from-probe = encontrada
finding-size = { $count ->
    [one] { $count } grupo
   *[other] { $count } grupos
}
finding-reading = aún no leída
finding-add = ID o enlace de invitación:
finding-add-id = ID:
finding-checking = Leyendo el listado de la comunidad …
finding-added = { $community } es una comunidad y se añadió.
finding-was-known = { $community } ya se conoce.
finding-not-added = No se añadió: este número no está en tal comunidad ({ $why }). Indique un ID ([{ $copy }] lo copia) o un enlace de invitación.
finding-not-added-id = No se añadió: este número no está en tal comunidad ({ $why }). Indique un ID ([{ $copy }] lo copia).
finding-not-read = No se añadió, porque no se pudo comprobar: { $why }
finding-forgotten = { $community } se quitó de la lista.
finding-forgotten-configured = { $community } se quitó hasta que Synod se inicie de nuevo, porque la configuración la nombra.
finding-forgotten-listed = { $community } se quitó hasta la próxima actualización, porque el gateway la lista.

# Conectar una instancia.
connect-title = Conectar { $instance }
connect-asking = Consultando al gateway: primero, si la instancia ya está conectada; un código puede tardar un minuto.
connect-qr = En el teléfono: abra WhatsApp, Dispositivos vinculados, Vincular un dispositivo, y escanee este código.
connect-lasts = Válido por { $span }; después Synod pide otro.
connect-no-room = El código QR necesita { $columns }×{ $rows } celdas, pero la terminal tiene { $wide }×{ $high }: agrándela o use una letra menor, o presione [{ $key }] para un código que se escribe en el teléfono.
connect-picture = El gateway envió su código QR como imagen, que una terminal no puede mostrar. Presione [{ $key }] para un código que se escribe en el teléfono, o conéctela en el panel del gateway.
connect-code = Escriba esto en el teléfono: WhatsApp, Dispositivos vinculados, Vincular un dispositivo, Vincular con el número de teléfono.
connect-on-its-way = El gateway está retomando la sesión existente.
connect-taken-up = El teléfono lo aceptó. Esperando a que la instancia se conecte …
connect-unused = El código no se usó. [{ $key }] pide otro.
connect-failed = No se pudo conectar la instancia: { $why }
connect-number = Número por conectar, solo dígitos, con el código de país:
connect-number-wrong = Escriba de 7 a 15 dígitos: primero el código de país, sin + ni espacios.
connect-number-what = El gateway da un código, que se escribe en el teléfono de este número.
connect-seen = Comprobado ahora mismo: { $state }
connect-unseen = No se pudo leer el estado: { $why }
connect-closes = El código es secreto: quien lo lea puede conectar su propio teléfono. [{ $back }] lo descarta.

# La configuración: qué está mal en ella. No se muestra ningún valor del archivo, porque cualquiera puede ser un secreto.
config-begin =
    Para probar Synod sin configuración, ejecute `synod demo`: no necesita gateway.
    Para añadir una instancia, ejecute `synod init`: pregunta todo y prueba el token.
    O escriba usted la configuración: empiece con esto, y ponga en RYZE_TOKEN el token de la instancia:

    { $example }

    Después `synod doctor` comprueba si funciona.
config-none =
    Aún no hay configuración: { $path } no existe.

    { $begin }
config-missing =
    El archivo de configuración { $path } no existe. Revise --config y SYNOD_CONFIG, o escriba el archivo.

    { $begin }
config-no-instances =
    El archivo de configuración { $path } no define ninguna instancia.

    { $begin }
config-unreadable = No se pudo leer el archivo de configuración { $path }: { $why }. Revise su dueño y sus permisos.
config-too-long = { $path } tiene más de 1 MiB: no puede ser una configuración ni un tema. Indique otro archivo.
config-no-text = { $path } no es texto UTF-8: no puede ser una configuración ni un tema. Indique otro archivo o escríbalo de nuevo.
config-no-file = { $path } no es un archivo común: no puede ser una configuración ni un tema. Indique otro archivo.
config-unsafe = La configuración no se usa: { $why }
config-theme-unreadable = No se pudo leer el archivo de tema { $path }: { $why }. Escríbalo como muestra docs/themes.md, o indique otro tema en [ui] en la configuración.
config-no-home = No se conoce la carpeta personal: ni HOME ni { $variable } está definida. Defina una de ellas, o indique { $flag } con una ruta.
config-problem =
    { $path }, línea { $line }: { $what }
    Por ejemplo: { $example }
config-twice = Esta clave o tabla está repetida; cada una puede aparecer una sola vez.
config-no-toml = Esta línea no es TOML válido. Los textos necesitan comillas a ambos lados, las listas necesitan corchetes, y cada línea tiene una clave, un signo igual y un valor.
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
config-same-name = La instancia de la línea { $other } ya tiene este nombre; cada una necesita el suyo, y mayúsculas y minúsculas cuentan igual.
config-same-instance = La entrada de la línea { $other } es la misma instancia: el mismo gateway, dirección y nombre. Quite una de las dos.
config-name = `name` debe tener de 1 a 40 caracteres visibles, sin espacios en los extremos.
config-instance = `instance` debe contener el nombre de la instancia en el gateway: sin barras, sin espacios en los extremos.
config-key-not-taken = { $gateway } no usa `{ $key }`. Quite la línea.
config-communities = `communities` debe ser una lista de ID, cada uno un texto entre comillas.
config-proxy = `proxy` debe ser una URL que empiece con http:// o https://.
config-proxy-password = `proxy` contiene una contraseña, pero otros usuarios pueden leer este archivo. Restrínjalo: chmod 600 { $quoted } - o use HTTPS_PROXY.
config-url-scheme = Una URL base debe empezar con https://.
config-url-plain = Con http sin cifrar el token viajaría legible por la red; solo se permite hacia esta misma máquina. Use https://, o acepte el riesgo con `insecure_http = true` en esta entrada.
config-url-user = Una URL base no puede contener usuario ni contraseña.
config-url-query = Una URL base no puede contener consulta ni fragmento.
config-url-host = El host o el puerto de la URL base no es válido.
config-url-path = Una URL base debe tener solo caracteres visibles simples, sin .. en su ruta.
config-read-back = `read_back` debe tener de 1 a 20 tiempos, cada uno mayor que el anterior.
config-timeout = Un tiempo límite debe ser mayor que cero.
config-throttle = La primera pausa debe ser mayor que cero, y no mayor que la más larga.
config-store-operator = `operator` es el nombre de una persona o máquina: como máximo 32 letras, dígitos y -_.@
config-store-key = `key` en `[store]` es para un almacén compartido, que necesita `url`
config-key-binding = Una tecla debe ser un texto entre comillas, o una lista de ellos.
config-secret = `{ $key }` debe ser una tabla con exactamente una de las claves env, file y command.
config-secret-open = `{ $key }` está escrito aquí, pero otros usuarios pueden leer este archivo. Restrínjalo: chmod 600 { $quoted } - o tome el secreto de otro lugar.
config-secret-strange = `{ $key }` está vacío, o contiene espacios u otros signos que ningún token tiene.
config-secret-env = `env` debe ser el nombre de una variable de entorno, no el secreto mismo.
config-secret-command = `command` debe ser una lista de textos: el programa, y luego sus argumentos.

# Por qué no se usa un archivo; cada texto sigue a dos puntos. El comando está al final, para copiarlo.
file-system = { $why }
file-not-regular = no es un archivo común, sino una carpeta, una tubería o un dispositivo
file-too-long = pasa de { $most }
file-no-text = la línea { $line } no es texto en UTF-8
file-link = { $path } es un enlace simbólico, que Synod no sigue aquí: compruebe adónde lleva y luego quítelo: rm { $quoted }
file-hard-links = { $path } tiene otro nombre (un enlace duro), así que escribir en él podría cambiar otro archivo: averigüe cuál y luego quite este nombre: rm { $quoted }
trust-owner = { $path } pertenece a otro usuario (número { $owner }): ejecute Synod como ese usuario, o revise el contenido y, como root, tome el archivo: chown { $user } { $quoted }
trust-file = otros usuarios pueden escribir en { $path }: revise el contenido y luego ejecute: chmod go-w { $quoted }
trust-file-root = usuarios además de root pueden escribir en { $path }: revise el contenido y luego ejecute como root: chmod go-w { $quoted }
trust-folder = otros usuarios pueden reemplazar archivos en { $path }: revise el contenido y luego ejecute: chmod go-w { $quoted }
trust-folder-root = usuarios además de root pueden reemplazar archivos en { $path }: revise el contenido y luego ejecute como root: chmod go-w { $quoted }

# De dónde viene un secreto, como comienzo de una frase; después, por qué no se puede obtener.
secret-from-variable = La variable de entorno { $name }
secret-from-some-variable = La variable de entorno que la configuración indica
secret-from-file = El archivo { $path }
secret-from-command = El comando { $program }
secret-from-some-command = La orden que indica la configuración
secret-from-output = La salida de { $program }
secret-from-some-output = La salida de la orden
secret-from-text = El texto en el archivo de configuración
secret-not-set = { $from } no está definida. Defínala con `export` antes de iniciar Synod.
secret-unreadable = No se pudo leer el archivo { $path }: { $why }. Revise su ruta, su dueño y sus permisos.
secret-no-file = { $path } no es un archivo. Indique el archivo que contiene el secreto.
secret-not-private = Otros usuarios pueden leer { $path }. Restrínjalo: chmod 600 { $quoted }
secret-not-run = { $from } no se puede ejecutar: { $why }. Compruebe que está instalado y en el PATH.
secret-failed = { $from } falló ({ $status }). Ejecútelo a mano para ver por qué.
secret-too-slow = { $from } no terminó en 30 segundos y se detuvo. Quizá esperaba una respuesta: ejecútelo a mano.
secret-empty = { $from } está vacío. Ponga ahí el secreto.
secret-no-output = { $from } no imprimió nada. Debe imprimir el secreto.
secret-no-token = { $from } contiene espacios, o caracteres que ningún token tiene. Debe contener solo el secreto, en una línea.
secret-too-long = { $from } pasa de 4 KiB, y ningún token es tan largo. Ponga ahí solo el secreto.
secret-failed-saying = { $from } falló ({ $status }): «{ $words }». Ejecútelo a mano para ver más.

# Qué impide abrir una instancia.
instance-unread = no se pudo leer { $key }: { $why }
instance-unopened = instancia «{ $name }»: { $why }
instance-title = { $name }
instance-untitled = (línea { $line })
open-token = `{ $key }` debe ser texto imprimible, sin saltos de línea, y no vacío.
open-instance = El nombre de la instancia está vacío.
open-ca-file = No se pueden leer los certificados en { $path }: { $why }. Revise ca_file.
open-ca-unsafe = ca_file no se usa: { $why }
open-no-certificates = { $path } no contiene ningún certificado en formato PEM. Revise ca_file.
open-proxy = La URL del proxy no se puede usar. Revise proxy en la configuración.
open-proxy-variable = { $name } no contiene la URL de un proxy que Synod pueda usar. Debe ser como http://host:puerto.
open-tls = No se encontraron certificados de autoridades: instale los del sistema (ca-certificates), o defina ca_file.

# Cambiar la configuración; $at es un archivo con una línea.
edit-name-taken = { $at }: la instancia de esta línea ya tiene el nombre «{ $name }». Elija otro.
edit-same-instance = { $at }: la entrada de esta línea ya es la misma instancia. No se añadió nada.
edit-no-entry = La configuración no tiene la instancia «{ $name }».
edit-changed = Varias entradas se llaman «{ $name }», y la configuración ha cambiado desde que se leyó. Léala de nuevo y elija otra vez.
edit-no-tables = { $at }: `instance` es aquí una lista, que Synod lee pero no cambia. Dé a cada entrada su propio encabezado [[instance]].
save-unsafe = No se escribió nada: { $why }
save-unwritten = No se pudo escribir { $path }: { $why }. La configuración no ha cambiado. Revise los permisos de la carpeta y el espacio libre.
save-busy = Otros programas no dejan de cambiar { $path }. No ha cambiado: ciérrelos y vuelva a intentarlo.

# Las preguntas y los resultados de `synod init`. Una pregunta termina donde se escribe la respuesta.
init-begin = Esto añade una instancia a { $path }. No se escribe nada antes de probar el token.
init-ask-gateway = Gateway ({ $known }) [ryzeapi]:
init-ask-base-url = Dirección del gateway [{ $usual }]:
init-ask-own-base-url = Dirección del gateway:
init-ask-instance = Nombre de la instancia en el gateway:
init-ask-instance-optional = El ID de la instancia (vacío si el servidor tiene una sola):
init-ask-instance-id = ID de la instancia (no se muestra):
init-ask-token = Token de la instancia (no se muestra):
init-ask-client-token = Client token de la cuenta (no se muestra; vacío si no tiene):
init-ask-name = Su nombre para ella:
init-ask-name-usual = Su nombre para ella [{ $usual }]:
init-field = { $field }: { $why }
init-field-input = entrada estándar
init-missing = Falta: { $flags }. Indique esas opciones, o ejecute `synod init` en un terminal, que pregunta todo.
init-no-token = La entrada estándar está vacía. Escriba el token en ella, o indique --token-env, --token-file o --token-command.
init-zapi-instance = En Z-API, el ID de la instancia es un secreto, y otros usuarios ven las líneas de órdenes. Indique --instance-env, --instance-file o --instance-command, o ejecute `synod init` en un terminal.
init-key-not-taken = { $gateway } no usa `{ $key }`. Omita sus opciones.
init-read-only = No se escribió nada: --read-only rechaza todo cambio. Omítala.
init-interrupted = Interrumpido: no se escribió nada.
init-token-refused = No se escribió nada: { $why }. Copie otra vez el token del panel del gateway.
init-instance-unknown = No se escribió nada: { $why }. Copie el nombre de la instancia del panel del gateway; mayúsculas y minúsculas son distintas.
init-again = { $why }. Escríbalo de nuevo:
init-not-tried = No se escribió nada, porque no se pudo probar el token: { $why } Para añadir la instancia sin probarlo, use --no-check.
init-added = Se añadió «{ $name }» a { $path }.
init-secret-file = El secreto está en { $path }, que solo usted puede leer.
init-state = El gateway acepta el token: { $state }.
init-not-connected = Todavía no hay un teléfono conectado: inicie `synod` y conéctelo en la ventana de las instancias.
init-unchecked = El token no se ha probado. Ejecute `synod doctor` para probarlo.
init-next = Ahora ejecute `synod`.
community-id = «{ $given }» no es el ID de una comunidad en { $gateway }: { $why }. Un ID allí es como { $example }.
community-id-ending = no termina en @g.us
community-id-digits = contiene otros caracteres además de dígitos
id-empty = un ID no puede estar vacío
id-too-long = un ID tiene como máximo 128 caracteres
id-character = un ID solo tiene letras, dígitos y los caracteres . _ : @ -

# Teclas de la configuración que no se pueden usar; la terminal; el log.
key-no-action = No existe la acción «{ $action }»; docs/keys.md tiene los nombres.
key-no-key = «{ $key }» no es una tecla; las teclas se escriben como x, X, ctrl-x, space, f5, shift-up.
key-twice = «{ $key }» está repetida en la lista.
key-unsent = «{ $key }» nunca llega: las terminales la envían como otra tecla o no la envían; elija otra.
key-taken = «{ $key }» ya significa «{ $other }», así que no puede significar también «{ $action }».
key-typed = «{ $key }» es una letra, pero «{ $action }» se usa mientras se escribe texto; elija otra tecla.
terminal-none = la entrada y la salida estándar no son una terminal
terminal-dumb = la terminal no sabe situar texto (TERM=dumb)
log-level = El nivel del log debe ser uno de off, error, warn, info, debug y trace.
log-file = No se pudo abrir el archivo de log { $path }: { $why }. Omita --log-level, o elija otra carpeta con --state-dir.
log-unsafe = Synod no puede escribir el log: { $why }
log-taken = No se pudo iniciar el log: { $why }.

# La línea de comandos.
terminal-unusable = este comando necesita una terminal: { $why }. Ejecútelo en una, o use un comando que no la necesite, como synod simulate; synod --help los lista.
quit-waiting = esperando a que termine la solicitud actual, para guardar su resultado en el registro …
quit-stopping = Deteniendo tras la solicitud actual, para guardar su resultado. Una segunda señal cierra en el acto.
detach-goes-on = { $count ->
    [one] La operación { $numbers } sigue en segundo plano: `synod` la muestra, `synod operations stop { $first }` la detiene.
   *[other] { $count } operaciones siguen en segundo plano ({ $numbers }): `synod` las muestra, `synod operations stop { $first }` detiene una.
}
detach-failed = Las operaciones no pueden seguir en segundo plano: { $why } Siguen aquí; interrumpa Synod para detenerlas.
detach-failed-unsent = No se envió nada, porque no pudo iniciarse un proceso en segundo plano: { $why }
cli-detached = La operación { $number } se ejecuta en segundo plano.
detach-system = { $why }.
detach-exited = el nuevo proceso terminó demasiado pronto.
detach-not-taken = El nuevo proceso no continuó { $numbers }. Ejecute `synod operations resume { $first }`.
simulate-listening = El gateway simulado escucha en { $address }. Configuración de sus instancias:
simulate-several = Elija una de sus instancias con --instance, o con: export SYNOD_INSTANCE={ $first }
simulate-written = El gateway simulado escucha en { $address }. Para usarlo en otro shell: export SYNOD_CONFIG={ $quoted }
simulate-taken = { $path } no fue escrito por synod simulate, así que no se sobrescribe. Indique otro archivo.
simulate-unwritten = No se puede escribir la configuración en { $path }: { $why }. Indique otro archivo.
simulate-cannot-listen = no se pudo escuchar en { $address }: { $why }. Elija otra dirección con --listen.
simulate-remote = { $address } es accesible desde otras máquinas. Escuche en 127.0.0.1, o añada --allow-remote, que usa tokens aleatorios.
cli-no-language = No existe el idioma «{ $given }». Idiomas: { $known }.
cli-no-theme = No existe el tema «{ $given }». Temas conocidos: { $known }.
cli-which-instance = La configuración tiene varias instancias. Elija una con --instance, como --instance { $first }, o defina SYNOD_INSTANCE. Son: { $names }.
cli-no-instance = La configuración no tiene la instancia «{ $name }». Tiene: { $names }.
cli-several-instances = «{ $name }» indica varias instancias de la configuración: { $names }. Escríbalo como está escrita una de ellas.
cli-instance-failed = { $instance }: { $why }
cli-left-out = Se omite: { $why }
cli-list-community = --community solo vale con `synod list groups`.
cli-listing-unread = No se pudo leer el listado de la comunidad: { $why }
cli-is-community = comunidad
cli-announcements-of = avisos de { $community }
cli-no-groups = No se indicó ningún grupo. Indique grupos por ID o nombre, o un archivo con ellos en --groups-from.
cli-operations-options = --json, --newest, --by y --since aquí son de la lista de operaciones: ponga las opciones de un subcomando después de él.
cli-several-targets = Varios --to requieren --spill: los grupos que no caben en una comunidad van a la siguiente.
cli-empty-list = La lista no indica ningún grupo: no hay nada que hacer.
cli-type-groups = Leyendo grupos de la terminal, uno por línea; Ctrl-D termina.
cli-groups-unreadable = No se pudieron leer los grupos de { $what }: { $why }. Indique un archivo de texto con un grupo por línea.
cli-group-too-long = El elemento { $position } es demasiado largo para un nombre de grupo ({ $bytes } bytes): «{ $begin }…». Indique un grupo por elemento: ID, nombre o enlace de invitación.
cli-more-unknown = { $count ->
    [one] Y { $count } más que no coincide con nada.
   *[other] Y { $count } más que no coinciden con nada.
}
cli-cut-short = La lectura se interrumpió: vuelva a intentarlo.
cli-unknown-group = Ningún grupo coincide con «{ $given }». `synod list groups` los muestra todos.
cli-unknown-community = Ninguna comunidad coincide con «{ $given }». `synod list communities` muestra las conocidas; indique otra por su ID.
cli-no-community = Ninguna comunidad tiene el ID { $community }, o este número no está en ella. Compruebe el ID: `synod list communities` muestra las conocidas.
cli-unknown-near = ¿Será uno de estos?
cli-invite-unsupported = El elemento { $position } de la lista no es el nombre de ningún grupo; parece un enlace de invitación o un código, que este gateway no puede resolver. Indique el grupo por su ID o su nombre.
cli-invite-unfollowed = El elemento { $position } de la lista no es el nombre de ningún grupo y, como enlace de invitación o código, no lleva a ningún grupo: { $why }. Pida otro a un administrador, o indique el grupo por su ID o su nombre.
cli-invite-of-community = Indique la comunidad por su ID o su nombre, no por un enlace de invitación: `synod list communities` muestra las que hay.
cli-ambiguous = «{ $given }» corresponde a { $count } de ellos: indique cuál por su ID.
cli-candidate-in = { $candidate }  (en { $community })
cli-candidate-members = { $candidate }, { $count ->
    [one] { $count } miembro
   *[other] { $count } miembros
}
cli-on-line = Línea { $line }: { $words }
cli-not-in-source = Estos grupos no están en { $community }, indicada en --from:
cli-read-only = No se envió nada: --read-only rechaza todo cambio. Omita esa opción, o vea el plan con --dry-run.
cli-needs-yes = No se envió nada: no hay terminal donde confirmar. Añada --yes para ejecutar el plan sin preguntar, o --dry-run para verlo.
cli-json-needs-yes = No se envió nada: --json no pregunta nada. Añada --yes para ejecutar el plan, o --dry-run para verlo.
cli-needs-count = No se envió nada: salir con --yes necesita también --count con el número de grupos del plan. --dry-run muestra el plan.
cli-count-differs = No se envió nada: --count es { $given }, pero el plan enviaría { $sent }. Compruébelo con --dry-run.
cli-count-community = No se envió nada: --count es { $given }, pero esta comunidad tiene { $sent } grupos. Compruébelo con --dry-run.
cli-not-confirmed = Sin confirmar: no se envió nada.
cli-interrupted = Interrumpido: no se envió nada.
cli-deadline-unsent = Pasó el tiempo límite (--timeout): no se envió nada.
cli-deadline = Pasó el tiempo límite (--timeout): no se envía nada más. `synod operations resume` continúa.
cli-waiting-for-lock = Esperando el bloqueo: { $why }.
cli-nothing-sent = Este plan no envía nada.
cli-stopping = Deteniendo tras la solicitud actual; las comprobaciones siguen. Ctrl-C otra vez cierra en el acto; el registro guarda la solicitud en curso.
cli-stopped-away = Detenido sin acceso al almacén: no se envía nada más, pero el registro aún no lo refleja. `synod operations resume` continúa.
cli-ask = { $count ->
    [one] ¿Confirmar? y (sí) o n (no):
   *[other] ¿Confirmar para { $count } grupos? y (sí) o n (no):
}
cli-ask-count = { $count ->
    [one] Escriba { $count } para salir del grupo; cualquier otra cosa cancela:
   *[other] Escriba { $count } para salir de los { $count } grupos; cualquier otra cosa cancela:
}
cli-ask-name = Escriba «{ $expected }» para salir de esta comunidad; cualquier otra cosa cancela:
cli-ask-tail = Escriba { $expected }, el final del ID, para salir de esta comunidad; cualquier otra cosa cancela:
cli-operation-unended = La operación #{ $operation } no terminó: { $counts }. `synod operations show { $operation }` muestra sus resultados.
cli-plan-written = El plan se guardó en { $file }: `synod apply` lo ejecuta. No se envió nada.
cli-plan-unwritable = No se pudo guardar el plan en { $file }: { $why }. Elija otro archivo con --plan; no se envió nada.
cli-file-unreadable = No se puede leer { $file }: { $why }. Indique un plan, un archivo de estado o una tabla.
cli-file-no-text = No se puede leer { $file }: la línea { $line } no es texto en UTF-8. Guarde el archivo en UTF-8; las hojas de cálculo lo llaman «CSV UTF-8».
cli-plan-again = Este archivo ya es un plan. --plan hace el plan de un archivo de estado o de una tabla.
cli-plan-several = Un plan es de una sola instancia, y este archivo nombra varias. Escriba un archivo para cada instancia y haga un plan de cada uno.
cli-plan-risky = No se envió nada: --include-risky no vale para un plan, que ya dice qué grupos arriesgados incluir. Haga el plan de nuevo con esa opción.
cli-all-ended = Todas las instancias: { $counts }.
cli-list-csv = --csv solo funciona con `synod list groups`.
cli-list-filter = --standalone, --full, --admin, --not-admin, --duplicate-names y --members solo funcionan con `synod list groups`, y no con --csv. --full también funciona con `synod list communities`.
cli-list-roles = { $instance }: los roles que la lista de grupos no indica son de sesiones anteriores; el más antiguo se leyó { $age }. Los grupos con rol desconocido no se listan.
cli-list-nothing-cached = Nunca se leyó nada de { $instance }. Ejecute la orden sin --cached.
cli-list-cached = { $instance }: leído { $age }.
cli-list-state-json = `synod list state` muestra un archivo de estado; para JSON, use `synod list groups --json`.
state-empty = El archivo no dice nada de ningún grupo. `synod list state` muestra cómo es un archivo así.
state-faults = No se cambió nada. { $file } tiene { $count ->
    [one] un error
   *[other] { $count } errores
}:
state-no-kind = Esto no es un archivo de estado ni una tabla con las columnas group y community. `synod list state` y `synod list groups --csv` muestran cómo son.
state-column-twice = La tabla tiene dos columnas «{ $column }». Quite una de ellas.
state-misquoted = Las comillas de esta fila están mal: unas no se cierran, o hay texto después de unas cerradas. Ponga comillas a ambos lados de la celda y duplique las que haya dentro.
state-few-cells = Esta fila no tiene celda en la columna «{ $column }». Escriba una celda vacía si el grupo no debe estar en ninguna comunidad.
state-many-cells = Esta fila tiene más celdas que el encabezado. Ponga entre comillas un nombre que contenga el separador.
state-rounded = Una hoja de cálculo redondeó el ID «{ $cell }». Dé formato de texto a la columna y escriba el ID completo.
state-no-column = La tabla no tiene la columna «{ $column }». La primera línea debe nombrar las columnas group y community.
state-no-group = Esta fila no nombra ningún grupo. Indique el ID o el nombre del grupo, o quite la fila.
state-no-place = Esta fila de una operación exportada no dice dónde debe estar el grupo. Indique la comunidad o quite la fila.
state-no-toml = Esto no es TOML válido. Los nombres necesitan comillas a ambos lados, las listas necesitan corchetes, y cada línea tiene una clave, un signo igual y un valor. `synod list state` muestra cómo es un archivo de estado.
state-twice = Esta clave aparece dos veces.
state-unknown-key = Aquí no existe la clave «{ $key }». Las claves son: { $known }.
state-missing-key = A esta sección le falta la clave «{ $key }».
state-want-tables = Escriba [[{ $key }]] en una línea propia antes de las claves de cada sección.
state-want-text = «{ $key }» admite nombres o ID entre comillas, que no estén vacíos.
state-want-groups = «{ $key }» admite una lista, como ["Recepción", "Análisis"].
state-want-bool = «{ $key }» es true o false.
state-invite-link = Esto no corresponde a ningún grupo. Parece un enlace o código de invitación: indique el ID o el nombre del grupo.
state-in-two-places = { $group } debe estar en otro lugar según la línea { $other }: quite una de las dos.
state-not-compared = Los demás grupos se quedan en { $community }, porque no es seguro qué grupos tiene: { $why }.
state-listing-incomplete = su lista puede estar incompleta
state-left-out = { $count ->
    [one] Un grupo quedó fuera, porque el gateway no dice si está en una comunidad.
   *[other] { $count } grupos quedaron fuera, porque el gateway no dice si están en una comunidad.
}
diff-plan = Esto es un plan: `synod apply --dry-run` lo compara. `synod diff` admite un archivo de estado o una tabla.
diff-instance = Instancia { $instance }
diff-in-none = En ninguna comunidad
diff-missing = falta
diff-extra = de más
diff-elsewhere = en otro lugar
diff-unknown = desconocido
diff-from = en { $community }
diff-count = { $count ->
    [0] Nada difiere.
    [one] 1 diferencia.
   *[other] { $count } diferencias.
}
cli-plan-none = { $file } no es un plan: indique un archivo creado con --plan.
cli-plan-version = El plan { $file } lo escribió otra versión de Synod: hágalo de nuevo con --plan.
cli-plan-damaged = El plan { $file } está dañado cerca de la línea { $line }: hágalo de nuevo con --plan.
cli-plan-other-instance = El plan se hizo para una instancia distinta de «{ $name }»: use la configuración con que se hizo, o hágalo de nuevo.
cli-plan-changed = No se envió nada: la situación cambió desde que se hizo el plan. Hágalo de nuevo y revíselo:
cli-plan-change = { $name }: { $before } cuando se hizo el plan; ahora: { $now }
cli-no-operation = El registro no tiene la operación { $number } de estas instancias: `synod operations list` muestra las operaciones.
cli-undo-loses = { $count ->
    [one] { $count } grupo de ella no se puede recuperar así: `synod operations show` muestra los resultados.
   *[other] { $count } grupos de ella no se pueden recuperar así: `synod operations show` muestra los resultados.
}
cli-nothing-again = Ninguna operación tiene nada pendiente para esto: `synod operations list` muestra las operaciones.
cli-nothing-of-it = La operación { $number } no tiene nada pendiente para esto: `synod operations show { $number }` muestra sus resultados.
links-closed = { $count ->
    [one] { $count } enlace de invitación guardado no se abre con la `key` de `[store]`: use la clave del operador que salió del grupo.
   *[other] { $count } enlaces de invitación guardados no se abren con la `key` de `[store]`: use la clave del operador que salió de los grupos.
}
links-without-key = { $count ->
    [one] { $count } enlace de invitación guardado no se abre, porque aquí `[store]` no tiene `key`: use la clave del operador que salió del grupo.
   *[other] { $count } enlaces de invitación guardados no se abren, porque aquí `[store]` no tiene `key`: use la clave del operador que salió de los grupos.
}
cli-nothing-to-rejoin = Desde aquí no se puede volver a entrar en los grupos de la operación { $number }: { $why }
cli-nothing-to-resume-settled = No queda nada de la operación { $number }: se detuvo antes de tiempo, pero la lectura mostró que todos sus grupos están resueltos. `synod operations show { $number }` los muestra.
cli-nothing-to-resume-complete = No queda nada de la operación { $number }: llegó hasta el final. `synod operations show { $number }` muestra qué fue de ella.
cli-nothing-while-running = La operación { $number } aún no ha terminado: `synod operations show { $number }` muestra cuánto lleva.
cli-nothing-to-look-for = Todos los grupos de la operación #{ $number } ya tienen resultado definitivo.
cli-unended = sin terminar: { $counts }
cli-list-paused = en pausa: { $counts }
cli-dead = interrumpida: { $counts }
cli-was-interrupted = La #{ $number } se interrumpió: { $counts }. Ejecute `synod operations resume { $number }`.
cli-settled-elsewhere = Entretanto, { $by } cerró la operación { $number }.
cli-resume-rest = `synod operations resume { $number }` continúa con el resto.
cli-not-running = La operación { $number } no está en marcha: { $counts }.
cli-paused = La operación { $number } está en pausa. `synod operations resume { $number }` la continúa.
cli-continues = La operación { $number } sigue.
cli-asked-to-continue = Se pidió al proceso de la operación { $number } que siga. La operación no estaba en pausa.
cli-stops = La operación { $number } se detendrá tras la solicitud actual; las comprobaciones siguen.
cli-request-unread = El proceso de la operación { $number } aún no respondió. Lee la petición antes de enviar algo más.
cli-pruned = { $count ->
    [0] Ninguna operación es tan antigua.
    [one] { $count } operación eliminada.
   *[other] { $count } operaciones eliminadas.
}
cli-ask-prune = { $count ->
    [one] ¿Eliminar { $count } operación del registro, con su historial y los enlaces de invitación que guardó? y (sí) o n (no):
   *[other] ¿Eliminar { $count } operaciones del registro, con su historial y los enlaces de invitación que guardaron? y (sí) o n (no):
}
cli-forgot-links = { $count ->
    [0] No se guarda ningún enlace de invitación.
    [one] { $count } enlace de invitación olvidado.
   *[other] { $count } enlaces de invitación olvidados.
}
cli-key-written = La clave está en { $file }, que solo usted puede leer. Entregue una copia a cada operador del almacén de forma segura, y escriba en `[store]`:
    { $line }
cli-key-unwritten = La clave no se escribió en { $file }: { $why }
cli-copy-no-store = No hay almacén compartido al que copiar: `[store]` no tiene `url`. docs/team.md explica cómo preparar uno.
cli-copy-none = Esta máquina no tiene registro: no hay nada que copiar.
cli-copy-unfinished = No se copió nada: estas operaciones no han terminado: { $numbers }. Deténgalas o deje que terminen. Una interrumpida termina cuando Synod se inicia; para una de esta máquina, inícielo sin `url`. Luego copie de nuevo.
cli-copy-number = La #{ $old } de esta máquina es la #{ $new } en el almacén.
cli-copy-done = { $count ->
    [0] No se copió ninguna operación
    [one] { $count } operación copiada
   *[other] { $count } operaciones copiadas
}; { $before ->
    [0] ninguna estaba ya.
    [one] { $before } ya estaba.
   *[other] { $before } ya estaban.
}
cli-copy-would = { $count ->
    [0] No se copiaría ninguna operación
    [one] Se copiaría { $count } operación
   *[other] Se copiarían { $count } operaciones
}; { $before ->
    [0] ninguna está todavía.
    [one] { $before } ya está.
   *[other] { $before } ya están.
}
cli-copy-links-done = { $count ->
    [0] No se copió ningún enlace de invitación guardado: cada uno va con su operación, la primera vez que esta se copia.
    [one] { $count } enlace de invitación guardado copiado, cifrado.
   *[other] { $count } enlaces de invitación guardados copiados, cifrados.
}
cli-copy-links-would = { $count ->
    [0] No iría ningún enlace de invitación guardado.
    [one] { $count } enlace de invitación guardado iría también, cifrado.
   *[other] { $count } enlaces de invitación guardados irían también, cifrados.
}
cli-copy-links-stay = { $count ->
    [one] { $count } enlace de invitación guardado se queda en esta máquina
   *[other] { $count } enlaces de invitación guardados se quedan en esta máquina
}: el almacén no guarda ninguno sin `key` en `[store]`, o con keep_invite_links = false.
cli-ask-forget-links = { $count ->
    [one] ¿Olvidar { $count } enlace de invitación? Después no se puede volver a entrar en el grupo. y (sí) o n (no):
   *[other] ¿Olvidar { $count } enlaces de invitación? Después no se puede volver a entrar en los grupos. y (sí) o n (no):
}
cli-files-unwritable = No se pueden escribir los archivos en { $dir }: { $why }. Elija otra carpeta con --dir.

# El examen: qué se comprueba, y qué se encuentra.
doctor-program = programa
doctor-configuration = configuración
doctor-config-mode = permisos
doctor-instance = instancia
doctor-reachable = gateway
doctor-tls = cifrado
doctor-token = token
doctor-connection = conexión
doctor-budget = cuota
doctor-phone = teléfono
doctor-free-space = espacio libre
doctor-clock = reloj
doctor-state-dir = carpeta de estado
doctor-journal = registro
doctor-store = almacén
doctor-links = enlaces de invitación
doctor-lock = bloqueo
doctor-terminal = terminal
doctor-locale = codificación
doctor-config-advice = Corríjalo y ejecute synod doctor de nuevo.
doctor-config-ok = { $count ->
    [one] { $file } define { $count } instancia
   *[other] { $file } define { $count } instancias
}
doctor-mode-private = ningún otro usuario puede leerlo
doctor-mode-open = otros usuarios pueden leerlo; está bien, mientras no contenga secretos
doctor-mode-advice = Para restringirlo: chmod 600 { $quoted }
doctor-reachable-ok = el gateway responde
doctor-tls-ok = se acepta el certificado del gateway
doctor-tls-loopback = http sin cifrar, pero solo en esta máquina
doctor-tls-insecure = http sin cifrar: el token viaja legible por la red
doctor-tls-advice = dé un certificado al gateway y use https://
doctor-token-ok = el gateway acepta el token
doctor-budget-unknown = el gateway no dice cuántas solicitudes quedan
doctor-budget-own = el gateway no dice cuántas quedan; el propio Synod no pasa de { $limit } por minuto
doctor-budget-advice = Otros programas pueden usar este mismo token; espere a que se renueve antes de enviar mucho.
doctor-phone-online = en línea, según el gateway
doctor-phone-offline = fuera de línea, según el gateway, aunque la instancia está conectada
doctor-phone-advice = Los cambios pueden fallar o tardar: compruebe que el teléfono está encendido y con red.
doctor-clock-unknown = sin comparar: la respuesta del gateway no traía la hora; compruebe el reloj de esta máquina
doctor-clock-ok = a menos de un minuto del reloj del gateway
doctor-clock-ahead = el reloj de esta máquina va { $span } adelantado respecto al del gateway
doctor-clock-behind = el reloj de esta máquina va { $span } atrasado respecto al del gateway
doctor-clock-advice = Los certificados, las esperas y las horas del registro dependen de él: póngalo en hora, por ejemplo con timedatectl set-ntp true.
doctor-state-ok = Synod puede escribir en { $dir }
doctor-state-no-locks = este sistema de archivos no sabe bloquear archivos: ponga la carpeta de estado en un disco local (--state-dir)
doctor-state-advice = Dé a su usuario permiso de escritura en { $dir }, o elija otra carpeta con --state-dir.
doctor-free-space-left = { $megabytes } MB libres para el registro
doctor-free-space-advice = Synod no envía nada si no puede escribir el registro: libere espacio para { $dir }, o elija otra carpeta con --state-dir.
doctor-state-open = otros usuarios pueden leerla
doctor-state-mode-advice = Para restringirla: chmod 700 { $quoted }
doctor-journal-ok = se puede leer
doctor-store-encrypted = { $server }: PostgreSQL { $version }, cifrado, responde en { $milliseconds } ms
doctor-store-local = { $server }: PostgreSQL { $version } en esta máquina, responde en { $milliseconds } ms
doctor-store-clock = { $server }: su reloj y el de esta máquina difieren { $apart }
doctor-store-clock-advice = Ponga en hora ambos relojes, por ejemplo con NTP. Nada se envía dos veces por eso, pero las horas del registro engañan.
doctor-store-read-only = { $server }: PostgreSQL { $version } es de solo lectura, así que no se puede enviar nada
doctor-store-read-only-advice = Conéctese al servidor primario, o desactive default_transaction_read_only.
doctor-links-ok = se guardan en el almacén, cifrados con la clave de `[store]`
doctor-links-none = no se guardan: `[store]` no tiene `key`, y quien puede leer el almacén podría entrar en los grupos
doctor-links-advice = `synod store key ARCHIVO` crea una clave. Sin enlaces guardados no se puede volver a entrar en los grupos de los que el número salió.
doctor-lock-free = ningún otro Synod está escribiendo ahora
doctor-lock-held = { $by } está escribiendo, conectado desde { $since }
doctor-lock-held-by = { $by } está escribiendo
doctor-lock-other = { $by } está escribiendo en una instancia que falta en esta configuración, conectado desde { $since }
doctor-lock-other-by = { $by } está escribiendo en una instancia que falta en esta configuración
doctor-lock-hidden = El servidor no muestra desde cuándo están conectados los demás: GRANT pg_read_all_stats al rol de Synod.
doctor-terminal-ok = { $term }
doctor-terminal-none = aquí no hay: `synod` sin comando necesita una, los comandos no
doctor-terminal-dumb = TERM=dumb: ponga en TERM el tipo de su terminal
doctor-locale-other = este entorno no pide UTF-8
doctor-locale-advice = Los nombres pueden verse mal: ponga en LANG un locale UTF-8, como es_MX.UTF-8.

# Lo que sale mal con el registro y con el bloqueo de una instancia. $file es el archivo; $why, las palabras del sistema, o store-read-only
store-no-directory = la carpeta de estado { $file } no es una carpeta: quite lo que hay en su lugar o elija otra con --state-dir
store-not-writable = no se pudo escribir el registro { $file }: { $why }. Dé a su usuario permiso de escritura o elija otra carpeta con --state-dir
store-read-only = es de solo lectura, o lo es su carpeta
store-disk-full = no se pudo escribir el registro { $file }: el disco está lleno, o se alcanzó el tamaño máximo de archivo (ulimit -f). Libere espacio e inicie Synod de nuevo
store-newer = el registro { $file } lo escribió un Synod más nuevo (formato { $found }; este conoce { $known }): use esa versión o elija otra carpeta con --state-dir
store-damaged = el registro { $file } está dañado o no es un registro: muévalo para empezar uno nuevo, pero consérvelo: contiene lo que se envió
store-busy = el registro { $file } lo usa otro programa: espere a que termine e inténtelo de nuevo
store-unsafe = la carpeta de estado no se usa: { $why }
store-no-locks = este sistema de archivos no sabe bloquear archivos, y dos programas podrían escribir a la vez en el registro { $file }: ponga la carpeta de estado en un disco local (--state-dir)
store-conflict = el registro { $file } ya tiene un evento distinto en ese lugar: otro Synod escribe en la misma operación; deje seguir solo a uno
store-gone = el registro { $file } fue borrado o reemplazado mientras Synod lo usaba: las nuevas entradas se pierden. No se envía nada más. Si puede, devuelva el archivo a su lugar, inicie Synod de nuevo y revise la operación
store-interrupted = el trabajo en el registro { $file } se interrumpió: inicie Synod de nuevo y leerá lo que quedó registrado
store-url-invalid = `url` en `[store]` no es la dirección de un servidor PostgreSQL: escriba postgres://USUARIO@HOST/BASE
store-url-hosts = `url` en `[store]` debe nombrar un solo host
store-url-unverified = `url` en `[store]` debe usar sslmode=verify-full; para un servidor en esta máquina también vale sslmode=disable
store-key-invalid = `key` en `[store]` no es una clave que empieza con AGE-SECRET-KEY-1: `synod store key ARCHIVO` crea una
store-server-unreachable = no se puede acceder al almacén { $server } ({ $why }): compruebe que el servidor está en marcha y que `url` en `[store]` es correcto
store-server-password = el almacén { $server } rechaza el usuario o la contraseña ({ $why }): corrija `url` en `[store]`
store-server-no-tls = el almacén { $server } no tiene TLS: actívelo en el servidor (`ssl = on`), porque la conexión debe ir cifrada
store-server-certificate = no se acepta el certificado del almacén { $server } ({ $why }): corrija el host en `url`, o indique la autoridad con sslrootcert
store-server-no-database = esa base de datos no existe en el almacén { $server } ({ $why }): créela, o corrija `url` en `[store]`
store-server-denied = el usuario no puede usar las tablas del almacén { $server } ({ $why }): conceda los derechos que indica docs/team.md
store-server-newer = un Synod más nuevo cambió el almacén { $server } (su formato: { $why }): use esa versión
store-server-read-only = el almacén { $server } es de solo lectura ({ $why }): conéctese al servidor primario, o desactive default_transaction_read_only
store-server-standby = el almacén { $server } es un servidor de reserva que todavía no ha tomado el relevo: promuévalo, o conéctese al servidor primario
store-server-full = el almacén { $server } no tiene espacio ({ $why }): libere espacio en el servidor
store-server-conflict = otro Synod registró algo en la misma posición en el almacén { $server }: ejecute `synod operations` para ver el estado actual
store-server-lost = se perdió la conexión con el almacén { $server } ({ $why }): no se envió nada más; ejecute `synod operations` cuando vuelva el servidor
store-server-other = falló el almacén { $server }: { $why }
lock-held-on-server = otro Synod ({ $by }, desde { $since }) usa esta instancia: espere a que termine, o deténgalo allí
lock-held-by-another = otro Synod ({ $by }) usa esta instancia: espere a que termine, o deténgalo allí
lock-number-held = otro Synod ({ $by }) usa el número de esta instancia con otro nombre o dirección: espere a que termine, o deténgalo allí
lock-number-held-here = el número de esta instancia está en uso con otro nombre o dirección: espere a que termine esa operación, o deténgala
lock-number-unread = el gateway no dice ahora qué número está conectado, y otro Synod podría estar escribiendo en él: no se envió nada; inténtelo de nuevo cuando la instancia esté conectada y el gateway responda
lock-lost = se perdió la conexión que tenía el bloqueo de esta instancia
store-other = no se pudo usar el registro { $file }: { $why }. Inténtelo de nuevo o elija otra carpeta con --state-dir
journal-broke-at-order = el registro falló al guardar la operación: inicie Synod de nuevo y leerá lo que quedó registrado
journal-broke-at-reading = el registro falló al leer una operación interrumpida: inicie Synod de nuevo
journal-lacks-operation = al almacén le falta esta operación, así que probablemente lo sustituyó una copia anterior: no se envía nada más. Lea todo de nuevo antes de hacer un plan
journal-other-order = el registro devolvió una operación distinta, y no se envió nada: inicie Synod de nuevo
journal-no-json = no se pudo escribir un evento como JSON: { $why }
lock-held = otro Synod está usando esta instancia: espere a que termine o ciérrelo allí
lock-held-by = otro Synod (proceso { $process }, desde { $since }) está usando esta instancia: espere a que termine o ciérrelo allí
lock-failed = no se pudo obtener el bloqueo { $file }: { $why }. Nada se envía sin él; dé a su usuario permiso de escritura allí, o elija otra carpeta con --state-dir
lock-unsafe = no se pudo obtener el bloqueo, y nada se envía sin él: { $why }
lock-no-locks = este sistema de archivos no sabe bloquear archivos, y el bloqueo { $file } no protegería nada: ponga la carpeta de estado en un disco local (--state-dir)
lock-gone = el bloqueo { $file } fue borrado o reemplazado mientras Synod lo tenía, y otro Synod puede estar usando esta instancia. No se envía nada más; inicie Synod de nuevo cuando no haya otro en marcha
lock-cut-short = el trabajo en él se interrumpió
submit-unknown-instance = el motor no conoce la instancia { $instance }
submit-ending = Synod se está cerrando, así que no puede empezar ninguna operación
