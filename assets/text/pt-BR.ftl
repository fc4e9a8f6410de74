# O que as pessoas leem, em português do Brasil. As chaves são as de en.ftl, e as variáveis também.
#
# Uma palavra para cada coisa (a tabela em inglês está em docs/operations.md):
#   gateway              gateway                 link, unlink          vincular, desvincular
#   instance             instância               move, leave           mover, sair
#   community            comunidade              rejoin                entrar de novo
#   subgroup             subgrupo                mark / tick           marcar / incluir
#   announcement group   grupo de avisos         plan                  plano
#   standalone group     grupo avulso            operation, item       operação, item
#   invite link          link de convite         outcome, journal      resultado, registro
#   admin                admin                   group list            listagem
#   quota                cota                    verified              verificado
#   contradicted         divergente              already done          já feito
#   refused              recusado                unknown               desconhecido

# Um grupo ou comunidade cujo nome não mostra nada; $tail é o fim do ID.
name-none = (sem nome) …{ $tail }

# Intervalos de tempo, com no máximo duas unidades.
span-milliseconds = { $count } ms
span-seconds = { $count } s
span-minutes = { $count } min
span-minutes-seconds = { $minutes } min { $seconds } s
span-hours = { $count } h
span-hours-minutes = { $hours } h { $minutes } min
span-days = { $count } d
span-days-hours = { $days } d { $hours } h

# Há quanto tempo; $span é um intervalo de tempo.
age-now = agora mesmo
age = há { $span }

# O que aconteceu com um grupo, em uma palavra.
outcome-verified = verificado
outcome-already-so = já feito
outcome-contradicted = divergente
outcome-refused = recusado
outcome-unknown = desconhecido
outcome-not-sent = não enviado
outcome-blocked = bloqueado

# Quantos grupos terminaram assim.
counted-verified = { $count ->
    [1] { $count } verificado
   *[other] { $count } verificados
}
counted-already-so = { $count ->
    [1] { $count } já feito
   *[other] { $count } já feitos
}
counted-contradicted = { $count ->
    [1] { $count } divergente
   *[other] { $count } divergentes
}
counted-refused = { $count ->
    [1] { $count } recusado
   *[other] { $count } recusados
}
counted-unknown = { $count ->
    [1] { $count } desconhecido
   *[other] { $count } desconhecidos
}
counted-not-sent = { $count ->
    [1] { $count } não enviado
   *[other] { $count } não enviados
}
counted-blocked = { $count ->
    [1] { $count } bloqueado
   *[other] { $count } bloqueados
}

# Até onde um grupo chegou, em uma palavra.
state-queued = na fila
state-sending = enviando
state-accepted = aceito
state-denied = negado
state-silent = sem resposta
state-checking = conferindo

# O que um grupo espera.
remark-again = será enviado de novo
remark-next-step = aguardando o segundo passo
remark-sending = esperando o gateway
remark-sending-for = esperando o gateway há { $span }
remark-look-due = aguardando conferência
remark-checking = conferindo a listagem

# Por que um grupo terminou como terminou.
item-may-await-approval = fora da listagem; talvez falte um admin da comunidade aprovar
item-no-listing = não foi possível ler a listagem depois: { $why }
item-answers-differ = as respostas do gateway se contradizem
item-cannot-be-shown = aceito, mas as listagens deste gateway não podem confirmar
item-in-neither = nem na comunidade nem na lista de grupos: não é possível concluir nada
item-left-standing = desvinculado, mas não vinculado: nenhuma resposta mostra o grupo em uma comunidade
item-moved-elsewhere = desvinculado; outra pessoa moveu para { $community }
item-stopped = você parou a operação antes da vez dele
item-halted = parado antes da vez dele: { $why }
item-interrupted = o Synod foi fechado antes da vez dele
guess-community-full = nosso palpite: a comunidade está cheia (sem motivo informado)
guess-elsewhere-or-not-admin = nosso palpite: está em outra comunidade, ou o número não é admin (sem motivo informado)
guess-not-admin-of-community = nosso palpite: o número não é admin da comunidade (sem motivo informado)
guess-last-subgroup = nosso palpite: a comunidade não pode perder o último grupo (sem motivo informado)

# Por que uma linha do plano está onde está.
reason-announcements-group = o grupo de avisos fica com a comunidade
reason-is-community = isto é uma comunidade, não um grupo: só se sai dela por inteiro
reason-no-call-to-leave-community = este gateway não tem como sair de uma comunidade; saia dos grupos dela
reason-no-call-to-link = este gateway não tem chamada para vincular grupos
reason-no-call-to-unlink = este gateway não tem chamada para desvincular grupos
reason-in-other-community = em { $community }: use mover
reason-moved-elsewhere = outra pessoa moveu para { $community }
reason-listed-twice = o gateway lista também em { $community }: atualize e planeje de novo
reason-over-limit = acima do limite
reason-over-limit-swap = acima do limite; [{ $key }] troca
reason-last-subgroup = a comunidade precisa manter ao menos um grupo
reason-last-subgroup-swap = a comunidade precisa manter ao menos um grupo; [{ $key }] escolhe outro
reason-last-subgroup-may-be-refused = último grupo: o gateway pode recusar
reason-not-admin = o número não é admin deste grupo
reason-not-admin-of-community = o número não é admin da comunidade; os admins dela podem receber uma sugestão
reason-only-admin = o número é o único admin
reason-in-neither = nem na comunidade nem na lista de grupos
reason-in-operation = já está na operação #{ $operation }
reason-already-in = já está na comunidade
reason-not-in = não está mais na comunidade
reason-in-no-community = em nenhuma comunidade conhecida
reason-not-member = o número não está nele
reason-not-checked = não conferido: pode ser uma comunidade, e sair de uma é sair de todos os grupos dela
reason-probe-failed = não foi possível saber se é uma comunidade: { $why }
reason-kind-unknown = nenhuma resposta diz se é um grupo de avisos
reason-may-be-community = o gateway não diz se é uma comunidade, e sair de uma é sair de todos os grupos dela
reason-may-be-others = o gateway tinha recusado: outra pessoa pode ter feito isso
reason-no-such-group = o gateway não conhece esse grupo
reason-place-unknown = nenhuma resposta diz em que comunidade está
reason-probe-unreliable = o gateway diz que não é comunidade, mas não há comunidade conhecida para conferir a resposta
reason-details-failed = não foi possível ler os detalhes: { $why }
reason-source-unread = não foi possível ler a listagem da comunidade dele: { $why }
reason-target-unread = não foi possível ler a listagem da comunidade de destino: { $why }
reason-already-member = o número já está nele
reason-no-invite-link = nenhum link de convite foi guardado
reason-not-ticked = você não incluiu: { $why }
reason-left-out = você deixou de fora
plan-remark-no-way-back = sem link de convite: não será possível voltar
plan-roles-unknown = { $count ->
    [1] Em { $count } grupo não se sabe se o número é admin; sem ser, é recusado.
   *[other] Em { $count } grupos não se sabe se o número é admin; sem ser, é recusado.
}
plan-remark-leaves-subgroups = { $count ->
    [0] sai dos grupos dela também
    [1] sai de { $count } grupo dela também
   *[other] sai de { $count } grupos dela também
}

# As partes de um plano.
head-will-do = A fazer
head-risky = Arriscado: só vai se você incluir
head-blocked = Bloqueado: nunca é enviado
head-already-so = Já feito: nada a enviar
head-left-out = Deixado de fora por você

# O que impede um plano de executar.
obstacle-read-only = O Synod foi iniciado com --read-only e não envia nada. Inicie sem essa opção para executar este plano.
obstacle-no-target = Nenhuma comunidade escolhida para vincular. Volte e escolha uma no painel da esquerda.
obstacle-gateway = Nada pode ser executado agora: { $why }
obstacle-target-unread = Não foi possível ler a listagem da comunidade, e nenhum resultado poderia ser verificado: { $why }

# O que se faz com quantos grupos.
task-link = { $count ->
    [1] vincular { $count } grupo
   *[other] vincular { $count } grupos
}
task-link-to = { $count ->
    [1] vincular { $count } grupo a { $community }
   *[other] vincular { $count } grupos a { $community }
}
task-unlink = { $count ->
    [1] desvincular { $count } grupo
   *[other] desvincular { $count } grupos
}
task-move = { $count ->
    [1] mover { $count } grupo
   *[other] mover { $count } grupos
}
task-move-to = { $count ->
    [1] mover { $count } grupo para { $community }
   *[other] mover { $count } grupos para { $community }
}
task-leave = { $count ->
    [1] sair de { $count } grupo
   *[other] sair de { $count } grupos
}
task-rejoin = { $count ->
    [1] entrar de novo em { $count } grupo
   *[other] entrar de novo em { $count } grupos
}
task-leave-community = sair da comunidade { $community }

# Falhas: o que aconteceu, depois o que fazer.
failure-words = { $kind } (“{ $words }”)
failure-advice = { $failure }. { $advice }
failure-token-refused = o gateway não aceita o token
failure-unknown-instance = o gateway não conhece esta instância
failure-no-instance = o gateway tem várias instâncias, e a entrada não diz qual
failure-not-connected = a instância não está conectada ao WhatsApp
failure-banned = o WhatsApp baniu este número
failure-forbidden = o número não tem permissão
failure-not-found = grupo desconhecido, ou o número não está nele
failure-not-member = o número não está no grupo
failure-rate-limited = o limite de requisições do gateway foi atingido
failure-throttled = o WhatsApp está limitando este número
failure-refused = o gateway recusou
failure-not-a-community = o gateway diz que isto não é uma comunidade
failure-community-full = o WhatsApp não aceita mais grupos nesta comunidade
failure-limit-reached = esta comunidade chegou a um limite do WhatsApp
failure-gateway-error = o gateway informa uma falha interna
failure-server-fault = o servidor falhou
failure-timed-out = nenhuma resposta chegou a tempo
failure-dropped = a conexão caiu
failure-unreachable = não foi possível conectar ao gateway
failure-unreachable-proxy = não foi possível conectar ao gateway pelo proxy { $proxy }
failure-tls = o certificado do gateway não foi aceito
failure-tls-proxy = o certificado que veio pelo proxy { $proxy } não foi aceito
failure-proxy-auth = um proxy no caminho pede usuário e senha (407)
failure-too-long = a resposta é longa demais, e o Synod parou de ler
failure-not-json = a resposta não é JSON, provavelmente é a página de um proxy
failure-not-json-status = uma página de proxy ou de proteção respondeu com { $status }
failure-empty-answer = a resposta está vazia
failure-unmentioned = o gateway não disse nada sobre este grupo
failure-malformed = a resposta não está no formato documentado do gateway
failure-redirected = o gateway respondeu com um redirecionamento, que o Synod nunca segue
failure-no-listing = a resposta não é a listagem da comunidade: falta o grupo de avisos
failure-unsupported = este gateway não permite isso
failure-wrong-request = o gateway diz que a requisição é inválida
failure-not-read = não foi lido
failure-read-only = o Synod foi iniciado com --read-only
advice-token = Ponha o token certo no lugar de onde a configuração o lê e execute o Synod de novo.
advice-token-here = Para corrigir, aperte [{ $instances }] e depois [{ $edit }].
advice-instance = Confira o nome da instância na configuração; maiúsculas e minúsculas contam.
advice-no-instance = Acrescente a linha `instance` à entrada na configuração.
advice-instance-here = Confira o nome da instância; maiúsculas e minúsculas contam. Para corrigir, aperte [{ $instances }] e depois [{ $edit }].
advice-no-instance-here = Para informar a instância, aperte [{ $instances }] e depois [{ $edit }].
advice-connect = Conecte a instância no painel do gateway e tente de novo.
advice-banned = Pare as ações em massa com este número e abra o WhatsApp dele para ver o motivo.
advice-rights = Confira no WhatsApp se o número está no grupo e é admin.
advice-wait = Uma operação em andamento continua sozinha; senão, espere um minuto e tente de novo.
advice-again = Tente de novo; se continuar falhando, veja a situação do gateway.
advice-network = Confira a rede e o base_url na configuração e tente de novo.
advice-tls = Confira o base_url, o relógio e os certificados CA desta máquina; ca_file indica um certificado seu.
advice-proxy-auth = Informe os dois em `proxy` na configuração ou em HTTPS_PROXY: http://usuário:senha@host:porta.
advice-proxy = Confira `proxy` na configuração ou HTTPS_PROXY, e se o proxy deixa você alcançar o gateway.
advice-too-long = Confira o base_url e o servidor que responde ali; se for o gateway, relate o problema.
advice-base-url = Confira o base_url na configuração, e algum proxy no caminho, e tente de novo.
advice-contract = O gateway pode ter mudado: procure uma versão mais nova do Synod ou relate o problema.
advice-unsupported = Daqui não é possível resolver isso.
advice-not-read = Faça o plano de novo.
advice-read-only = Inicie o Synod sem --read-only.

# Se a instância está conectada.
connection-asking = consultando o gateway
connection-connected = conectado
connection-connecting = conectando
connection-banned = banido pelo WhatsApp
connection-not-connected = não conectado
connection-not-connected-word = não conectado ({ $word })

# A linha de cima.
header-reading = lendo
header-reading-of = lendo { $done }/{ $total }
header-probing = procurando comunidades { $done }/{ $total }, mais { $span }
header-probing-short = busca { $done }/{ $total }, mais { $span }
header-probing-paused-short = pausa em { $done }/{ $total }
header-probing-paused = busca pausada em { $done }/{ $total }
header-budget = cota { $left }/{ $limit }
header-budget-resets = cota { $left }/{ $limit }, renova em { $span }
header-read-only = só leitura
header-insecure = http simples
header-needs-you = { $count ->
    [one] { $count } precisa de você
   *[other] { $count } precisam de você
}
header-running = { $count } em andamento
header-connected = { $count } de { $all } conectados
header-all = todos os { $count } números  
header-broken = { $count } com defeito
header-help = ajuda

# Uma tela pequena demais para o resto.
too-small = pequena demais: mínimo { $columns }×{ $rows }

# Os painéis.
pane-communities = Comunidades
pane-subgroups = Subgrupos
pane-standalone = Grupos avulsos
pane-in-no-known-community = Sem comunidade conhecida
pane-all-groups = Todos os grupos
pane-marked = Grupos marcados
sorted-by-size = tamanho
sorted-by-role = admin primeiro
sorted-by-capacity = vagas
pane-operation = Operações
pane-count-of = { $shown } de { $all }
pane-capacity = { $size } de { $limit }
pane-capacity-at-least = { $size }+ de { $limit }
# Podem faltar grupos na lista.
pane-incomplete = incompleto
pane-zoomed = { $key } todos os painéis
pane-unknown = { $count ->
    [one] { $count } desconhecido
   *[other] { $count } desconhecidos
}
# Há quanto tempo foi lido o que vem de uma execução anterior, até ser lido de novo.
pane-read = lido { $age }
announcements-group = Avisos
communities-reading = Lendo as comunidades …
communities-failed = Nada pode ser feito agora: { $why }
communities-failed-again = Nada pode ser feito agora: { $why } Aperte [{ $refresh }] para ler de novo.
communities-not-connected = { $why } Ou aperte [{ $instances }] para conectar daqui mesmo, ou [{ $refresh }] para ler de novo.
communities-none = Este número não está em nenhuma comunidade. Aperte [{ $refresh }] para ler de novo.
communities-unknown = Nenhuma comunidade é conhecida ainda. Este gateway não lista comunidades: indique as suas na configuração (communities = ["…@g.us"]), ou aperte [{ $key }] para procurar.
subgroups-reading = Lendo os subgrupos …
subgroups-none = Nenhum grupo nesta comunidade.
subgroups-failed = Não foi possível ler a listagem: { $why }
groups-reading = Lendo a lista de grupos …
groups-unread = A lista de grupos ainda não foi lida.
groups-none = Nenhum grupo aqui.
groups-hidden = Nada corresponde. [{ $back }] mostra tudo de novo.
# Os termos de um filtro: is:full, in:"nome", members:>500.
filter-term-name = nome
filter-unfinished = Termos de busca: { $terms }. Valem junto com os outros termos e com as palavras.
filter-no-term = “{ $given }” não é um termo de busca aqui, então nada corresponde. Os termos são { $terms }. Para buscar o próprio texto, digite ' antes dele.
groups-failed = Não foi possível ler a lista de grupos: { $why }

# A operação, embaixo.
operation-unread = Os grupos são lidos do registro quando este painel tem o foco.
operation-open = { $count ->
    [1] falta { $count }
   *[other] faltam { $count }
}
operation-waiting = { $count ->
    [1] mais { $count } operação na fila
   *[other] mais { $count } operações na fila
}
phase-waiting = aguardando a vez
phase-left = falta cerca de { $span }
phase-paused-for = { $why }, continua em { $span }
phase-paused-by-you = você pausou, [{ $key }] segue
phase-stopping = parando: nada mais é enviado
operation-done = #{ $operation } concluída
operation-stopped = #{ $operation } parada
ending-why = por quê
ending-retry = repetir { $count }
ending-dismiss = fechar
operation-outlives = continua se a conexão cair
operation-ends-with-terminal = para se a janela fechar
pause-operator = você pausou
pause-budget = cota esgotada
pause-throttled = limite do WhatsApp
pause-in-flight = a última requisição de outro Synod pode estar em andamento
stop-operator = parada por você
stop-failure = parada: { $why }
stop-alike = parada: o resto seria recusado pelo mesmo motivo ({ $why })
stop-community-full = parada: a comunidade está cheia
stop-time-out = parada: o tempo-limite passou
stop-journal = parada: não foi possível escrever o registro
stop-interrupted = interrompida: o Synod foi fechado no meio

# A linha de baixo.
footer-marked = { $count ->
    [1] { $count } marcado
   *[other] { $count } marcados
}
footer-marked-hidden = { $count ->
    [1] { $count } marcado
   *[other] { $count } marcados
}, { $hidden ->
    [1] { $hidden } fora do filtro
   *[other] { $hidden } fora do filtro
}
footer-only-marked = {"  "}só os marcados
hint-stop = parar
hint-pause = pausa
hint-next-pane = grupos
hint-enter = seus grupos
hint-filter = filtro
hint-mark = marcar
hint-range = intervalo
hint-link = vincular
hint-unlink = desvincular
hint-move = mover
hint-leave = abandonar
hint-tick = incluir ou não
hint-tick-all = incluir tudo
hint-retry = repetir
hint-look-again = conferir
hint-undo = desfazer
hint-resume = retomar
hint-open = abrir
hint-details = detalhes
hint-operations = operações
hint-all-instances = todos os números
hint-palette = mais
hint-export = exportar
hint-copy-command = copiar comando
hint-write-plan = salvar
hint-save = salvar
hint-next-form = CSV ou JSON
hint-invite-link = link de convite
hint-refresh = atualizar
hint-read-again = ler de novo
hint-copy = copiar
hint-next-outcome = por resultado
hint-change-target = outra comunidade
hint-other-number = outro número
hint-turn-into-moves = mover
hint-compare = comparar
hint-plan-differences = planejar
hint-mark-all = marcar tudo
hint-confirm = confirmar
hint-skip-checks = pular o resto
hint-confirm-quit = parar e fechar
hint-choose = escolher
hint-begin = começar ou continuar
hint-add-community = adicionar
hint-forget-community = remover
hint-connect = código QR
hint-connect-by-number = código por número
hint-reconnect = reconectar
hint-add-instance = acrescentar
hint-edit-instance = mudar
hint-remove-instance = remover
hint-confirm-removal = remover
hint-save-instance = testar e salvar
hint-save-anyway = salvar assim mesmo
hint-next-field = próximo campo
hint-next-origin = outra origem
hint-take-text = aceitar
hint-complete-term = completar
hint-keep-filter = manter
hint-run = executar
hint-help = ajuda
hint-show-all = mostrar tudo
hint-back = voltar

footer-journal = Nada pode ser enviado: { $why }.

notice-theme = Tema: { $name }
notice-nothing-marked = Nenhum grupo marcado aqui: ponha o cursor em um grupo, ou marque vários com [{ $key }].
no-call-to-link = { $gateway } não tem chamada para vincular grupos.
no-call-to-unlink = { $gateway } não tem chamada para desvincular grupos.
no-call-to-move = { $gateway } não tem chamadas para mover grupos.
notice-no-community = Nenhuma comunidade é conhecida, então não há onde agir.
notice-cannot-mark = O grupo de avisos fica com a comunidade e não pode ser marcado.
notice-mark-groups = Só grupos podem ser marcados: [{ $key }] vai até eles.
notice-nothing-runs = Nenhuma operação em andamento.
notice-still-runs = Essa operação ainda não terminou: pare antes, ou espere.
notice-nothing-to-retry = Nenhum grupo desta operação pode ser repetido.
notice-nothing-to-look-for = Todos os grupos desta operação têm resultado final.
notice-looking-again = Conferindo de novo a operação #{ $operation }: nada é enviado.
notice-looked-again = Operação #{ $operation } conferida de novo: os resultados estão atualizados.
notice-nothing-to-undo = Nada desta operação pode ser desfeito.
notice-nothing-to-resume = Não sobrou nada para continuar nem grupo para entrar de novo.
notice-stopping = Parando depois da requisição atual. Aperte [{ $key }] de novo para fechar o Synod.
notice-again-to-quit = Aperte [{ $key }] de novo para fechar o Synod.
notice-copied = Enviado à área de transferência do terminal: { $what }
notice-copied-link = O link de convite foi enviado à área de transferência do terminal. Quem tiver o link pode entrar no grupo.
notice-copied-lines = { $count ->
    [1] { $count } linha enviada à área de transferência do terminal.
   *[other] { $count } linhas enviadas à área de transferência do terminal.
}
notice-copied-command = Enviado à área de transferência do terminal; se não funcionar, copie daqui.
notice-exported = Operação salva em { $file }.
notice-plan-written = { $count ->
    [one] O plano foi salvo em { $file }: `synod apply { $file }` executa. Nada foi enviado.
   *[other] O plano foi salvo em { $count } arquivos, um para cada número: { $file }. Nada foi enviado.
}
notice-nothing-to-write = Nada pode ser executado agora, então não há plano para salvar.
notice-only-groups-have-links = Só grupos têm link de convite aqui: abra os detalhes de um deles.
notice-not-submitted = Não iniciado: { $why }
notice-store-away = O armazenamento está inacessível: nada é enviado. Tentando de novo.
notice-store-back = O armazenamento está acessível de novo.
notice-taken-elsewhere = Nada mais é enviado daqui: { $why }
notice-number-in-use = Nada é enviado até que o número esteja livre: { $why }
notice-plan-changed = A comunidade mudou desde então: confira o plano de novo antes de confirmar.
notice-cannot-tick = De todo modo, nada é enviado para estas linhas.
notice-cannot-turn = Nenhum destes grupos está em outra comunidade.
notice-no-number-for = { $count ->
    [one] { $count } grupo fica de fora: nenhum número está no grupo e nessa comunidade.
   *[other] { $count } grupos ficam de fora: nenhum número está no grupo e nessa comunidade.
}
notice-leave-alone = { $count ->
    [one] { $count } grupo fica de fora: vários dos seus números estão nele. Mostre só um deles e saia por lá.
   *[other] { $count } grupos ficam de fora: vários dos seus números estão neles. Mostre só um deles e saia por lá.
}
notice-target-kept = { $count ->
    [one] { $count } grupo fica com sua comunidade: nenhum número está no grupo e também na outra.
   *[other] { $count } grupos ficam com sua comunidade: nenhum número está no grupo e também na outra.
}
notice-no-other-number = Nenhum outro número está nestes grupos e suas comunidades.
notice-several-numbers = Vários dos seus números estão nesta comunidade. Mostre só um deles e saia por lá.
notice-one-instance = Só há uma instância.
notice-cannot-plan-difference = Nada aqui pode ser planejado: nenhum grupo conhecido corresponde à entrada.
notice-cannot-change-target = Estas linhas não são vinculadas a uma comunidade.
notice-nothing-to-send = Este plano não enviaria nada.
notice-too-fast = Chegou rápido demais e não fez nada: aperte a tecla de novo.
notice-too-fast-confirm = Chegou rápido demais: aperte [{ $key }] de novo.
notice-too-fast-typed = Chegou rápido demais: digite o último caractere de novo.
notice-only-keys-confirm = O mouse não confirma nada: aperte a própria tecla.
notice-nothing-to-probe = Nada a procurar: todos os grupos já foram verificados.
notice-probed = { $count ->
    [0] Nenhuma comunidade foi encontrada entre os grupos.
    [1] { $count } comunidade foi encontrada.
   *[other] { $count } comunidades foram encontradas.
}
notice-probe-failed = A busca terminou antes: { $why }
notice-not-configured = Esta instância não está na configuração: acrescente as linhas mostradas abaixo e tecle [{ $read }] aqui.
notice-is-configured = Esta instância já está na configuração.
notice-broken = Esta instância está com defeito: as linhas abaixo dizem por quê e o que fazer.
notice-entry-saved = “{ $instance }” está na configuração.
notice-listed-added = { $count ->
    [1] { $count } instância foi acrescentada à configuração.
   *[other] { $count } instâncias foram acrescentadas à configuração.
}
notice-some-entries-added = { $count ->
    [one] 1 instância foi acrescentada, outras não: { $why }
   *[other] { $count } instâncias foram acrescentadas, outras não: { $why }
}
notice-entry-removed = “{ $instance }” não está mais na configuração. O registro dela fica.
notice-not-reconfigured = A configuração não foi mudada: { $why }
notice-not-reread = Não foi possível ler a configuração: { $why }
notice-reconfigured = { $count ->
    [1] A configuração tem { $count } instância que funciona.
   *[other] A configuração tem { $count } instâncias que funcionam.
}
notice-instance-held = “{ $instance }” tem uma operação em andamento e fica como estava. Leia a configuração de novo quando a operação terminar.
notice-instance-busy = “{ $instance }” tem uma operação em andamento. Espere que termine, ou pare-a.
notice-no-configuration = A demonstração não tem uma configuração que possa ser mudada.
notice-entry-unnamed = Esta entrada não tem um nome válido: corrija-a na configuração.
notice-cannot-connect = Este gateway não faz isso; conecte a instância no painel do gateway.
notice-read-only = O Synod foi iniciado com --read-only e não conecta nada. Inicie sem essa opção.
notice-now-connected = { $instance } agora está conectada.
notice-was-connected = { $instance } já está conectada; nada foi mudado.
notice-cannot-suspend = Não é possível suspender com uma operação em andamento: ela ficaria congelada no meio.
notice-cannot-detach = A demonstração termina com o gateway simulado: não pode continuar em segundo plano.
notice-pasted = { $marked ->
    [0] O texto colado não corresponde a nenhum grupo.
    [1] { $marked } grupo colado foi marcado.
   *[other] { $marked } grupos colados foram marcados.
}
notice-interrupted = Operação #{ $operation } interrompida: { $counts }. Aperte [{ $open }] para ver, e depois [{ $resume }] para continuar.
notice-ended = Operação #{ $operation } encerrada: { $counts }
desktop-ended = { $instance }: operação #{ $operation } encerrada: { $counts }

# O plano.
plan-title = Plano: { $task }
plan-title-numbers = Plano para { $count } números: { $task }
plan-title-for = Plano para { $instance }: { $task }
plan-count-will = { $count } a fazer
plan-count-risky = { $count ->
    [1] { $count } arriscado
   *[other] { $count } arriscados
}
plan-count-blocked = { $count ->
    [1] { $count } bloqueado
   *[other] { $count } bloqueados
}
plan-count-already = { $count ->
    [1] { $count } já feito
   *[other] { $count } já feitos
}
plan-count-left-out = { $count } de fora
plan-capacity = Ocupação: { $now } de { $limit } agora, { $after } depois
plan-capacity-at-least = Ocupação: ao menos { $now } de { $limit } agora, { $after } depois
plan-shown = { $shown } de { $all } linhas
plan-costs = { $requests ->
    [1] { $requests } requisição
   *[other] { $requests } requisições
}, cerca de { $span }; cada resultado é conferido depois
plan-insecure = As requisições vão sem criptografia pela rede (http simples).
plan-link = Os membros entram no grupo de avisos da comunidade; desvincular desfaz.
plan-unlink = Os membros saem do grupo de avisos da comunidade; vincular desfaz.
plan-move = Cada um é desvinculado e depois vinculado; no meio, fica sem comunidade.
plan-leave = Para voltar é preciso um link de convite; o Synod guarda, se houver.
plan-rejoin = Entra pelos links de convite guardados; alguns grupos pedem a aprovação de um admin.
plan-leave-community = O número sai também dos grupos dela; não é possível desfazer daqui.
plan-more = … mais { $count } abaixo
plan-nothing = Este plano não enviaria nada. [{ $back }] volta.
plan-confirm-key = { $count ->
    [1] Aperte [{ $key }] para confirmar ou [{ $back }] para voltar.
   *[other] Aperte [{ $key }] para confirmar ({ $count } grupos) ou [{ $back }] para voltar.
}
plan-confirm-count = { $count ->
    [1] Digite { $count } para sair do grupo, [{ $back }] para voltar:
   *[other] Digite { $count } para sair dos { $count } grupos, [{ $back }] para voltar:
}
plan-confirm-name = Digite “{ $expected }” para sair desta comunidade, [{ $back }] para voltar:
plan-confirm-tail = Digite { $expected }, o fim do ID, para sair desta comunidade, [{ $back }] para voltar:

planning-title = Lendo o estado atual
planning-reading = Lendo o que o plano precisa: { $done } de { $total }
planning-skip = [{ $key }] pula o resto (grupos não conferidos são arriscados), [{ $back }] volta

# O que uma leitura espera para continuar; na janela do plano (62 colunas), na última linha e nos comandos.
wait-throttled = O WhatsApp está limitando este número: aguardando { $span }
wait-limit = O limite de requisições do gateway foi atingido: aguardando { $span }
target-title = { $count ->
    [1] Para qual comunidade? { $count } grupo
   *[other] Para qual comunidade? { $count } grupos
}
operations-title = Operações de { $instance }
operations-no-trouble = Nenhuma operação precisa de você.
operations-only-trouble = as que precisam de você
operations-title-all = Operações de todas as instâncias
operations-none = Nenhuma operação ainda. Marque grupos com [{ $key }] e depois vincule, desvincule, mova ou saia deles.
operations-reading = O registro ainda está sendo lido.
operations-only = só { $outcome }
operation-state-waiting = na fila
operation-state-running = em andamento
operation-state-paused = pausada
operation-state-stopping = parando
operation-state-ended = concluída
operation-state-stopped = parada
quit-title = Uma operação está em andamento
quit-ask = { $count ->
    [1] { $count } grupo ainda não tem resultado.
   *[other] { $count } grupos ainda não têm resultado.
} Aperte [{ $key }] para terminar a requisição atual, parar e fechar; o resto não é enviado. [{ $back }] volta.

# O que se sabe de um grupo ou de uma comunidade; os rótulos têm no máximo 16 células.
fact-id = ID
fact-name = Nome
fact-as-given = Nome exato
fact-exact = “{ $name }”; na tela, sem caracteres invisíveis ou de controle
fact-members = Membros
fact-members-admins = { $members }, { $admins ->
    [0] nenhum admin
    [1] { $admins } admin
   *[other] { $admins } admins
}
fact-of-members = { $count ->
    [1] { $count } membro
   *[other] { $count } membros
}
fact-role = Papel do número
fact-numbers = Números
fact-community = Comunidade
fact-in-no-community = em nenhuma comunidade
fact-kind = Tipo
fact-known-from = Fonte
fact-description = Descrição
fact-way-back = Como voltar
fact-link-kept = há um link de convite guardado; com ele o número pode entrar de novo
fact-link-closed = há um link de convite guardado, mas ele não abre com a `key` desta configuração
fact-link-not-kept = nenhum link de convite foi guardado
fact-invite = Link de convite
fact-groups = Grupos
fact-capacity = { $size } de { $limit }
fact-capacity-at-least = ao menos { $size } de { $limit }: só aparecem os grupos em que o número está
fact-listing = Listagem
fact-listing-read = lida { $age }
fact-listing-never = nunca lida
fact-listing-incomplete = Pode estar incompleta: faltam muitos grupos que estavam lá antes, ou ela termina onde os gateways cortam listas. Um grupo que falta aqui ainda pode estar na comunidade.
fact-details = Detalhes
fact-operation = Operação
fact-outcome = Resultado
fact-change = Mudança
fact-diagnosis = Causa provável
fact-looked = Nova leitura
fact-unknown = não se sabe
beside-more = [{ $key }] lê de novo e mostra o histórico.
beside-invite-hidden = oculto
beside-no-operation = nenhuma desde o início
role-member = membro
role-admin = admin
role-none = o número não está nele
kind-ordinary = grupo comum
kind-announcements = grupo de avisos, que fica com a comunidade
kind-community = comunidade
known-from-configuration = a configuração
known-from-memory = lembrada de execuções anteriores
known-from-listing = uma listagem do gateway
known-from-probe = uma busca por comunidades
known-from-groups = a lista de grupos, lida { $age }
known-from-community = a listagem de { $community }, lida { $age }
known-from-journal = só o registro
invite-hidden = oculto: [{ $key }] pede o link ao gateway
invite-reading = pedindo o link ao gateway …
invite-none = o gateway não fornece link a este número
invite-failed = não foi possível ler o link: { $why }
invite-shown = Quem tiver o link pode entrar. [{ $copy }] copia, [{ $key }] esconde; o link não é guardado.
details-reading = lendo de novo, { $done } de { $total } …
details-read = atualizados; [{ $key }] lê de novo
details-failed = não foi possível ler os detalhes: { $why } [{ $key }] lê de novo.
history-title = No registro
history-reading = lendo o registro …
history-none = nenhuma operação
history-failed = Não foi possível ler o registro: { $why }

# Gravar em um arquivo, e a linha de comando de uma operação.
save-plan-title = Salvar o plano em um arquivo
save-operation-title = Salvar a operação #{ $operation } em um arquivo
save-label = Arquivo:
save-csv = CSV, uma linha por grupo. Só você poderá ler o arquivo, e nada é sobrescrito.
save-json = JSON, um evento por linha. Só você poderá ler o arquivo, e nada é sobrescrito.
save-plans = Salva { $count } arquivos, um para cada número, com o nome dele no fim. `synod apply` executa cada um depois, se nada tiver mudado. Nada é sobrescrito.
save-plan = `synod apply` executa depois, se nada tiver mudado. Só você poderá ler o arquivo, e nada é sobrescrito.
save-taken = { $file } já existe, e nada foi sobrescrito: aqui está outro nome.
save-failed = Não foi possível salvar o arquivo: { $why }. Escolha outro nome.
save-writing = salvando …
compare-title = Comparar { $instance } com um arquivo
compare-file = Um arquivo de estado ou uma tabela com as colunas group e community: o Synod mostra quais grupos não estão onde ele diz.
compare-reading = lendo …
compare-plan = Isto é um plano: `synod apply` o executa. Informe um arquivo de estado ou uma tabela.
compare-unknown-community = Nenhuma comunidade corresponde a “{ $given }”. Informe o nome ou o ID de uma do painel esquerdo.
drift-title = { $count ->
    [0] Nenhuma diferença
    [one] { $count } diferença
   *[other] { $count } diferenças
} entre { $instance } e { $file }
drift-none = Cada grupo está onde o arquivo diz.
drift-marked = { $count ->
    [0] Nada marcado.
    [one] { $count } grupo marcado.
   *[other] { $count } grupos marcados.
}
drift-others = { $count ->
    [one] { $count } grupo de outra instância não é comparado.
   *[other] { $count } grupos de outras instâncias não são comparados.
}
drift-skipped = Os demais grupos ficam em { $community }: { $why }.{ $more ->
    [0] {""}
    [one] {" "}O mesmo em mais uma comunidade.
   *[other] {" "}O mesmo em mais { $more } comunidades.
}
drift-none-here = O arquivo não nomeia nenhum grupo desta instância.
drift-line = linha { $line }
faults-title = { $file }: { $count ->
    [one] { $count } erro
   *[other] { $count } erros
}
faults-no-instance = Nenhuma instância se chama “{ $name }”.
faults-several-instances = Várias instâncias se chamam “{ $name }”. Escreva como uma delas está escrita.
faults-nothing = Nada foi comparado. Corrija estas linhas e compare de novo.
command-title = O mesmo, como comando

# O que, de uma lista colada, não pôde ser marcado.
pasted-title = Linhas coladas: { $marked ->
    [0] nenhuma marcada
    [1] { $marked } marcada, { $left } não
   *[other] { $marked } marcadas, { $left } não
}
pasted-unknown = “{ $given }” não corresponde a nenhum grupo
pasted-near = “{ $given }” não corresponde a nenhum grupo; nomes parecidos:
pasted-ambiguous = “{ $given }” corresponde a vários grupos; cole o ID do grupo certo:
pasted-cannot-mark = “{ $given }” é uma comunidade ou o grupo de avisos dela; nenhum dos dois pode ser marcado

# O que aconteceu com um grupo de uma operação.
timeline-title = O que aconteceu
timeline-confirmed = você confirmou o plano
timeline-sending = { $attempt ->
    [1] enviado: { $what }
   *[other] enviado de novo, tentativa { $attempt }: { $what }
}
timeline-yes = o gateway aceitou; a listagem vai mostrar se deu certo
timeline-no = o gateway recusou, sem dar motivo
timeline-no-because = o gateway recusou: { $why }
timeline-silence = sem resposta útil
timeline-silence-because = sem resposta útil: { $why }
timeline-put-back = o gateway não fez nada, então o grupo voltou para a fila: { $why }
timeline-shows-wanted = a nova listagem confirma
timeline-shows-unconfirmed = uma listagem confirma; outra precisa concordar
timeline-shows-unwanted = a nova listagem ainda não confirma
timeline-shows-nothing = não foi possível ler a listagem
timeline-trying-again = todas as conferências foram feitas e ainda não aparece: será enviado de novo
timeline-step-verified = o primeiro passo foi verificado, o segundo aguarda a vez
step-link = vincular a { $community }
step-unlink = desvincular de { $community }
step-leave = sair
step-leave-community = sair da comunidade { $community }
step-join = entrar pelo link de convite guardado

# De onde um grupo sai ou para onde vai, ao lado de uma seta: Escolas do Norte → Clínicas do Porto; e o que mais muda.
change-none = (sem comunidade)
change-join = entrar de novo

# Por que provavelmente falhou, e o que fazer; $retry e $resume são teclas.
diagnosis-reading = procurando a causa, { $done } de { $total } lidos …
diagnosis-gateway = Nada pode ser feito agora: { $why }
diagnosis-cannot-tell = Não foi possível descobrir a causa: { $why }
diagnosis-as-wanted = Agora já está como você queria: não há mais nada a fazer.
diagnosis-not-member = O número não está mais no grupo. Peça para ser adicionado de novo e aperte [{ $retry }] para repetir.
diagnosis-no-such-group = O grupo não existe mais, ou o número não está nele: o gateway não diz qual dos dois. Olhe no WhatsApp; se o grupo sumiu, não há mais nada a fazer.
diagnosis-announcements-group = É um grupo de avisos, que fica com a comunidade: não há nada a fazer.
diagnosis-is-community = Este grupo é uma comunidade, e uma comunidade não pode ser vinculada a outra. Aperte [{ $find }] nos painéis para o Synod ficar sabendo.
diagnosis-no-such-community = A comunidade não existe mais, ou o número não está nela. Escolha outra, ou peça para ser adicionado de novo.
diagnosis-in-other-community = Está em { $community }, e um grupo só pode estar em uma comunidade por vez. Use mover.
diagnosis-community-full = A comunidade está cheia: { $size } de { $limit } grupos. Desvincule alguns grupos, ou escolha outra comunidade.
diagnosis-not-admin = O número não é admin do grupo. Peça a um admin do grupo que promova o número e aperte [{ $retry }] para repetir.
diagnosis-not-admin-of-community = O número não é admin da comunidade. Peça a um admin da comunidade que promova o número e aperte [{ $retry }] para repetir.
diagnosis-not-admin-of-community-waits = O número não é admin da comunidade, então o vínculo pode estar esperando como sugestão. Peça a um admin da comunidade que aprove no WhatsApp e atualize.
diagnosis-may-await-approval = Talvez falte um admin da comunidade aprovar no WhatsApp. Se não houver pedido lá, aperte [{ $retry }] para repetir.
diagnosis-last-subgroup = É o último grupo da comunidade, e ela precisa manter um. Vincule outro grupo antes.
diagnosis-never-sent = Não foi enviado, e nada parece errado. Aperte [{ $resume }] para continuar com o resto, ou [{ $retry }] para repetir.
diagnosis-nothing-wrong = Agora nada parece impedir isso. Aperte [{ $retry }] para repetir.

# As teclas.
key-space = Espaço
help-title = Teclas
help-none = Nenhuma tecla ou ação corresponde. [{ $back }] mostra todas de novo.
palette-title = Todas as ações
palette-none = Nenhuma ação corresponde. [{ $back }] volta.
help-section-moving = Navegação
help-section-marking = Marcação
help-section-acting = Ações
help-section-planning = Em um plano
help-section-instances = Instâncias
help-section-program = Programa
help-place-panes = Nos painéis
help-place-operations = Nas operações
help-place-drift = Em uma comparação com um arquivo
help-place-details = Nos detalhes
help-place-instances = Entre as instâncias
help-place-finding = Entre as comunidades conhecidas
help-place-fields = Em um campo de texto
help-place-others = Em outras janelas
help-section-terms = Termos de busca do filtro
help-term-standalone = grupos que não estão em comunidade
help-term-full = comunidades sem vaga, e os grupos delas
help-term-duplicate = nomes que aparecem mais de uma vez
help-term-admin = onde o seu número é admin
help-term-notadmin = onde o seu número não é admin
help-term-marked = grupos marcados
help-term-in = grupos das comunidades com este nome
help-term-members = também < >= <= =: o número de membros
help-term-range = de 100 a 200 membros
help-term-text = o próprio texto, não um termo
help-section-signs = No fim de uma linha
help-sign-admin = o seu número é admin
help-sign-member = o seu número é membro, mas não admin
help-sign-unknown = não se sabe se ele é admin
help-up-down = acima, abaixo
help-page = uma página acima, abaixo
help-half-page = meia página acima, abaixo
help-first-last = ao início, ao fim
help-pane = próximo painel, painel anterior
help-enter = os grupos da comunidade; detalhes do grupo
help-zoom = a tela toda para este painel, ou só sua parte
help-divider = mover a linha entre dois painéis
help-extend = estender o intervalo
help-filter = filtrar por palavras; com ~ na frente: difuso
help-toggle-all-groups = painel direito: grupos avulsos ou todos
help-sort = ordenar por nome, tamanho, papel ou vagas
help-mark = marcar e descer
help-range = começar um intervalo, ou marcá-lo
help-mark-all = marcar tudo o que está na tela
help-invert-marks = inverter as marcas das linhas na tela
help-clear-marks = desmarcar tudo
help-only-marked = mostrar só os marcados
help-link = vincular à comunidade escolhida à esquerda
help-unlink = desvincular da comunidade
help-move = mover para outra comunidade
help-leave = sair do grupo; no painel esquerdo: da comunidade
help-stop = parar depois da requisição atual
help-pause = pausar, ou continuar
help-detach = deixar o que roda em segundo plano
help-retry = em uma operação: repetir o que for possível
help-look-again = em uma operação: conferir sem enviar nada
help-undo = em uma operação: desfazer o verificado
help-resume = em uma operação: continuar, ou entrar de novo
help-open = abrir a operação, depois um grupo dela
help-details = detalhes da linha
help-invite-link = nos detalhes de um grupo: o link de convite
help-export = nas operações: salvar uma em um arquivo
help-copy-command = nas operações: copiar como linha de comando
help-write-plan = em um plano: salvar em um arquivo
help-save = salvar o arquivo com esse nome
help-next-form = salvar como CSV ou como JSON
help-next-outcome = em uma operação: mostrar um resultado por vez
help-operations = operações e seu histórico
help-refresh = ler tudo de novo
help-find-communities = comunidades conhecidas, e a busca por mais
help-add-community = nessa janela: adicionar por ID ou link de convite
help-forget-community = nessa janela: remover uma da lista
help-copy = copiar o ID
help-tick = incluir ou deixar fora uma linha; trocar a excedente
help-tick-all = incluir as linhas mostradas, ou deixá-las fora
help-filter-plan = filtrar as linhas do plano
help-invert-plan = incluir o que está fora, e vice-versa
help-change-target = outra comunidade: para a linha ou as filtradas
help-other-number = em um plano de todas as instâncias: outro número age
help-turn-into-moves = mover o que está em outra, ou vinculá-lo
help-compare-file = comparar com um arquivo que diz onde ficam os grupos
help-compare = comparar com este arquivo
help-mark-difference = marcar uma diferença, ou todas sob um título
help-mark-all-differences = marcar todas as diferenças visíveis
help-plan-differences = planejar pôr os grupos marcados no lugar
help-filter-differences = filtrar diferenças
help-confirm = confirmar (para sair, digite a quantidade)
help-skip-checks = pular as conferências que faltam
help-confirm-quit = parar a operação e fechar
help-choose = escolher a linha sob o cursor
help-instances = instâncias: situação, número, cota, operações
help-step-instance = próxima instância, instância anterior
help-all-instances = mostrar todas as instâncias como uma, ou uma só
help-connect = nessa janela: conectar por código QR
help-connect-by-number = nessa janela: conectar por código
help-reconnect = nessa janela: reconectar a sessão que existe
help-add-instance = nessa janela: acrescentar uma instância
help-tick-instance = nessa janela: marcar uma que a conta lista
help-edit-instance = nessa janela: mudar uma entrada
help-remove-instance = nessa janela: remover uma entrada
help-confirm-removal = remover a entrada
help-save-instance = no formulário: testar o token e salvar
help-save-anyway = no formulário: salvar mesmo sem resposta
help-field = no formulário: próximo campo, campo anterior
help-next-origin = no formulário: segredo de outra origem
help-take-text = aceitar o texto digitado
help-complete-term = em um filtro: completar o termo de busca
help-keep-filter = manter o filtro
help-palette = achar cada ação pelo nome
help-next-theme = mostrar a tela no próximo tema
help-run = na lista de ações: executar
help-help = esta ajuda
help-back = voltar um nível
help-repaint = redesenhar a tela
help-suspend = suspender
help-interrupt = parar a operação; duas vezes: fechar o Synod
help-quit = fechar o Synod

# As instâncias.
instances-title = Instâncias
instances-shown = { $instance } (na tela)
instances-idle = nenhuma operação em andamento
instances-broken = com defeito
instances-broken-advice = As outras instâncias não são afetadas. Corrija com [{ $edit }], ou na configuração; depois, [{ $read }] a lê de novo.
instances-broken-by-hand = As outras instâncias não são afetadas. Corrija isto na configuração; depois, [{ $read }] a lê de novo.
instances-not-configured = não configurada
instances-listed = Não está na configuração. O token de { $instance } é o da conta e serve para esta também: [{ $tick }] a marca, e [{ $add }] acrescenta todas as marcadas, ou esta.
instances-connect = Não conectada. [{ $qr }] mostra um código QR para o celular, [{ $number }] um código para um número de telefone; [{ $session }] retoma a sessão existente do gateway.
instances-no-list = Este gateway não lista outras instâncias.
instances-list-unread = Não foi possível listar as outras instâncias deste token: { $why }
instances-how-to = Não está na configuração, então não pode ser escolhida. O token de { $instance } é o da conta e serve para esta também. Acrescente isto à configuração e tecle [{ $read }]:
instances-how-to-short = Não está na configuração. Acrescente um [[instance]] com gateway = { $gateway }, instance = { $name } e o token de { $instance }, e tecle [{ $read }].
instances-token-line = token = o mesmo de { $instance }

# O formulário para uma entrada da configuração. Os nomes dos campos têm no máximo 14 colunas.
entry-title-add = Acrescentar uma instância
entry-title-change = Mudar { $instance }
entry-welcome = Bem-vindo ao Synod. Ele precisa de uma instância: um número de WhatsApp em um gateway, e o token do painel do gateway. Nada é gravado antes de o token ser testado.
entry-gateway = Gateway
entry-address = Endereço
entry-instance = Instância
entry-token = Token
entry-client-token = Client token
entry-name = Seu nome
entry-origin-typed = digitado:
entry-origin-variable = variável:
entry-origin-file = arquivo:
entry-origin-command = comando:
entry-origin-kept = (como está)
entry-help-gateway = Qual gateway: as setas para os lados o mudam.
entry-help-address = Só se não for { $usual }.
entry-help-own-address = O endereço do servidor: este gateway não tem um usual.
entry-help-instance = O nome da instância, exatamente como no painel do gateway. Com o token da conta, deixe vazio para ver os nomes.
entry-help-instance-id = O ID da instância, do painel do gateway. É um segredo: fica em um arquivo que só você pode ler.
entry-help-instance-own = O nome da instância, exatamente como no gateway.
entry-help-instance-optional = O ID da instância. Um servidor para uma só não precisa dele.
entry-help-token = O token da instância, do painel do gateway. Fica em um arquivo que só você pode ler.
entry-help-key = A chave de API do servidor ou da instância. Fica em um arquivo que só você pode ler.
entry-help-client-token = O client token da conta; deixe vazio se a conta não tiver um.
entry-help-name = O seu próprio nome para a instância. Vazio: o mesmo do gateway.
entry-help-name-needed = Seu próprio nome para a instância, como: loja
entry-help-variable = O nome de uma variável de ambiente que contém o segredo.
entry-help-file = O caminho de um arquivo que contém o segredo. Um caminho relativo começa na pasta da configuração.
entry-help-command = Um comando que escreve o segredo, por exemplo: pass show ryze
entry-help-kept = Fica como está na configuração. Digite para substituir.
entry-reading = lendo a entrada …
entry-trying = testando o token …
entry-missing = Isto é necessário: digite e tecle [{ $key }].
entry-listed = O token é o da conta, e a conta tem: { $names }. Digite uma delas aqui. As outras podem ser acrescentadas depois, na janela das instâncias.
entry-not-listed = Digite aqui o nome da instância. Os nomes não puderam ser lidos: { $why }
entry-unreachable = Não foi possível acessar o gateway. Verifique a rede e o endereço.
entry-not-connected = O gateway aceita o token, mas não há um celular conectado ({ $state }). Você pode conectar um na janela das instâncias.
entry-not-tried = Não foi possível testar o token: { $why }
entry-save-anyway = [{ $key }] salva assim mesmo.
entry-busy = A instância tem uma operação em andamento. Espere que termine, ou pare-a.
entry-by-hand = O formulário não pode mostrar “{ $name }”, porque suas linhas têm um erro: corrija-as na configuração.
entry-none = Ainda não há uma instância. [{ $open }] abre a janela das instâncias, onde [{ $add }] acrescenta uma; [{ $quit }] sai.
entry-none-usable = Nenhuma instância funciona. [{ $open }] abre a janela das instâncias, que diz por quê; [{ $quit }] sai.
removal-title = Remover uma instância
removal-ask = Remover “{ $instance }” da configuração? O registro dela fica, e os arquivos com os segredos também; no gateway nada muda. [{ $key }] remove, [{ $back }] volta.

# As comunidades, e a busca por mais.
finding-title = Comunidades de { $instance }
finding-lists = Este gateway lista as comunidades: [{ $key }] lê a lista de novo. Se faltar uma, adicione pelo ID.
finding-unread = A lista de grupos ainda não foi lida, então a busca não pode começar.
finding-known = Todos os grupos já foram verificados.
finding-offer = { $count ->
    [1] { $count } grupo pode ser uma comunidade. Consultar
   *[other] { $count } grupos podem ser comunidades. Consultar
} { $requests ->
    [1] custa { $requests } requisição
   *[other] custa { $requests } requisições
}, cerca de { $span }. Aperte [{ $key }] para começar; esta janela pode ser fechada.
finding-running = { $asked } de { $total ->
    [1] { $total } grupo consultado
   *[other] { $total } grupos consultados
}, { $found ->
    [1] { $found } encontrada
   *[other] { $found } encontradas
}, falta cerca de { $span }
finding-paused = Em pausa: { $asked } de { $total ->
    [1] { $total } grupo consultado
   *[other] { $total } grupos consultados
}, { $found ->
    [1] { $found } encontrada
   *[other] { $found } encontradas
}. [{ $key }] continua; isso custa { $requests ->
    [1] { $requests } requisição
   *[other] { $requests } requisições
}, cerca de { $span }.
finding-failed = { $count } sem resposta
finding-now = Consultando agora: { $group }
finding-control = Primeiro uma já conhecida, { $community }: as outras respostas só valem se ela for encontrada
finding-ended = A busca { $asked ->
    [0] não consultou nenhum grupo
    [1] consultou { $asked } grupo
   *[other] consultou { $asked } grupos
} e { $found ->
    [0] não encontrou nenhuma comunidade
    [1] encontrou { $found } comunidade
   *[other] encontrou { $found } comunidades
}.
finding-ended-early = A busca terminou antes, { $asked ->
    [0] sem consultar nenhum grupo
    [1] depois de { $asked } grupo
   *[other] depois de { $asked } grupos
}: { $why }
finding-none = Nenhuma comunidade é conhecida ainda.
finding-from-configuration = configuração
finding-from-screen = adicionada
finding-from-memory = lembrada
finding-from-listing = listada
finding-from-probe = encontrada
finding-size = { $count ->
    [1] { $count } grupo
   *[other] { $count } grupos
}
finding-reading = ainda não lida
finding-add = ID ou link de convite:
finding-add-id = ID:
finding-checking = Lendo a listagem da comunidade …
finding-added = { $community } é uma comunidade e foi adicionada.
finding-was-known = { $community } já é conhecida.
finding-not-added = Não adicionada: este número não está em tal comunidade ({ $why }). Informe um ID, como [{ $copy }] copia, ou um link de convite.
finding-not-added-id = Não adicionada: este número não está em tal comunidade ({ $why }). Informe um ID, como [{ $copy }] copia.
finding-not-read = Não adicionada, porque não foi possível conferir: { $why }
finding-forgotten = { $community } foi removida da lista.
finding-forgotten-configured = { $community } foi removida até o Synod iniciar de novo, porque a configuração indica essa comunidade.
finding-forgotten-listed = { $community } foi removida até a próxima atualização, porque o gateway lista essa comunidade.

# Conectar uma instância.
connect-title = Conectar { $instance }
connect-asking = Consultando o gateway: primeiro, se a instância já está conectada; o código pode levar um minuto.
connect-qr = No celular: abra o WhatsApp, Aparelhos conectados, Conectar um aparelho, e leia este código.
connect-lasts = Vale por { $span }; depois o Synod pede outro.
connect-no-room = O código QR precisa de { $columns }×{ $rows } células, mas o terminal tem { $wide }×{ $high }: aumente o terminal ou diminua a fonte, ou aperte [{ $key }] para um código que se digita no celular.
connect-picture = O gateway enviou o código QR como imagem, que um terminal não mostra. Aperte [{ $key }] para um código que se digita no celular, ou conecte no painel do gateway.
connect-code = Digite isto no celular: WhatsApp, Aparelhos conectados, Conectar um aparelho, Conectar com número de telefone.
connect-on-its-way = O gateway está retomando a sessão existente.
connect-taken-up = O celular aceitou. Esperando a instância se conectar …
connect-unused = O código não foi usado. [{ $key }] pede outro.
connect-failed = Não foi possível conectar a instância: { $why }
connect-number = Número a conectar, só dígitos, com o código do país:
connect-number-wrong = Digite de 7 a 15 dígitos: código do país primeiro, sem + e sem espaços.
connect-number-what = O gateway fornece um código, que se digita no celular deste número.
connect-seen = Conferido agora mesmo: { $state }
connect-unseen = Não foi possível ler a situação: { $why }
connect-closes = O código é um segredo: quem ler o código pode conectar o próprio celular. [{ $back }] descarta.

# A configuração: o que há de errado nela. Nenhum valor do arquivo aparece, pois qualquer um pode ser um segredo.
config-begin =
    Para experimentar sem configuração, execute `synod demo`: não precisa de gateway.
    Para acrescentar uma instância, execute `synod init`: ele pergunta tudo e testa o token.
    Ou escreva a configuração você mesmo: comece com isto, e ponha em RYZE_TOKEN o token da instância:

    { $example }

    Depois `synod doctor` confere se funciona.
config-none =
    Ainda não há configuração: { $path } não existe.

    { $begin }
config-missing =
    O arquivo de configuração { $path } não existe. Confira --config e SYNOD_CONFIG, ou escreva o arquivo.

    { $begin }
config-no-instances =
    O arquivo de configuração { $path } não define nenhuma instância.

    { $begin }
config-unreadable = Não foi possível ler o arquivo de configuração { $path }: { $why }. Confira o dono e as permissões dele.
config-too-long = { $path } tem mais de 1 MiB: não pode ser configuração nem tema. Indique outro arquivo.
config-no-text = { $path } não é texto UTF-8: não pode ser configuração nem tema. Indique outro arquivo ou escreva de novo.
config-no-file = { $path } não é um arquivo comum: não pode ser configuração nem tema. Indique outro arquivo.
config-unsafe = A configuração não é usada: { $why }
config-theme-unreadable = Não foi possível ler o arquivo de tema { $path }: { $why }. Escreva-o como docs/themes.md mostra, ou indique outro tema em [ui] na configuração.
config-no-home = A pasta pessoal é desconhecida: nem HOME nem { $variable } está definida. Defina uma delas, ou informe { $flag } com um caminho.
config-problem =
    { $path }, linha { $line }: { $what }
    Por exemplo: { $example }
config-twice = Esta chave ou tabela está repetida; cada uma só pode aparecer uma vez.
config-no-toml = Esta linha não é TOML válido. Textos precisam de aspas dos dois lados, listas precisam de colchetes, e cada linha tem uma chave, um sinal de igual e um valor.
config-unknown-key = Esta chave não é conhecida { $place ->
    [file] no topo do arquivo
    [theme] em um tema
    [style] em um estilo
   *[other] em { $place }
}. As conhecidas são: { $known }.
config-unknown-key-near = Esta chave não é conhecida { $place ->
    [file] no topo do arquivo
    [theme] em um tema
    [style] em um estilo
   *[other] em { $place }
}; provavelmente era `{ $near }`. As conhecidas são: { $known }.
config-key-missing = Falta `{ $key }` aqui.
config-text = `{ $key }` deve ser um texto entre aspas.
config-table = `{ $key }` deve ser uma tabela.
config-list = `{ $key }` deve ser uma lista entre colchetes.
config-switch = `{ $key }` deve ser true ou false, sem aspas.
config-count = `{ $key }` deve ser um número inteiro de { $least } a { $most }.
config-share = `{ $key }` deve ser um número de 0 a 1.
config-span = `{ $key }` deve ser um intervalo de tempo: um número inteiro com ms, s, m ou h, entre aspas, e no máximo um dia.
config-no-such-value = `{ $key }` não tem esse valor. Os conhecidos são: { $known }.
config-path = `{ $key }` deve conter um caminho.
config-instance-head = Uma instância começa com o título entre colchetes duplos.
config-same-name = A instância da linha { $other } já tem este nome; cada uma precisa do seu, e maiúsculas contam como minúsculas.
config-same-instance = A entrada da linha { $other } é a mesma instância: o mesmo gateway, endereço e nome. Remova uma delas.
config-name = `name` deve ter de 1 a 40 caracteres visíveis, sem espaços nas pontas.
config-instance = `instance` deve conter o nome da instância no gateway: sem barras, sem espaços nas pontas.
config-key-not-taken = { $gateway } não usa `{ $key }`. Remova a linha.
config-communities = `communities` deve ser uma lista de IDs, cada um um texto entre aspas.
config-proxy = `proxy` deve ser uma URL que começa com http:// ou https://.
config-proxy-password = `proxy` contém uma senha, mas outros usuários podem ler este arquivo. Restrinja: chmod 600 { $quoted } - ou use HTTPS_PROXY.
config-url-scheme = Uma URL base deve começar com https://.
config-url-plain = Com http simples o token iria sem criptografia pela rede; só é permitido para esta própria máquina. Use https://, ou aceite o risco com `insecure_http = true` nesta entrada.
config-url-user = Uma URL base não pode conter usuário nem senha.
config-url-query = Uma URL base não pode conter consulta nem fragmento.
config-url-host = O host ou a porta da URL base não é válido.
config-url-path = Uma URL base deve ter só caracteres visíveis simples, sem .. no caminho.
config-read-back = `read_back` deve ter de 1 a 20 tempos, cada um maior que o anterior.
config-timeout = Um tempo limite deve ser maior que zero.
config-throttle = A primeira pausa deve ser maior que zero, e não maior que a mais longa.
config-store-operator = `operator` é o nome de uma pessoa ou máquina: no máximo 32 letras, dígitos e -_.@
config-store-key = `key` em `[store]` é para um armazenamento compartilhado, que precisa de `url`
config-key-binding = Uma tecla deve ser um texto entre aspas, ou uma lista deles.
config-secret = `{ $key }` deve ser uma tabela com exatamente uma das chaves env, file e command.
config-secret-open = `{ $key }` está escrito aqui, mas outros usuários podem ler este arquivo. Restrinja: chmod 600 { $quoted } - ou busque o segredo em outro lugar.
config-secret-strange = `{ $key }` está vazio, ou contém espaços ou outros sinais que nenhum token tem.
config-secret-env = `env` deve ser o nome de uma variável de ambiente, não o próprio segredo.
config-secret-command = `command` deve ser uma lista de textos: o programa, depois seus argumentos.

# Por que um arquivo não é usado; cada texto vem depois de dois-pontos. O comando fica no fim, para ser copiado.
file-system = { $why }
file-not-regular = não é um arquivo comum, mas uma pasta, um pipe ou um dispositivo
file-too-long = passa de { $most }
file-no-text = a linha { $line } não é texto em UTF-8
file-link = { $path } é um link simbólico, que o Synod não segue aqui: confira aonde leva e depois remova: rm { $quoted }
file-hard-links = { $path } tem outro nome (um hard link), então escrever nele poderia mudar outro arquivo: descubra qual e depois remova este nome: rm { $quoted }
trust-owner = { $path } pertence a outro usuário (número { $owner }): execute o Synod como esse usuário, ou confira o conteúdo e, como root, assuma o arquivo: chown { $user } { $quoted }
trust-file = outros usuários podem escrever em { $path }: confira o conteúdo e depois execute: chmod go-w { $quoted }
trust-file-root = usuários além de root podem escrever em { $path }: confira o conteúdo e depois execute como root: chmod go-w { $quoted }
trust-folder = outros usuários podem trocar arquivos em { $path }: confira o conteúdo e depois execute: chmod go-w { $quoted }
trust-folder-root = usuários além de root podem trocar arquivos em { $path }: confira o conteúdo e depois execute como root: chmod go-w { $quoted }

# De onde vem um segredo, como começo de uma frase; depois, por que não foi possível obtê-lo.
secret-from-variable = A variável de ambiente { $name }
secret-from-some-variable = A variável de ambiente que a configuração indica
secret-from-file = O arquivo { $path }
secret-from-command = O comando { $program }
secret-from-some-command = O comando que a configuração indica
secret-from-output = A saída de { $program }
secret-from-some-output = A saída do comando
secret-from-text = O texto no arquivo de configuração
secret-not-set = { $from } não está definida. Defina com `export` antes de iniciar o Synod.
secret-unreadable = Não foi possível ler o arquivo { $path }: { $why }. Confira o caminho, o dono e as permissões dele.
secret-no-file = { $path } não é um arquivo. Indique o arquivo que contém o segredo.
secret-not-private = Outros usuários podem ler { $path }. Restrinja: chmod 600 { $quoted }
secret-not-run = Não foi possível executar { $from }: { $why }. Confira se está instalado e no PATH.
secret-failed = { $from } falhou ({ $status }). Execute à mão para ver por quê.
secret-too-slow = { $from } não terminou em 30 segundos e foi parado. Talvez esperasse uma resposta: execute à mão.
secret-empty = { $from } está vazio. Ponha o segredo ali.
secret-no-output = { $from } não imprimiu nada. Ele deve imprimir o segredo.
secret-no-token = { $from } contém espaços, ou caracteres que nenhum token tem. Deve conter só o segredo, em uma linha.
secret-too-long = { $from } passa de 4 KiB, e nenhum token é tão longo. Ponha ali só o segredo.
secret-failed-saying = { $from } falhou ({ $status }): “{ $words }”. Execute à mão para ver mais.

# O que impede de abrir uma instância.
instance-unread = não foi possível ler { $key }: { $why }
instance-unopened = instância “{ $name }”: { $why }
instance-title = { $name }
instance-untitled = (linha { $line })
open-token = `{ $key }` deve ser texto imprimível, sem quebras de linha, e não vazio.
open-instance = O nome da instância está vazio.
open-ca-file = Não foi possível ler os certificados em { $path }: { $why }. Confira ca_file.
open-ca-unsafe = ca_file não é usado: { $why }
open-no-certificates = { $path } não contém nenhum certificado em formato PEM. Confira ca_file.
open-proxy = A URL do proxy não pode ser usada. Confira proxy na configuração.
open-proxy-variable = { $name } não contém a URL de um proxy que o Synod possa usar. Ela deve ser como http://host:porta.
open-tls = Nenhum certificado de autoridade foi encontrado: instale os do sistema (ca-certificates), ou defina ca_file.

# Alterar a configuração; $at é um arquivo com uma linha.
edit-name-taken = { $at }: a instância desta linha já tem o nome “{ $name }”. Escolha outro.
edit-same-instance = { $at }: a entrada desta linha já é a mesma instância. Nada foi acrescentado.
edit-no-entry = A configuração não tem a instância “{ $name }”.
edit-changed = Várias entradas se chamam “{ $name }”, e a configuração mudou desde que foi lida. Leia-a de novo e escolha mais uma vez.
edit-no-tables = { $at }: `instance` é uma lista aqui, que o Synod lê, mas não altera. Dê a cada entrada seu próprio título [[instance]].
save-unsafe = Nada foi gravado: { $why }
save-unwritten = Não foi possível gravar { $path }: { $why }. A configuração não mudou. Confira as permissões da pasta e o espaço livre.
save-busy = Outros programas não param de alterar { $path }. Ele não mudou: feche-os e tente de novo.

# As perguntas e os resultados de `synod init`. Uma pergunta termina onde se digita a resposta.
init-begin = Isto acrescenta uma instância a { $path }. Nada é gravado antes de o token ser testado.
init-ask-gateway = Gateway ({ $known }) [ryzeapi]:
init-ask-base-url = Endereço do gateway [{ $usual }]:
init-ask-own-base-url = Endereço do gateway:
init-ask-instance = Nome da instância no gateway:
init-ask-instance-optional = O ID da instância (vazio se o servidor tem uma só):
init-ask-instance-id = ID da instância (não aparece):
init-ask-token = Token da instância (não aparece):
init-ask-client-token = Client token da conta (não aparece; vazio se não houver):
init-ask-name = O seu nome para ela:
init-ask-name-usual = O seu nome para ela [{ $usual }]:
init-field = { $field }: { $why }
init-field-input = entrada padrão
init-missing = Falta: { $flags }. Informe essas opções, ou execute `synod init` em um terminal, que pergunta tudo.
init-no-token = A entrada padrão está vazia. Escreva o token nela, ou informe --token-env, --token-file ou --token-command.
init-zapi-instance = Na Z-API, o ID da instância é um segredo, e outros usuários veem as linhas de comando. Informe --instance-env, --instance-file ou --instance-command, ou execute `synod init` em um terminal.
init-key-not-taken = { $gateway } não usa `{ $key }`. Omita as opções dela.
init-read-only = Nada foi gravado: --read-only recusa qualquer mudança. Omita essa opção.
init-interrupted = Interrompido: nada foi gravado.
init-token-refused = Nada foi gravado: { $why }. Copie o token do painel do gateway mais uma vez.
init-instance-unknown = Nada foi gravado: { $why }. Copie o nome da instância do painel do gateway; maiúsculas e minúsculas são diferentes.
init-again = { $why }. Digite de novo:
init-not-tried = Nada foi gravado, porque não foi possível testar o token: { $why } Para acrescentar a instância sem testar, use --no-check.
init-added = “{ $name }” foi acrescentada a { $path }.
init-secret-file = O segredo está em { $path }, que só você pode ler.
init-state = O gateway aceita o token: { $state }.
init-not-connected = Ainda não há um celular conectado: inicie `synod` e conecte-o na janela das instâncias.
init-unchecked = O token não foi testado. Execute `synod doctor` para testá-lo.
init-next = Agora execute `synod`.
community-id = “{ $given }” não é o ID de uma comunidade em { $gateway }: { $why }. Um ID lá é como { $example }.
community-id-ending = não termina em @g.us
community-id-digits = contém outros caracteres além de dígitos
id-empty = um ID não pode ser vazio
id-too-long = um ID tem no máximo 128 caracteres
id-character = um ID só tem letras, dígitos e os caracteres . _ : @ -

# Teclas da configuração que não podem ser usadas; o terminal; o log.
key-no-action = Não existe a ação “{ $action }”; docs/keys.md tem os nomes.
key-no-key = “{ $key }” não é uma tecla; teclas se escrevem como x, X, ctrl-x, space, f5, shift-up.
key-twice = “{ $key }” está repetida na lista.
key-unsent = “{ $key }” nunca chega: os terminais a enviam como outra tecla ou não a enviam; escolha outra.
key-taken = “{ $key }” já significa “{ $other }”, então não pode significar “{ $action }” também.
key-typed = “{ $key }” é uma letra, mas “{ $action }” é usada enquanto se digita texto; escolha outra tecla.
terminal-none = a entrada e a saída padrão não são um terminal
terminal-dumb = o terminal não sabe posicionar texto (TERM=dumb)
log-level = O nível do log deve ser um de off, error, warn, info, debug e trace.
log-file = Não foi possível abrir o arquivo de log { $path }: { $why }. Omita --log-level, ou escolha outra pasta com --state-dir.
log-unsafe = O Synod não pode escrever o log: { $why }
log-taken = Não foi possível iniciar o log: { $why }.

# A linha de comando.
terminal-unusable = este comando precisa de um terminal: { $why }. Execute em um terminal, ou use um comando que não precise, como synod simulate; synod --help lista todos.
quit-waiting = esperando a requisição atual terminar, para guardar o resultado no registro …
quit-stopping = Parando depois da requisição atual, para guardar o resultado. Um segundo sinal encerra na hora.
detach-goes-on = { $count ->
    [one] A operação { $numbers } continua em segundo plano: `synod` mostra, `synod operations stop { $first }` para.
   *[other] { $count } operações continuam em segundo plano ({ $numbers }): `synod` mostra, `synod operations stop { $first }` para uma.
}
detach-failed = As operações não podem continuar em segundo plano: { $why } Elas continuam aqui; interrompa o Synod para parar.
detach-failed-unsent = Nada foi enviado, porque nenhum processo em segundo plano pôde começar: { $why }
cli-detached = A operação { $number } roda em segundo plano.
detach-system = { $why }.
detach-exited = o novo processo terminou cedo demais.
detach-not-taken = O novo processo não assumiu { $numbers }. Execute `synod operations resume { $first }`.
simulate-listening = O gateway simulado escuta em { $address }. Configuração das instâncias dele:
simulate-several = Escolha uma das instâncias com --instance, ou com: export SYNOD_INSTANCE={ $first }
simulate-written = O gateway simulado escuta em { $address }. Para usá-lo em outro shell: export SYNOD_CONFIG={ $quoted }
simulate-taken = { $path } não foi gravado por synod simulate e por isso não é sobrescrito. Indique outro arquivo.
simulate-unwritten = Não foi possível gravar a configuração em { $path }: { $why }. Indique outro arquivo.
simulate-cannot-listen = não foi possível escutar em { $address }: { $why }. Escolha outro endereço com --listen.
simulate-remote = { $address } pode ser acessado de outras máquinas. Escute em 127.0.0.1, ou acrescente --allow-remote, que usa tokens aleatórios.
cli-no-language = Não existe o idioma “{ $given }”. Idiomas: { $known }.
cli-no-theme = Não há o tema “{ $given }”. Temas conhecidos: { $known }.
cli-which-instance = A configuração tem várias instâncias. Escolha uma com --instance, como --instance { $first }, ou defina SYNOD_INSTANCE. São: { $names }.
cli-no-instance = A configuração não tem a instância “{ $name }”. Ela tem: { $names }.
cli-several-instances = “{ $name }” indica várias instâncias da configuração: { $names }. Escreva como uma delas está escrita.
cli-instance-failed = { $instance }: { $why }
cli-left-out = Deixada de fora: { $why }
cli-list-community = --community só vale com `synod list groups`.
cli-listing-unread = Não foi possível ler a listagem da comunidade: { $why }
cli-is-community = comunidade
cli-announcements-of = avisos de { $community }
cli-no-groups = Nenhum grupo foi indicado. Indique grupos por ID ou nome, ou um arquivo com eles em --groups-from.
cli-operations-options = --json, --newest, --by e --since aqui são da lista de operações: coloque as opções de um subcomando depois dele.
cli-several-targets = Vários --to exigem --spill: os grupos que não cabem em uma comunidade vão para a próxima.
cli-empty-list = A lista não indica nenhum grupo: não há nada a fazer.
cli-type-groups = Lendo grupos do terminal, um por linha; Ctrl-D termina.
cli-groups-unreadable = Não foi possível ler os grupos de { $what }: { $why }. Indique um arquivo de texto com um grupo por linha.
cli-group-too-long = O item { $position } é longo demais para um nome de grupo ({ $bytes } bytes): “{ $begin }…”. Indique um grupo por item: ID, nome ou link de convite.
cli-more-unknown = { $count ->
    [1] E mais { $count } que não corresponde a nada.
   *[other] E mais { $count } que não correspondem a nada.
}
cli-cut-short = A leitura foi interrompida: tente de novo.
cli-unknown-group = Nenhum grupo corresponde a “{ $given }”. `synod list groups` mostra todos.
cli-unknown-community = Nenhuma comunidade corresponde a “{ $given }”. `synod list communities` mostra as conhecidas; indique outra pelo ID.
cli-no-community = Nenhuma comunidade tem o ID { $community }, ou este número não está nela. Confira o ID: `synod list communities` mostra as conhecidas.
cli-unknown-near = Será que é um destes?
cli-invite-unsupported = O item { $position } da lista não é nome de nenhum grupo; parece um link de convite ou um código, que este gateway não sabe resolver. Indique o grupo pelo ID ou pelo nome.
cli-invite-unfollowed = O item { $position } da lista não é nome de nenhum grupo e, como link de convite ou código, não leva a nenhum grupo: { $why }. Peça outro link a um admin, ou indique o grupo pelo ID ou pelo nome.
cli-invite-of-community = Indique a comunidade pelo ID ou pelo nome, não por um link de convite: `synod list communities` mostra todas.
cli-ambiguous = “{ $given }” corresponde a { $count } deles: indique qual pelo ID.
cli-candidate-in = { $candidate }  (em { $community })
cli-candidate-members = { $candidate }, { $count ->
    [1] { $count } membro
   *[other] { $count } membros
}
cli-on-line = Linha { $line }: { $words }
cli-not-in-source = Estes grupos não estão em { $community }, indicada em --from:
cli-read-only = Nada foi enviado: --read-only recusa toda mudança. Omita essa opção, ou veja o plano com --dry-run.
cli-needs-yes = Nada foi enviado: não há terminal para confirmar. Use --yes para executar o plano sem perguntar, ou --dry-run para só ver.
cli-json-needs-yes = Nada foi enviado: --json não pergunta nada. Use --yes para executar o plano, ou --dry-run para só ver.
cli-needs-count = Nada foi enviado: para sair com --yes é preciso também --count, com o número de grupos do plano. --dry-run mostra o plano.
cli-count-differs = Nada foi enviado: --count é { $given }, mas o plano enviaria { $sent }. Confira com --dry-run.
cli-count-community = Nada foi enviado: --count é { $given }, mas esta comunidade tem { $sent } grupos. Confira com --dry-run.
cli-not-confirmed = Não confirmado: nada foi enviado.
cli-interrupted = Interrompido: nada foi enviado.
cli-deadline-unsent = O tempo-limite (--timeout) passou: nada foi enviado.
cli-deadline = O tempo-limite (--timeout) passou: nada mais é enviado. `synod operations resume` continua.
cli-waiting-for-lock = Esperando o bloqueio: { $why }.
cli-nothing-sent = Este plano não envia nada.
cli-stopping = Parando depois da requisição atual; as conferências continuam. Ctrl-C de novo fecha na hora; o registro guarda a requisição em andamento.
cli-stopped-away = Parado com o armazenamento inacessível: nada mais é enviado, mas o registro ainda não diz isso. `synod operations resume` continua.
cli-ask = { $count ->
    [1] Confirmar? y (sim) ou n (não):
   *[other] Confirmar para { $count } grupos? y (sim) ou n (não):
}
cli-ask-count = { $count ->
    [1] Digite { $count } para sair do grupo; qualquer outra coisa cancela:
   *[other] Digite { $count } para sair dos { $count } grupos; qualquer outra coisa cancela:
}
cli-ask-name = Digite “{ $expected }” para sair desta comunidade; qualquer outra coisa cancela:
cli-ask-tail = Digite { $expected }, o fim do ID, para sair desta comunidade; qualquer outra coisa cancela:
cli-operation-unended = A operação #{ $operation } não terminou: { $counts }. `synod operations show { $operation }` mostra os resultados.
cli-plan-written = O plano foi salvo em { $file }: `synod apply` executa. Nada foi enviado.
cli-plan-unwritable = Não foi possível salvar o plano em { $file }: { $why }. Escolha outro arquivo com --plan; nada foi enviado.
cli-file-unreadable = { $file } não pode ser lido: { $why }. Informe um plano, um arquivo de estado ou uma tabela.
cli-file-no-text = { $file } não pode ser lido: a linha { $line } não é texto em UTF-8. Salve o arquivo em UTF-8; as planilhas chamam isso de “CSV UTF-8”.
cli-plan-again = Este arquivo já é um plano. --plan faz o plano de um arquivo de estado ou de uma tabela.
cli-plan-several = Um plano é de uma só instância, e este arquivo nomeia várias. Escreva um arquivo para cada instância e faça um plano de cada um.
cli-plan-risky = Nada foi enviado: --include-risky não vale para um plano, que já diz quais grupos arriscados incluir. Faça o plano de novo com essa opção.
cli-all-ended = Todas as instâncias: { $counts }.
cli-list-csv = --csv só funciona com `synod list groups`.
cli-list-filter = --standalone, --full, --admin, --not-admin, --duplicate-names e --members só funcionam com `synod list groups`, e não com --csv. --full também funciona com `synod list communities`.
cli-list-roles = { $instance }: onde a listagem não diz se o número é admin, vale o que sessões anteriores leram, o mais antigo { $age }. Grupos sem essa informação não são listados.
cli-list-nothing-cached = Nada foi lido de { $instance } antes. Execute o comando sem --cached.
cli-list-cached = { $instance }: lido { $age }.
cli-list-state-json = `synod list state` mostra um arquivo de estado; para JSON, use `synod list groups --json`.
state-empty = O arquivo não diz nada sobre nenhum grupo. `synod list state` mostra como é um arquivo assim.
state-faults = Nada foi alterado. { $file } tem { $count ->
    [one] um erro
   *[other] { $count } erros
}:
state-no-kind = Isto não é um arquivo de estado nem uma tabela com as colunas group e community. `synod list state` e `synod list groups --csv` mostram como são.
state-column-twice = A tabela tem duas colunas “{ $column }”. Remova uma delas.
state-misquoted = As aspas desta linha estão erradas: uma não está fechada, ou há texto depois de uma fechada. Ponha aspas dos dois lados da célula e duplique cada aspa dentro dela.
state-few-cells = Esta linha não tem célula na coluna “{ $column }”. Escreva uma célula vazia se o grupo não deve estar em nenhuma comunidade.
state-many-cells = Esta linha tem mais células do que o cabeçalho. Ponha entre aspas um nome que contém o separador.
state-rounded = Uma planilha arredondou o ID “{ $cell }”. Formate a coluna como texto e digite o ID inteiro.
state-no-column = A tabela não tem a coluna “{ $column }”. A primeira linha deve nomear as colunas group e community.
state-no-group = Esta linha não nomeia nenhum grupo. Informe o ID ou o nome do grupo, ou remova a linha.
state-no-place = Esta linha de uma operação exportada não diz onde o grupo deve estar. Informe a comunidade ou remova a linha.
state-no-toml = Isto não é TOML válido. Nomes precisam de aspas dos dois lados, listas precisam de colchetes, e cada linha tem uma chave, um sinal de igual e um valor. `synod list state` mostra como é um arquivo de estado.
state-twice = Esta chave aparece duas vezes.
state-unknown-key = Não há a chave “{ $key }” aqui. As chaves são: { $known }.
state-missing-key = Falta a chave “{ $key }” nesta seção.
state-want-tables = Escreva [[{ $key }]] em uma linha própria antes das chaves de cada seção.
state-want-text = “{ $key }” recebe nomes ou IDs entre aspas, que não sejam vazios.
state-want-groups = “{ $key }” recebe uma lista, como ["Recepção", "Exames"].
state-want-bool = “{ $key }” é true ou false.
state-invite-link = Isto não corresponde a nenhum grupo. Parece um link ou código de convite: informe o ID ou o nome do grupo.
state-in-two-places = { $group } deve estar em outro lugar segundo a linha { $other }: remova uma das duas.
state-not-compared = Os outros grupos ficam em { $community }, porque não é certo quais grupos ela tem: { $why }.
state-listing-incomplete = a lista dela pode estar incompleta
state-left-out = { $count ->
    [one] Um grupo ficou de fora, porque o gateway não diz se ele está em uma comunidade.
   *[other] { $count } grupos ficaram de fora, porque o gateway não diz se estão em uma comunidade.
}
diff-plan = Isto é um plano: `synod apply --dry-run` o compara. `synod diff` recebe um arquivo de estado ou uma tabela.
diff-instance = Instância { $instance }
diff-in-none = Em nenhuma comunidade
diff-missing = falta
diff-extra = a mais
diff-elsewhere = em outro lugar
diff-unknown = desconhecido
diff-from = em { $community }
diff-count = { $count ->
    [0] Nada difere.
    [one] 1 diferença.
   *[other] { $count } diferenças.
}
cli-plan-none = { $file } não é um plano: indique um arquivo gerado com --plan.
cli-plan-version = O plano { $file } foi escrito por outra versão do Synod: faça o plano de novo com --plan.
cli-plan-damaged = O plano { $file } está danificado perto da linha { $line }: faça o plano de novo com --plan.
cli-plan-other-instance = O plano foi feito para uma instância diferente de “{ $name }” desta configuração: use a configuração com que o plano foi feito, ou faça outro.
cli-plan-changed = Nada foi enviado: a situação mudou desde que o plano foi feito. Faça o plano de novo e confira:
cli-plan-change = { $name }: { $before } quando o plano foi feito; agora: { $now }
cli-no-operation = O registro não tem a operação { $number } destas instâncias: `synod operations list` mostra as operações.
cli-undo-loses = { $count ->
    [1] { $count } grupo dela não pode ser trazido de volta assim: `synod operations show` mostra os resultados.
   *[other] { $count } grupos dela não podem ser trazidos de volta assim: `synod operations show` mostra os resultados.
}
cli-nothing-again = Nenhuma operação tem algo pendente para isso: `synod operations list` mostra as operações.
cli-nothing-of-it = A operação { $number } não tem nada pendente para isso: `synod operations show { $number }` mostra os resultados.
links-closed = { $count ->
    [1] { $count } link de convite guardado não abre com a `key` de `[store]`: use a chave do operador que saiu do grupo.
   *[other] { $count } links de convite guardados não abrem com a `key` de `[store]`: use a chave do operador que saiu dos grupos.
}
links-without-key = { $count ->
    [1] { $count } link de convite guardado não abre, porque aqui `[store]` não tem `key`: use a chave do operador que saiu do grupo.
   *[other] { $count } links de convite guardados não abrem, porque aqui `[store]` não tem `key`: use a chave do operador que saiu dos grupos.
}
cli-nothing-to-rejoin = Não dá para entrar de novo nos grupos da operação { $number } a partir daqui: { $why }
cli-nothing-to-resume-settled = Não resta nada da operação { $number }: ela parou antes da hora, mas a leitura mostrou que todos os seus grupos estão resolvidos. `synod operations show { $number }` mostra esses grupos.
cli-nothing-to-resume-complete = Não resta nada da operação { $number }: ela foi até o fim. `synod operations show { $number }` mostra o que aconteceu com ela.
cli-nothing-while-running = A operação { $number } ainda não terminou: `synod operations show { $number }` mostra até onde foi.
cli-nothing-to-look-for = Todos os grupos da operação #{ $number } já têm resultado final.
cli-unended = não terminada: { $counts }
cli-list-paused = em pausa: { $counts }
cli-dead = interrompida: { $counts }
cli-was-interrupted = A #{ $number } foi interrompida: { $counts }. Execute `synod operations resume { $number }`.
cli-settled-elsewhere = Enquanto isso, { $by } encerrou a operação { $number }.
cli-resume-rest = `synod operations resume { $number }` continua com o resto.
cli-not-running = A operação { $number } não está em andamento: { $counts }.
cli-paused = A operação { $number } está em pausa. `synod operations resume { $number }` a continua.
cli-continues = A operação { $number } continua.
cli-asked-to-continue = O processo da operação { $number } recebeu o pedido de continuar. A operação não estava em pausa.
cli-stops = A operação { $number } vai parar depois da requisição atual; as conferências continuam.
cli-request-unread = O processo da operação { $number } ainda não respondeu. Ele lê o pedido antes de enviar mais alguma coisa.
cli-pruned = { $count ->
    [0] Nenhuma operação é tão antiga.
    [1] { $count } operação removida.
   *[other] { $count } operações removidas.
}
cli-ask-prune = { $count ->
    [1] Remover { $count } operação do registro, com o histórico e os links de convite que guardou? y (sim) ou n (não):
   *[other] Remover { $count } operações do registro, com o histórico e os links de convite que guardaram? y (sim) ou n (não):
}
cli-forgot-links = { $count ->
    [0] Nenhum link de convite está guardado.
    [1] { $count } link de convite esquecido.
   *[other] { $count } links de convite esquecidos.
}
cli-key-written = A chave está em { $file }, que só você pode ler. Entregue uma cópia a cada operador do armazenamento de forma segura, e escreva em `[store]`:
    { $line }
cli-key-unwritten = A chave não foi escrita em { $file }: { $why }
cli-copy-no-store = Não há armazenamento compartilhado para onde copiar: `[store]` não tem `url`. docs/team.md explica como preparar um.
cli-copy-none = Esta máquina não tem registro: nada a copiar.
cli-copy-unfinished = Nada foi copiado: estas operações não terminaram: { $numbers }. Pare-as ou deixe que terminem. Uma interrompida termina quando o Synod inicia; para uma desta máquina, inicie-o sem `url`. Depois copie de novo.
cli-copy-number = A #{ $old } desta máquina é a #{ $new } no armazenamento.
cli-copy-done = { $count ->
    [0] Nenhuma operação foi copiada
    [1] { $count } operação copiada
   *[other] { $count } operações copiadas
}; { $before ->
    [0] nenhuma já estava lá.
    [1] { $before } já estava lá.
   *[other] { $before } já estavam lá.
}
cli-copy-would = { $count ->
    [0] Nenhuma operação seria copiada
    [1] Copiaria { $count } operação
   *[other] Copiaria { $count } operações
}; { $before ->
    [0] nenhuma está lá ainda.
    [1] { $before } já está lá.
   *[other] { $before } já estão lá.
}
cli-copy-links-done = { $count ->
    [0] Nenhum link de convite guardado foi copiado: cada um vai com sua operação, na primeira vez que ela é copiada.
    [1] { $count } link de convite guardado copiado, criptografado.
   *[other] { $count } links de convite guardados copiados, criptografados.
}
cli-copy-links-would = { $count ->
    [0] Nenhum link de convite guardado iria junto.
    [1] { $count } link de convite guardado iria junto, criptografado.
   *[other] { $count } links de convite guardados iriam junto, criptografados.
}
cli-copy-links-stay = { $count ->
    [1] { $count } link de convite guardado fica nesta máquina
   *[other] { $count } links de convite guardados ficam nesta máquina
}: o armazenamento não guarda nenhum sem `key` em `[store]`, ou com keep_invite_links = false.
cli-ask-forget-links = { $count ->
    [1] Esquecer { $count } link de convite? Depois não será possível entrar de novo no grupo. y (sim) ou n (não):
   *[other] Esquecer { $count } links de convite? Depois não será possível entrar de novo nos grupos. y (sim) ou n (não):
}
cli-files-unwritable = Não foi possível gravar os arquivos em { $dir }: { $why }. Escolha outra pasta com --dir.

# O exame: o que se olha, e o que se encontra.
doctor-program = programa
doctor-configuration = configuração
doctor-config-mode = permissões
doctor-instance = instância
doctor-reachable = gateway
doctor-tls = criptografia
doctor-token = token
doctor-connection = conexão
doctor-budget = cota
doctor-phone = celular
doctor-free-space = espaço livre
doctor-clock = relógio
doctor-state-dir = pasta de estado
doctor-journal = registro
doctor-store = armazenamento
doctor-links = links de convite
doctor-lock = trava
doctor-terminal = terminal
doctor-locale = codificação
doctor-config-advice = Corrija e execute synod doctor de novo.
doctor-config-ok = { $count ->
    [1] { $file } define { $count } instância
   *[other] { $file } define { $count } instâncias
}
doctor-mode-private = nenhum outro usuário pode ler
doctor-mode-open = outros usuários podem ler; tudo bem, desde que não contenha segredos
doctor-mode-advice = Para restringir: chmod 600 { $quoted }
doctor-reachable-ok = o gateway responde
doctor-tls-ok = o certificado do gateway é aceito
doctor-tls-loopback = http simples, mas só nesta máquina
doctor-tls-insecure = http simples: o token vai sem criptografia pela rede
doctor-tls-advice = dê um certificado ao gateway e use https://
doctor-token-ok = o gateway aceita o token
doctor-budget-unknown = o gateway não diz quantas requisições restam
doctor-budget-own = o gateway não diz quantas restam; o próprio Synod fica dentro de { $limit } por minuto
doctor-budget-advice = Outros programas podem usar este mesmo token; espere a renovação antes de enviar muito.
doctor-phone-online = on-line, segundo o gateway
doctor-phone-offline = off-line, segundo o gateway, embora a instância esteja conectada
doctor-phone-advice = As mudanças podem falhar ou demorar: confira se o celular está ligado e com rede.
doctor-clock-unknown = não comparado: a resposta do gateway não trouxe a hora; confira o relógio desta máquina
doctor-clock-ok = a menos de um minuto do relógio do gateway
doctor-clock-ahead = o relógio desta máquina está { $span } adiantado em relação ao do gateway
doctor-clock-behind = o relógio desta máquina está { $span } atrasado em relação ao do gateway
doctor-clock-advice = Certificados, esperas e as horas do registro dependem dele: acerte, por exemplo com timedatectl set-ntp true.
doctor-state-ok = o Synod pode escrever em { $dir }
doctor-state-no-locks = este sistema de arquivos não sabe bloquear arquivos: ponha a pasta de estado em um disco local (--state-dir)
doctor-state-advice = Dê ao seu usuário permissão de escrita em { $dir }, ou escolha outra pasta com --state-dir.
doctor-free-space-left = { $megabytes } MB livres para o registro
doctor-free-space-advice = O Synod não envia nada se não puder escrever o registro: libere espaço para { $dir }, ou escolha outra pasta com --state-dir.
doctor-state-open = outros usuários podem ler
doctor-state-mode-advice = Para restringir: chmod 700 { $quoted }
doctor-journal-ok = pode ser lido
doctor-store-encrypted = { $server }: PostgreSQL { $version }, criptografado, responde em { $milliseconds } ms
doctor-store-local = { $server }: PostgreSQL { $version } nesta máquina, responde em { $milliseconds } ms
doctor-store-clock = { $server }: o relógio dele e o desta máquina diferem { $apart }
doctor-store-clock-advice = Acerte os dois relógios, por exemplo com NTP. Nada é enviado duas vezes por isso, mas as horas no registro enganam.
doctor-store-read-only = { $server }: PostgreSQL { $version } aceita só leitura, então nada pode ser enviado
doctor-store-read-only-advice = Conecte-se ao servidor primário, ou desative default_transaction_read_only.
doctor-links-ok = guardados no armazenamento, criptografados com a chave de `[store]`
doctor-links-none = não são guardados: `[store]` não tem `key`, e quem pode ler o armazenamento poderia entrar nos grupos
doctor-links-advice = `synod store key ARQUIVO` cria uma chave. Sem links guardados, não dá para entrar de novo nos grupos de que o número saiu.
doctor-lock-free = nenhum outro Synod está escrevendo agora
doctor-lock-held = { $by } está escrevendo, conectado desde { $since }
doctor-lock-held-by = { $by } está escrevendo
doctor-lock-other = { $by } está escrevendo em uma instância que falta nesta configuração, conectado desde { $since }
doctor-lock-other-by = { $by } está escrevendo em uma instância que falta nesta configuração
doctor-lock-hidden = O servidor não mostra desde quando os outros estão conectados: GRANT pg_read_all_stats ao papel do Synod.
doctor-terminal-ok = { $term }
doctor-terminal-none = nenhum aqui: `synod` sem comando precisa de um, os comandos não
doctor-terminal-dumb = TERM=dumb: ponha em TERM o tipo do seu terminal
doctor-locale-other = este ambiente não pede UTF-8
doctor-locale-advice = Nomes podem aparecer errados: ponha em LANG um locale UTF-8, como pt_BR.UTF-8.

# O que dá errado com o registro e com a trava de uma instância. $file é o arquivo; $why, as palavras do sistema, ou store-read-only
store-no-directory = a pasta de estado { $file } não é uma pasta: tire dali o que está no lugar dela, ou escolha outra com --state-dir
store-not-writable = não foi possível gravar o registro { $file }: { $why }. Dê ao seu usuário permissão de escrita ali, ou escolha outra pasta com --state-dir
store-read-only = ele é somente leitura, ou a pasta dele é
store-disk-full = não foi possível gravar o registro { $file }: o disco está cheio, ou um arquivo não pode crescer mais (ulimit -f). Libere espaço e inicie o Synod de novo
store-newer = o registro { $file } foi gravado por um Synod mais novo (formato { $found }; este conhece { $known }): use aquela versão ou escolha outra pasta com --state-dir
store-damaged = o registro { $file } está danificado ou não é um registro: mova o arquivo para começar um novo, mas guarde: ele contém o que foi enviado
store-busy = o registro { $file } está em uso por outro programa: espere que ele termine e tente de novo
store-unsafe = a pasta de estado não é usada: { $why }
store-no-locks = este sistema de arquivos não sabe bloquear arquivos, e dois programas poderiam gravar no registro { $file } ao mesmo tempo: ponha a pasta de estado em um disco local (--state-dir)
store-conflict = o registro { $file } já tem um evento diferente nesse lugar: outro Synod grava na mesma operação; deixe só um continuar
store-gone = o registro { $file } foi removido ou substituído enquanto o Synod o usava: as novas entradas se perdem. Nada mais é enviado. Se puder, ponha o arquivo de volta, inicie o Synod de novo e confira a operação
store-interrupted = o trabalho no registro { $file } foi interrompido: inicie o Synod de novo, ele lê o que foi registrado
store-url-invalid = `url` em `[store]` não é o endereço de um servidor PostgreSQL: escreva postgres://USUÁRIO@HOST/BANCO
store-url-hosts = `url` em `[store]` deve indicar um único host
store-url-unverified = `url` em `[store]` precisa usar sslmode=verify-full; para um servidor nesta máquina, sslmode=disable também serve
store-key-invalid = `key` em `[store]` não é uma chave que começa com AGE-SECRET-KEY-1: `synod store key ARQUIVO` cria uma
store-server-unreachable = não foi possível acessar o armazenamento { $server } ({ $why }): verifique se o servidor está ativo e se `url` em `[store]` está certo
store-server-password = o armazenamento { $server } recusa o usuário ou a senha ({ $why }): corrija `url` em `[store]`
store-server-no-tls = o armazenamento { $server } não tem TLS: ative no servidor (`ssl = on`), porque a conexão precisa ser criptografada
store-server-certificate = o certificado do armazenamento { $server } não foi aceito ({ $why }): corrija o host em `url`, ou indique a autoridade com sslrootcert
store-server-no-database = esse banco de dados não existe no armazenamento { $server } ({ $why }): crie o banco, ou corrija `url` em `[store]`
store-server-denied = o usuário não pode usar as tabelas do armazenamento { $server } ({ $why }): conceda os direitos listados em docs/team.md
store-server-newer = um Synod mais novo mudou o armazenamento { $server } (o formato: { $why }): use aquela versão
store-server-read-only = o armazenamento { $server } aceita só leitura ({ $why }): conecte-se ao servidor primário, ou desative default_transaction_read_only
store-server-standby = o armazenamento { $server } é um servidor reserva que ainda não assumiu: promova-o, ou conecte-se ao servidor primário
store-server-full = o armazenamento { $server } está sem espaço ({ $why }): libere espaço no servidor
store-server-conflict = outro Synod gravou algo na mesma posição no armazenamento { $server }: execute `synod operations` para ver o estado atual
store-server-lost = a conexão com o armazenamento { $server } caiu ({ $why }): nada mais foi enviado; execute `synod operations` quando o servidor voltar
store-server-other = o armazenamento { $server } falhou: { $why }
lock-held-on-server = outro Synod ({ $by }, desde { $since }) está usando esta instância: espere terminar, ou pare por lá
lock-held-by-another = outro Synod ({ $by }) está usando esta instância: espere ele terminar ou pare-o lá
lock-number-held = outro Synod ({ $by }) está usando o número desta instância com outro nome ou endereço: espere terminar, ou pare por lá
lock-number-held-here = o número desta instância está em uso com outro nome ou endereço: espere essa operação terminar, ou pare-a
lock-number-unread = o gateway não diz agora qual número está conectado, e outro Synod pode estar escrevendo nele: nada foi enviado; tente de novo quando a instância estiver conectada e o gateway responder
lock-lost = a conexão que mantinha a trava desta instância caiu
store-other = não foi possível usar o registro { $file }: { $why }. Tente de novo ou escolha outra pasta com --state-dir
journal-broke-at-order = o registro falhou ao gravar a operação: inicie o Synod de novo, que ele lê o que foi registrado
journal-broke-at-reading = o registro falhou durante a leitura de uma operação interrompida: inicie o Synod de novo
journal-lacks-operation = o armazenamento não tem esta operação, provavelmente porque uma cópia mais antiga o substituiu: nada mais é enviado. Leia tudo de novo antes de fazer um plano
journal-other-order = o registro devolveu uma operação diferente, e nada foi enviado: inicie o Synod de novo
journal-no-json = não foi possível gravar um evento como JSON: { $why }
lock-held = outro Synod está usando esta instância: espere ele terminar ou feche-o lá
lock-held-by = outro Synod (processo { $process }, desde { $since }) está usando esta instância: espere ele terminar ou feche-o lá
lock-failed = não foi possível obter a trava { $file }: { $why }. Nada é enviado sem ela; dê ao seu usuário permissão de escrita ali, ou escolha outra pasta com --state-dir
lock-unsafe = não foi possível obter a trava, e nada é enviado sem ela: { $why }
lock-no-locks = este sistema de arquivos não sabe bloquear arquivos, e a trava { $file } não protegeria nada: ponha a pasta de estado em um disco local (--state-dir)
lock-gone = a trava { $file } foi removida ou substituída enquanto o Synod a segurava, e outro Synod pode estar usando esta instância. Nada mais é enviado; inicie o Synod de novo quando nenhum outro estiver aberto
lock-cut-short = o trabalho nela foi interrompido
submit-unknown-instance = o motor não conhece a instância { $instance }
submit-ending = o Synod está fechando, por isso nenhuma operação pode começar
