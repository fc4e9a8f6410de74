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
item-cannot-be-shown = aceptado, pero ningún listado de este gateway puede mostrarlo
item-in-neither = ni en la comunidad ni en la lista de grupos, así que no se puede concluir nada
item-left-standing = desvinculado, pero no vinculado: ahora no está en ninguna comunidad
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
reason-over-limit = pasa del límite; Espacio lo cambia
reason-last-subgroup = una comunidad conserva al menos un grupo; Espacio deja que quede otro
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
reason-probe-failed = no se pudo leer si es una comunidad: { $why }
reason-probe-unreliable = no se pudo listar ninguna comunidad conocida para compararlo, así que puede ser una
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
failure-gateway-error = el gateway informa de un fallo propio
failure-server-fault = el servidor falló
failure-timed-out = no llegó respuesta a tiempo
failure-dropped = se cortó la conexión
failure-unreachable = no se puede llegar al gateway
failure-tls = no se aceptó el certificado del gateway
failure-not-json = la respuesta no es JSON; será la página de un proxy
failure-empty-answer = la respuesta está vacía
failure-unmentioned = el gateway no dijo nada de este grupo
failure-malformed = la respuesta no es la que el gateway documenta
failure-redirected = el gateway respondió con una redirección, que nunca se sigue
failure-no-listing = la respuesta no es un listado: le falta el grupo de avisos
failure-unsupported = este gateway no tiene esa llamada
failure-wrong-request = el gateway dice que la solicitud está mal hecha
failure-not-read = usted omitió su lectura
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
advice-base-url = Revise base_url en la configuración, y cualquier proxy en el camino, y vuelva a intentarlo.
advice-contract = El gateway puede haber cambiado: busque un Synod más nuevo, o avise.
advice-unsupported = Aquí no se puede hacer nada al respecto.
advice-not-read = Vuelva y deje que se lea.
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
header-probing = buscando comunidades { $done }/{ $total }
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
pane-operation = Operaciones
pane-count-of = { $shown } de { $all }
pane-capacity = { $size } de { $limit }
pane-capacity-at-least = { $size } de { $limit }
announcements-group = Avisos
communities-reading = Leyendo las comunidades …
communities-failed = Ahora no se puede hacer nada: { $why }
communities-failed-again = Ahora no se puede hacer nada: { $why } Para eso, pulse { $refresh }.
communities-none = Este número no está en ninguna comunidad. Pulse { $refresh } para leer de nuevo.
communities-unknown = Aún no se conoce ninguna comunidad. Este gateway no puede listarlas: póngalas en la configuración (communities = ["…@g.us"]), o pulse { $key } para preguntar qué grupos son comunidades.
subgroups-reading = Leyendo los subgrupos …
subgroups-none = No hay ningún grupo en esta comunidad.
subgroups-failed = No se pudo leer el listado: { $why }
groups-reading = Leyendo la lista de grupos …
groups-unread = La lista de grupos aún no se ha leído.
groups-none = Aquí no hay ningún grupo.
groups-hidden = Nada coincide. Esc vuelve a mostrar todo.
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
phase-stopping = parando: no se envía nada más
phase-ended = lista
pause-operator = usted pausó, p sigue
pause-budget = cupo agotado
pause-throttled = WhatsApp pide más calma
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
hint-undo = deshacer
hint-resume = reanudar
hint-open = abrir
hint-next-outcome = resultado
hint-operations = operaciones
hint-confirm = hacerlo
hint-skip-checks = omitir el resto
hint-confirm-quit = parar y cerrar
hint-choose = elegir
hint-keep-filter = mantener
hint-help = ayuda
hint-back = volver

footer-journal = No se puede enviar nada: { $why }.

notice-nothing-marked = Aquí no hay nada marcado: ponga el cursor en un grupo, o marque varios con { $key }.
notice-no-community = No se conoce ninguna comunidad sobre la que actuar.
notice-cannot-mark = El grupo de avisos se queda con su comunidad y no se puede marcar.
notice-nothing-runs = No hay nada en marcha.
notice-still-runs = Aún no ha terminado: párela antes, o espere.
notice-nothing-to-retry = Nada de ella se puede reintentar.
notice-nothing-to-undo = Nada de ella se puede deshacer.
notice-nothing-to-resume = No dejó nada con que seguir, ni grupo al que volver a entrar.
notice-stopping = Para tras la solicitud en curso. Ctrl-C otra vez cierra Synod.
notice-again-to-quit = Ctrl-C otra vez cierra Synod.
notice-copied = Enviado al portapapeles del terminal: { $what }
notice-not-submitted = No se inició: { $why }
notice-plan-changed = El listado cambió desde entonces: mire el plan otra vez antes de confirmarlo.
notice-cannot-tick = Solo se pueden incluir filas arriesgadas, y solo cambiar las que no caben.
notice-nothing-to-send = No se enviaría nada de este plan.
notice-nothing-to-probe = No queda ningún grupo del que no se sepa qué es.
notice-probed = { $count ->
    [0] No se encontró ninguna comunidad entre los grupos.
    [one] Se encontró { $count } comunidad.
   *[other] Se encontraron { $count } comunidades.
}
notice-probe-failed = La búsqueda terminó antes: { $why }
notice-cannot-suspend = No se suspende: hay una operación en marcha, y quedaría congelada a la mitad.
notice-pasted = { $unknown ->
    [0] De los nombres e ids pegados, marcados: { $marked }.
   *[other] De los nombres e ids pegados, marcados: { $marked }; sin grupo o con varios: { $unknown }.
}
notice-interrupted = #{ $operation } quedó interrumpida: { $counts }. o la muestra, y allí R sigue con el resto.
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
plan-nothing = No se enviaría nada de esto. Esc vuelve.
plan-confirm-key = { $count ->
    [one] Pulse { $key } para hacerlo, Esc para volver.
   *[other] Pulse { $key } para hacerlo con { $count } grupos, Esc para volver.
}
plan-confirm-count = { $count ->
    [one] Escriba { $count } para salir de él, Esc para volver:
   *[other] Escriba { $count } para salir de ellos, Esc para volver:
}
plan-confirm-name = Escriba «{ $expected }» para salir de esta comunidad, Esc para volver:
plan-confirm-tail = Escriba { $expected }, el final del id, para salir de la comunidad, Esc vuelve:

planning-title = Leyendo de nuevo
planning-reading = Leyendo lo que el plan necesita: { $done } de { $total }
planning-skip = { $key } omite el resto (lo que no se lee es arriesgado), Esc vuelve
target-title = { $count ->
    [one] ¿A qué comunidad? { $count } grupo
   *[other] ¿A qué comunidad? { $count } grupos
}
operations-title = Operaciones de { $instance }
operations-none = Aún no hay operaciones. Marque grupos con Espacio, y luego vincúlelos, desvincúlelos, muévalos o salga de ellos.
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
} Pulse { $key } para parar tras la solicitud en curso y cerrar; lo que no se envió queda sin enviar, y el registro lo guarda todo. Esc sigue.

# Las teclas.
key-space = Espacio
help-title = Teclas
help-section-moving = Moverse
help-section-marking = Marcar
help-section-acting = Actuar
help-section-planning = En un plan
help-section-program = Programa
help-up-down = arriba, abajo
help-page = una página arriba, abajo
help-half-page = media página arriba, abajo
help-first-last = al principio, al final
help-pane = panel siguiente, el anterior
help-extend = extender el rango
help-filter = filtrar al escribir
help-toggle-all-groups = panel derecho: grupos sueltos o todos
help-sort = ordenar por nombre o tamaño
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
help-undo = en una operación: deshacer lo verificado
help-resume = en una operación: seguir, o volver a entrar
help-open = abrir la operación
help-next-outcome = mostrar solo un resultado, luego el siguiente
help-operations = operaciones y su historial
help-refresh = leer todo de nuevo
help-find-communities = averiguar qué grupos son comunidades
help-copy = copiar el id
help-tick = incluir lo arriesgado, o cambiar lo que no cabe
help-tick-all = incluir todo lo arriesgado, o nada
help-change-target = elegir otra comunidad
help-confirm = hacerlo (salir se confirma escribiendo)
help-skip-checks = omitir las comprobaciones que faltan
help-confirm-quit = parar y cerrar
help-choose = elegir la comunidad
help-next-instance = instancia siguiente
help-keep-filter = mantener el filtro
help-help = esta ayuda
help-back = volver un nivel
help-repaint = redibujar la pantalla
help-suspend = suspender
help-interrupt = parar lo que corre; dos veces: cerrar Synod
help-quit = cerrar Synod

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
config-theme-unreadable = No se puede leer el archivo de tema { $path }: { $why }. Escríbalo como muestra docs/themes.md, o indique otro tema en [ui] en la configuración.
config-no-home = No se conoce la carpeta personal: ni HOME ni { $variable } está definida. Defina una de ellas, o dé { $flag } con una ruta.
config-problem =
    { $path }, línea { $line }: { $what }
    Por ejemplo: { $example }
config-twice = Esta clave o tabla está aquí por segunda vez; cada una puede estar una sola vez.
config-no-toml = Esta línea no se puede leer como TOML. Los textos necesitan comillas a ambos lados, las listas corchetes, y cada línea una clave, un signo igual y un valor.
config-unknown-key = Esta clave no se conoce { $place ->
    [file] en lo alto del archivo
    [theme] en un tema
    [style] en un estilo
   *[other] en { $place }
}. Las conocidas son: { $known }.
config-unknown-key-near = Esta clave no se conoce { $place ->
    [file] en lo alto del archivo
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
config-proxy-password = `proxy` contiene una contraseña, pero otros además de usted pueden leer este archivo. Hágalo solo suyo con: chmod 600 '{ $file }' - o use HTTPS_PROXY.
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
config-secret-open = `{ $key }` está escrito aquí, pero otros además de usted pueden leer este archivo. Hágalo solo suyo con: chmod 600 '{ $file }' - o tome el secreto de otro lugar.
config-secret-strange = `{ $key }` está vacío, o contiene espacios u otros signos que ningún token tiene.
config-secret-env = `env` debe contener el nombre de una variable de entorno, no el secreto mismo.
config-secret-command = `command` debe ser una lista de textos: el programa, y luego sus argumentos.

# De dónde viene un secreto, como comienzo de una frase; después, por qué no se puede obtener.
secret-from-variable = La variable de entorno { $name }
secret-from-some-variable = La variable de entorno que la configuración indica
secret-from-file = El archivo { $path }
secret-from-command = El comando { $program }
secret-from-text = El texto en el archivo de configuración
secret-not-set = { $from } no está definida. Defínala donde se inicia Synod, con `export`.
secret-unreadable = No se puede leer el archivo { $path }: { $why }. Revise su ruta, su dueño y su modo.
secret-no-file = { $path } no es un archivo. Indique el archivo que contiene el secreto.
secret-not-private = Otros pueden leer el archivo { $path }. Hágalo solo suyo: chmod 600 '{ $path }'
secret-not-run = { $from } no se puede ejecutar: { $why }. Compruebe que está instalado y en el PATH.
secret-failed = { $from } falló ({ $status }). Ejecútelo a mano para ver por qué.
secret-too-slow = { $from } no terminó en 30 segundos y se detuvo. Quizá esperaba una respuesta: ejecútelo a mano.
secret-empty = { $from } no contiene nada. Ponga ahí el secreto.
secret-no-token = { $from } contiene espacios, o caracteres que ningún token tiene. Debe contener solo el secreto, en una línea.

# Qué impide abrir una instancia.
instance-unread = instancia «{ $name }»: no se puede leer { $key }: { $why }
instance-unopened = instancia «{ $name }»: { $why }
open-token = `{ $key }` debe ser texto imprimible, sin saltos de línea, y no vacío.
open-instance = El nombre de la instancia está vacío.
open-url-extras = Una URL base no puede contener usuario, contraseña, consulta ni fragmento.
open-ca-file = No se pueden leer los certificados en { $path }: { $why }. Revise ca_file.
open-no-certificates = { $path } no contiene ningún certificado en formato PEM. Revise ca_file.
open-proxy = La URL del proxy no se puede usar. Revise proxy en la configuración.
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
key-unsent = «{ $key }» nunca llega: las terminales la envían como otra tecla o no la envían; elija otra.
key-taken = «{ $key }» ya significa «{ $other }», así que no se podría llegar a «{ $action }» con ella.
key-typed = «{ $key }» se escribe en un campo donde se quiere «{ $action }»; elija una que no sea letra.
terminal-none = la entrada y la salida estándar no son un terminal
terminal-dumb = el terminal no sabe situar texto (TERM=dumb)
log-level = El nivel del log debe ser uno de off, error, warn, info, debug y trace.
log-file = No se puede abrir el archivo de log { $path }: { $why }. Quite --log-level, o elija otra carpeta con --state-dir.
log-taken = No se puede iniciar el log: { $why }.

# La línea de comandos.
terminal-unusable = este comando necesita un terminal: { $why }. Ejecútelo en uno, o use un comando que no lo necesite, como synod simulate; synod --help los lista.
quit-waiting = esperando a que termine la solicitud en curso, para que su resultado quede en el registro …
simulate-listening = El gateway simulado escucha en { $address }. Sus instancias, como configuración:
simulate-cannot-listen = no se puede escuchar en { $address }: { $why }. Elija otra dirección con --listen.
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
cli-not-utf8 = no es texto UTF-8
cli-cut-short = La lectura se cortó: vuelva a intentarlo.
cli-unknown-group = Ningún grupo se llama «{ $given }». `synod list groups` los muestra todos.
cli-unknown-community = Ninguna comunidad se llama «{ $given }». `synod list communities` muestra las conocidas; indique otra por su id.
cli-unknown-near = ¿Será uno de estos?
cli-invite-unsupported = El número { $position } de los grupos no es el nombre de ningún grupo; parece un enlace de invitación o el código de uno, y este gateway no sabe decir de quién es. Nombre el grupo por su id o su nombre.
cli-invite-unfollowed = El número { $position } de los grupos no es el nombre de ningún grupo y, como enlace de invitación o código de uno, no lleva a ningún grupo: { $why }. Pida uno nuevo a un administrador, o nombre el grupo por su id o su nombre.
cli-invite-of-community = Una comunidad se nombra por su id o su nombre, no por un enlace de invitación: `synod list communities` muestra las que hay.
cli-ambiguous = «{ $given }» sirve para { $count } de ellos: diga cuál por su id.
cli-candidate-in = { $candidate }  (en { $community })
cli-not-in-source = Estos no están en { $community }, donde --from dice que están:
cli-read-only = No se envió nada: --read-only rechaza todo cambio. Quítelo, o mire el plan con --dry-run.
cli-needs-yes = No se envió nada: aquí no hay a quién preguntar. Añada --yes para ejecutar el plan sin preguntar, o --dry-run para verlo.
cli-json-needs-yes = No se envió nada: --json no pregunta nada. Añada --yes para ejecutar el plan, o --dry-run para verlo.
cli-needs-count = No se envió nada: salir con --yes necesita también --count con el número de grupos del plan. --dry-run muestra el plan.
cli-count-differs = No se envió nada: --count dice { $given }, pero el plan enviaría { $sent }. Mírelo con --dry-run.
cli-not-confirmed = Sin confirmar: no se envió nada.
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
cli-unended = sin terminar: { $counts }
cli-pruned = { $count ->
    [0] Ninguna operación es tan antigua.
    [one] { $count } operación eliminada.
   *[other] { $count } operaciones eliminadas.
}
cli-ask-prune = { $count ->
    [one] ¿Eliminar { $count } operación del registro, con todo lo que cuenta? y (sí) o n (no):
   *[other] ¿Eliminar { $count } operaciones del registro, con todo lo que cuentan? y (sí) o n (no):
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
doctor-mode-advice = Para que sea solo suyo: chmod 600 '{ $file }'
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
doctor-clock-advice = Los certificados, las esperas y las horas del diario dependen de él: póngalo en hora, por ejemplo con timedatectl set-ntp true.
doctor-state-ok = se puede escribir en { $dir }
doctor-state-advice = Dese permiso para escribir en { $dir }, o elija otra con --state-dir.
doctor-free-space-left = { $megabytes } MB donde está el diario
doctor-free-space-advice = No se envía nada cuando el diario no se puede escribir: haga sitio para { $dir }, o elija otro con --state-dir.
doctor-state-open = otros pueden mirar dentro
doctor-state-mode-advice = Para que sea solo suya: chmod 700 '{ $dir }'
doctor-journal-ok = se puede leer
doctor-terminal-ok = { $term }
doctor-terminal-none = aquí no hay: `synod` sin comando necesita uno, los comandos no
doctor-terminal-dumb = dice que no sabe dibujar nada: ponga en TERM lo que es
doctor-locale-other = este entorno no pide UTF-8
doctor-locale-advice = Los nombres pueden verse mal: ponga en LANG un locale UTF-8, como es_ES.UTF-8.
