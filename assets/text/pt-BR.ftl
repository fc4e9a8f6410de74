# O que as pessoas leem, em português do Brasil. As chaves são as de en.ftl, e as variáveis também.
#
# Uma palavra para cada coisa (a tabela em inglês está em docs/operations.md):
#   gateway              gateway                 link, unlink          vincular, desvincular
#   instance             instância               move, leave           mover, sair
#   community            comunidade              rejoin                entrar de novo
#   subgroup             subgrupo                mark / tick           marcar / incluir
#   announcements group  grupo de avisos         plan                  plano
#   standalone group     grupo avulso            operation, item       operação, item
#   invite link          link de convite         outcome, journal      resultado, registro
#   admin                admin                   listing               listagem
#   budget               cota                    verified              verificado
#   contradicted         desmentido              already so            já estava
#   refused              recusado                unknown               desconhecido

# Um grupo ou comunidade cujo nome não mostra nada; $tail é o fim do id.
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
outcome-already-so = já estava
outcome-contradicted = desmentido
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
    [1] { $count } já estava
   *[other] { $count } já estavam
}
counted-contradicted = { $count ->
    [1] { $count } desmentido
   *[other] { $count } desmentidos
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
remark-again = será enviado mais uma vez
remark-next-step = espera o segundo passo
remark-sending = esperando o gateway
remark-look-due = falta olhar a listagem
remark-checking = conferindo a listagem

# Por que um grupo terminou como terminou.
item-may-await-approval = a listagem não mostra; talvez os admins da comunidade precisem aprovar antes
item-no-listing = nenhuma listagem pôde ser lida depois: { $why }
item-answers-differ = as respostas do gateway se contradizem
item-cannot-be-shown = aceito, mas nenhuma listagem deste gateway pode mostrar
item-in-neither = nem na comunidade nem na lista de grupos, então não dá para concluir nada
item-left-standing = desvinculado, mas não vinculado: nenhuma resposta o mostra em uma comunidade
item-moved-elsewhere = desvinculado; outra pessoa moveu para { $community }
item-stopped = você parou antes da vez dele
item-halted = parado antes da vez dele: { $why }
item-interrupted = o Synod terminou antes da vez dele
guess-community-full = sem motivo informado; nosso palpite: a comunidade está cheia
guess-elsewhere-or-not-admin = sem motivo informado; nosso palpite: está em outra comunidade, ou o número não é admin dele
guess-not-admin-of-community = sem motivo informado; nosso palpite: o número não é admin da comunidade
guess-last-subgroup = sem motivo informado; nosso palpite: a comunidade mantém o último grupo

# Por que uma linha do plano está onde está.
reason-announcements-group = o grupo de avisos fica com a comunidade
reason-is-community = isto é uma comunidade: saia dela sozinha, no painel das comunidades
reason-no-call-to-leave-community = este gateway não tem como sair de uma comunidade; saia dos grupos dela
reason-in-other-community = em { $community }: use mover
reason-moved-elsewhere = outra pessoa moveu para { $community }
reason-listed-twice = o gateway lista também em { $community }: atualize e planeje de novo
reason-over-limit = acima do limite
reason-over-limit-swap = acima do limite; { $key } troca
reason-last-subgroup = a comunidade mantém ao menos um grupo
reason-last-subgroup-swap = a comunidade mantém ao menos um grupo; { $key } deixa outro ficar
reason-last-subgroup-may-be-refused = o último grupo da comunidade pode ser recusado
reason-not-admin = o número não é admin deste grupo
reason-not-admin-of-community = o número não é admin da comunidade; pode virar uma sugestão aos admins dela
reason-only-admin = o número é o único admin
reason-in-neither = nem na comunidade nem na lista de grupos
reason-in-operation = já está na operação #{ $operation }
reason-already-in = já está na comunidade
reason-not-in = não está mais na comunidade
reason-in-no-community = em nenhuma comunidade conhecida
reason-not-member = o número não está nele
reason-not-checked = não conferido: pode ser uma comunidade, e sair de uma é sair de todos os grupos dela
reason-probe-failed = não deu para saber se é uma comunidade: { $why }
reason-kind-unknown = nenhuma resposta diz se é um grupo de avisos
reason-may-be-others = o gateway tinha recusado: outra pessoa pode ter feito isso
reason-no-such-group = o gateway não conhece esse grupo
reason-place-unknown = nenhuma resposta diz em que comunidade está
reason-probe-unreliable = o gateway diz que não é comunidade; nenhum grupo conhecido para conferir
reason-details-failed = não deu para ler os detalhes: { $why }
reason-source-unread = não deu para ler a listagem da comunidade dele: { $why }
reason-target-unread = não deu para ler a listagem da comunidade de destino: { $why }
reason-already-member = o número já está nele
reason-no-invite-link = nenhum link de convite dele foi guardado
reason-not-ticked = você não incluiu: { $why }
plan-remark-no-way-back = sem link de convite: não há volta
plan-roles-unknown = { $count ->
    [1] Papel desconhecido em { $count } grupo: onde o número não é admin, é recusado.
   *[other] Papel desconhecido em { $count } grupos: onde o número não é admin, é recusado.
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
head-already-so = Já estava: nada a enviar

# O que impede um plano de rodar.
obstacle-read-only = O Synod foi iniciado com --read-only: nada é enviado. Inicie sem isso para rodar este plano.
obstacle-no-target = Nenhuma comunidade escolhida para vincular. Volte e escolha uma no painel da esquerda.
obstacle-gateway = Nada pode rodar agora: { $why }
obstacle-target-unread = Não deu para ler a listagem da comunidade, então nada poderia ser verificado: { $why }

# O que se faz com quantos grupos.
task-link = { $count ->
    [1] vincular { $count } grupo a { $community }
   *[other] vincular { $count } grupos a { $community }
}
task-unlink = { $count ->
    [1] desvincular { $count } grupo
   *[other] desvincular { $count } grupos
}
task-move = { $count ->
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
failure-not-connected = a instância não está conectada ao WhatsApp
failure-banned = o WhatsApp baniu este número
failure-forbidden = o número não tem o direito
failure-not-found = grupo desconhecido, ou o número não está nele
failure-not-member = o número não está no grupo
failure-rate-limited = o limite de requisições do gateway acabou
failure-throttled = o WhatsApp pede menos requisições
failure-refused = o gateway recusou
failure-not-a-community = o gateway diz que isto não é uma comunidade
failure-community-full = o WhatsApp não aceita mais grupos nesta comunidade
failure-limit-reached = esta comunidade chegou a um limite do WhatsApp
failure-gateway-error = o gateway informa uma falha dele mesmo
failure-server-fault = o servidor falhou
failure-timed-out = nenhuma resposta veio a tempo
failure-dropped = a conexão caiu
failure-unreachable = não dá para alcançar o gateway
failure-unreachable-proxy = não dá para alcançar o gateway pelo proxy { $proxy }
failure-tls = o certificado do gateway não foi aceito
failure-proxy-auth = um proxy no caminho pede usuário e senha (407)
failure-too-long = a resposta é maior que qualquer uma do seu tipo e não foi lida até o fim
failure-not-json = a resposta não é JSON, provavelmente é a página de um proxy
failure-not-json-status = uma página de proxy ou de proteção respondeu com { $status }
failure-empty-answer = a resposta está vazia
failure-unmentioned = o gateway não disse nada sobre este grupo
failure-malformed = a resposta não é a que o gateway documenta
failure-redirected = o gateway respondeu com um redirecionamento, que nunca é seguido
failure-no-listing = a resposta não é uma listagem: falta o grupo de avisos
failure-unsupported = este gateway não tem essa chamada
failure-wrong-request = o gateway diz que a requisição está malfeita
failure-not-read = não foi lido
failure-read-only = o Synod foi iniciado com --read-only
advice-token = Ponha o token certo onde a configuração o busca e inicie o Synod de novo.
advice-instance = Confira o nome da instância na configuração; maiúsculas e minúsculas contam.
advice-connect = Conecte-a no painel do gateway e tente de novo.
advice-banned = Pare de usar este número para trabalho em massa e veja-o no próprio WhatsApp.
advice-rights = Confira no WhatsApp se o número está nele e é admin.
advice-wait = Uma operação continua sozinha; senão, espere um minuto e tente de novo.
advice-again = Tente de novo; se continuar, veja a situação do gateway.
advice-network = Confira a rede e o base_url na configuração e tente de novo.
advice-tls = Confira o base_url, o relógio e os certificados CA desta máquina; ca_file indica um seu.
advice-proxy-auth = Ponha-os em `proxy` na configuração ou em HTTPS_PROXY: http://usuário:senha@host:porta.
advice-proxy = Confira `proxy` na configuração ou HTTPS_PROXY, e se o proxy deixa você alcançar o gateway.
advice-too-long = Confira o base_url e o que responde ali; se for o gateway, avise-nos.
advice-base-url = Confira o base_url na configuração, e algum proxy no caminho, e tente de novo.
advice-contract = O gateway pode ter mudado: procure um Synod mais novo, ou avise.
advice-unsupported = Não há o que fazer a respeito aqui.
advice-not-read = Faça o plano de novo.
advice-read-only = Inicie o Synod sem --read-only.

# Se a instância está conectada.
connection-asking = perguntando ao gateway
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
pane-capacity-at-least = { $size } de { $limit }
# What was read may lack groups.
pane-incomplete = incompleto
# Há quanto tempo foi lido o que vem de uma execução anterior, até ser lido de novo.
pane-read = lido { $age }
announcements-group = Avisos
communities-reading = Lendo as comunidades …
communities-failed = Nada pode ser feito agora: { $why }
communities-failed-again = Nada pode ser feito agora: { $why } Aperte { $refresh } para ler de novo.
communities-not-connected = Nada pode ser feito agora: { $why } Aperte { $instances } para conectar daqui mesmo, ou { $refresh } para ler de novo.
communities-none = Este número não está em nenhuma comunidade. Aperte { $refresh } para ler de novo.
communities-unknown = Nenhuma comunidade é conhecida ainda. Este gateway não as lista: ponha-as na configuração (communities = ["…@g.us"]), ou aperte { $key } para procurá-las.
subgroups-reading = Lendo os subgrupos …
subgroups-none = Nenhum grupo nesta comunidade.
subgroups-failed = Não deu para ler a listagem: { $why }
groups-reading = Lendo a lista de grupos …
groups-unread = A lista de grupos ainda não foi lida.
groups-none = Nenhum grupo aqui.
groups-hidden = Nada corresponde. { $back } mostra tudo de novo.
groups-failed = Não deu para ler a lista de grupos: { $why }

# A operação, embaixo.
operation-open = { $count ->
    [1] falta { $count }
   *[other] faltam { $count }
}
operation-waiting = { $count ->
    [1] mais { $count } operação espera
   *[other] mais { $count } operações esperam
}
phase-waiting = espera a vez
phase-left = falta cerca de { $span }
phase-paused-for = { $why }, continua em { $span }
phase-paused-by-you = você pausou, { $key } continua
phase-stopping = parando: nada mais é enviado
phase-ended = pronto
pause-operator = você pausou
pause-budget = cota esgotada
pause-throttled = o WhatsApp pede mais calma
pause-in-flight = a última requisição de outro Synod pode estar em andamento
stop-operator = parado por você
stop-failure = parado: { $why }
stop-alike = parado, pois o resto seria recusado igual: { $why }
stop-community-full = parado: a comunidade não aceita mais
stop-journal = parado: não dá para escrever o registro
stop-interrupted = interrompido: o Synod terminou no meio

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
hint-filter = filtro
hint-mark = marcar
hint-range = faixa
hint-link = vincular
hint-unlink = desvincular
hint-move = mover
hint-leave = sair
hint-tick = incluir ou trocar
hint-tick-all = incluir tudo
hint-retry = repetir
hint-look-again = rever
hint-undo = desfazer
hint-resume = retomar
hint-open = abrir
hint-details = detalhes
hint-export = exportar
hint-copy-command = copiar comando
hint-write-plan = em arquivo
hint-save = gravar
hint-next-form = CSV ou JSON
hint-invite-link = link de convite
hint-refresh = ler de novo
hint-copy = copiar
hint-next-outcome = por resultado
hint-change-target = outra comunidade
hint-confirm = fazer
hint-skip-checks = pular o resto
hint-confirm-quit = parar e sair
hint-choose = escolher
hint-begin = começar ou continuar
hint-add-community = adicionar
hint-forget-community = esquecer
hint-connect = código QR
hint-connect-by-number = código por número
hint-reconnect = reconectar
hint-take-text = continuar
hint-keep-filter = manter
hint-run = executar
hint-help = ajuda
hint-show-all = mostrar tudo
hint-back = voltar

footer-journal = Nada pode ser enviado: { $why }.

notice-theme = Tema: { $name }
notice-nothing-marked = Nada está marcado aqui: ponha o cursor em um grupo, ou marque vários com { $key }.
notice-no-community = Nenhuma comunidade conhecida sobre a qual agir.
notice-cannot-mark = O grupo de avisos fica com a comunidade e não pode ser marcado.
notice-mark-groups = Só grupos são marcados: { $key } vai até eles.
notice-nothing-runs = Nada está rodando.
notice-still-runs = Ainda não terminou: pare antes, ou espere.
notice-nothing-to-retry = Nada dela pode ser repetido.
notice-nothing-to-look-for = Tudo dela está resolvido.
notice-looking-again = Olhando de novo a #{ $operation }: nada é enviado.
notice-looked-again = Olhei de novo a #{ $operation }: o que já se resolveu aparece.
notice-nothing-to-undo = Nada dela pode ser desfeito.
notice-nothing-to-resume = Ela não deixou nada para continuar, nem grupo em que entrar de novo.
notice-stopping = Para depois da requisição em andamento. { $key } de novo fecha o Synod.
notice-again-to-quit = { $key } de novo fecha o Synod.
notice-copied = Enviado à área de transferência do terminal: { $what }
notice-copied-link = O link de convite foi enviado à área de transferência do terminal. Quem o tiver pode entrar no grupo.
notice-copied-lines = { $count ->
    [1] { $count } linha enviada à área de transferência do terminal.
   *[other] { $count } linhas enviadas à área de transferência do terminal.
}
notice-copied-command = Enviado à área de transferência do terminal; se o terminal ignora isso, copie daqui.
notice-exported = A operação está em { $file }.
notice-plan-written = O plano está em { $file }: `synod apply { $file }` o roda. Nada foi enviado.
notice-nothing-to-write = Nada pode rodar agora, então não há plano para gravar.
notice-only-groups-have-links = Entra-se em uma comunidade pelos grupos dela: o link de convite está nos detalhes de cada um.
notice-not-submitted = Não iniciado: { $why }
notice-plan-changed = A listagem mudou desde então: olhe o plano de novo antes de confirmar.
notice-cannot-tick = Só linhas arriscadas podem ser incluídas, e só as que não cabem podem ser trocadas.
notice-nothing-to-send = Nada deste plano seria enviado.
notice-too-fast = Chegou rápido demais e não fez nada: aperte a tecla de novo.
notice-too-fast-confirm = Chegou rápido demais: aperte { $key } de novo.
notice-too-fast-typed = Chegou rápido demais: digite o último caractere de novo.
notice-nothing-to-probe = Não resta nenhum grupo do qual não se saiba o que é.
notice-probed = { $count ->
    [0] Nenhuma comunidade foi encontrada entre os grupos.
    [1] { $count } comunidade foi encontrada.
   *[other] { $count } comunidades foram encontradas.
}
notice-probe-failed = A busca terminou antes: { $why }
notice-not-configured = Esta instância não está na configuração: escreva lá o que está abaixo e inicie o Synod de novo.
notice-cannot-connect = Este gateway não tem chamada para isso; conecte a instância no painel do gateway.
notice-read-only = O Synod foi iniciado com --read-only: nada é conectado. Inicie sem isso.
notice-now-connected = { $instance } agora está conectada.
notice-was-connected = { $instance } já está conectada e ficou como estava.
notice-cannot-suspend = Não suspenso: uma operação está rodando, e ficaria congelada no meio.
notice-pasted = { $marked ->
    [0] O que foi colado não nomeia nenhum grupo.
    [1] { $marked } grupo marcado a partir do que foi colado.
   *[other] { $marked } grupos marcados a partir do que foi colado.
}
notice-interrupted = #{ $operation } foi interrompida: { $counts }. { $open } a mostra, e lá { $resume } continua com o resto.
notice-ended = #{ $operation } terminou: { $counts }

# O plano.
plan-title = Plano: { $task }
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
    [1] { $count } já estava
   *[other] { $count } já estavam
}
plan-capacity = Ocupação: { $now } de { $limit } agora, { $after } depois
plan-capacity-at-least = Ocupação: ao menos { $now } de { $limit } agora, { $after } depois
plan-costs = { $requests ->
    [1] { $requests } requisição
   *[other] { $requests } requisições
}, cerca de { $span }; uma nova listagem verifica cada grupo
plan-link = Os membros entram no grupo de avisos da comunidade; desvincular desfaz.
plan-unlink = Os membros saem do grupo de avisos da comunidade; vincular desfaz.
plan-move = Cada um é desvinculado e depois vinculado; no meio, fica sem comunidade.
plan-leave = Sair não pode ser desfeito daqui: para voltar é preciso um convite.
plan-rejoin = Entra em cada um pelo link de convite guardado; alguns pedem que um admin aceite.
plan-leave-community = O número sai também dos grupos dela, e isso não se desfaz daqui.
plan-more = … mais { $count } abaixo
plan-nothing = Nada disto seria enviado. { $back } volta.
plan-confirm-key = { $count ->
    [1] Aperte { $key } para fazer, { $back } para voltar.
   *[other] Aperte { $key } para fazer com { $count } grupos, { $back } para voltar.
}
plan-confirm-count = Digite { $count } para sair, { $back } para voltar:
plan-confirm-name = Digite “{ $expected }” para sair desta comunidade, { $back } para voltar:
plan-confirm-tail = Digite { $expected }, o fim do id, para sair desta comunidade, { $back } para voltar:

planning-title = Lendo de novo
planning-reading = Lendo o que o plano precisa: { $done } de { $total }
planning-skip = { $key } pula o resto (o que não for lido é arriscado), { $back } volta

# O que uma leitura espera para continuar; na janela do plano (62 colunas), na última linha e nos comandos.
wait-throttled = O WhatsApp pede menos requisições: aguardando { $span }
wait-limit = A cota de requisições do gateway acabou: aguardando { $span }
target-title = { $count ->
    [1] Para qual comunidade? { $count } grupo
   *[other] Para qual comunidade? { $count } grupos
}
operations-title = Operações de { $instance }
operations-none = Nenhuma operação ainda. Marque grupos com { $key } e depois vincule, desvincule, mova ou saia deles.
operations-only = só { $outcome }
operation-state-waiting = espera
operation-state-running = rodando
operation-state-paused = pausada
operation-state-stopping = parando
operation-state-ended = pronta
operation-state-stopped = parada
quit-title = Uma operação está rodando
quit-ask = { $count ->
    [1] { $count } grupo ainda não tem resultado.
   *[other] { $count } grupos ainda não têm resultado.
} Aperte { $key } para parar depois da requisição em andamento e fechar; o que não foi enviado fica sem enviar, e o registro guarda tudo. { $back } continua.

# O que se sabe de um grupo ou de uma comunidade; os rótulos têm no máximo 16 células.
fact-id = Id
fact-name = Nome
fact-as-given = Como veio
fact-exact = “{ $name }”; aparece sem o que um terminal obedeceria ou ninguém consegue ver
fact-members = Membros
fact-members-admins = { $members }, { $admins ->
    [0] nenhum deles admin
    [1] { $admins } deles admin
   *[other] { $admins } deles admins
}
fact-of-members = { $count ->
    [1] { $count } membro
   *[other] { $count } membros
}
fact-role = Seu papel
fact-community = Comunidade
fact-in-no-community = em nenhuma comunidade
fact-kind = Tipo
fact-known-from = Fonte
fact-description = Descrição
fact-way-back = Como voltar
fact-link-kept = há um link de convite dele guardado, com o qual se pode entrar de novo
fact-link-not-kept = nenhum link de convite dele foi guardado
fact-invite = Link de convite
fact-groups = Grupos
fact-capacity = { $size } de { $limit }
fact-capacity-at-least = ao menos { $size } de { $limit }: só são listados aqueles em que o número está
fact-listing = Listagem
fact-listing-read = lida { $age }
fact-listing-never = nunca lida
fact-listing-incomplete = Pode estar incompleta: faltam muitos grupos que estavam lá antes, ou ela termina onde os gateways cortam listas. O que falta pode estar lá mesmo assim.
fact-details = Detalhes
fact-operation = Operação
fact-outcome = Resultado
fact-change = Mudança
fact-diagnosis = Causa provável
fact-looked = Nova leitura
fact-unknown = não se sabe
role-member = membro
role-admin = admin
role-none = o número não está nele
kind-ordinary = grupo comum
kind-announcements = grupo de avisos, que fica com a comunidade
kind-community = comunidade
known-from-configuration = a configuração
known-from-memory = o que ficou lembrado de execuções anteriores
known-from-listing = uma listagem do gateway
known-from-probe = uma busca por comunidades
known-from-groups = a lista de grupos, lida { $age }
known-from-community = a listagem de { $community }, lida { $age }
known-from-journal = só o registro
invite-hidden = oculto: { $key } o pede ao gateway
invite-reading = pedindo ao gateway …
invite-none = o gateway não dá nenhum a este número
invite-failed = não deu para ler: { $why }
invite-shown = Quem o tiver pode entrar. { $copy } copia, { $key } esconde; não fica guardado em lugar nenhum.
details-reading = lendo de novo, { $done } de { $total } …
details-read = recém-lidos; { $key } lê de novo
details-failed = não deu para ler: { $why } { $key } lê de novo.
history-title = No registro
history-reading = lendo o registro …
history-none = nenhuma operação
history-failed = Não deu para ler o registro: { $why }

# Gravar em um arquivo, e a linha de comando de uma operação.
save-plan-title = Gravar o plano em um arquivo
save-operation-title = Gravar a operação #{ $operation } em um arquivo
save-label = Arquivo:
save-csv = Em CSV, uma linha por grupo. Só você poderá ler o arquivo, e nada é sobrescrito.
save-json = Em JSON, um evento por linha. Só você poderá ler o arquivo, e nada é sobrescrito.
save-plan = `synod apply` o roda depois, se ainda valer. Só você poderá ler o arquivo, e nada é sobrescrito.
save-taken = { $file } já existe, e nada foi sobrescrito: aqui está outro nome.
save-failed = Não deu para gravar: { $why }. Escolha outro nome.
save-writing = gravando …
command-title = O mesmo, como comando

# O que, de uma lista colada, não pôde ser marcado.
pasted-title = Do que foi colado: { $marked ->
    [0] nada marcado
    [1] { $marked } marcado, { $left } não
   *[other] { $marked } marcados, { $left } não
}
pasted-unknown = “{ $given }” não corresponde a nenhum grupo
pasted-near = “{ $given }” não corresponde a nenhum grupo; parecidos com ele:
pasted-ambiguous = “{ $given }” corresponde a vários grupos; cole o id do que você quer:
pasted-cannot-mark = “{ $given }” é uma comunidade ou o grupo de avisos dela; nenhum dos dois pode ser marcado

# O que aconteceu com um grupo de uma operação.
timeline-title = O que aconteceu
timeline-confirmed = você confirmou o plano
timeline-sending = { $attempt ->
    [1] enviado: { $what }
   *[other] enviado mais uma vez, tentativa { $attempt }: { $what }
}
timeline-yes = o gateway disse que sim; decide o que uma listagem mostrar
timeline-no = o gateway disse que não, sem dar motivo
timeline-no-because = o gateway disse que não: { $why }
timeline-silence = nenhuma resposta que diga algo
timeline-silence-because = nenhuma resposta que diga algo: { $why }
timeline-put-back = o gateway não aceitou nada disso, então espera a vez de novo: { $why }
timeline-shows-wanted = uma nova listagem mostra o que se queria
timeline-shows-unconfirmed = uma listagem mostra o que se queria; outra precisa concordar
timeline-shows-unwanted = uma nova listagem não mostra o que se queria
timeline-shows-nothing = não deu para ler nenhuma listagem
timeline-trying-again = todas as conferências foram feitas e nenhuma o mostra: será enviado mais uma vez
timeline-step-verified = o primeiro passo foi verificado, o segundo espera a vez
step-link = vincular a { $community }
step-unlink = desvincular de { $community }
step-leave = sair
step-leave-community = sair da comunidade { $community }
step-join = entrar pelo link de convite guardado

# De onde um grupo sai ou para onde vai, ao lado de uma seta: Escolas do Norte → Clínicas do Porto; e o que mais muda.
change-none = (sem comunidade)
change-join = entrar de novo

# Por que provavelmente falhou, e o que fazer; $retry e $resume são teclas.
diagnosis-reading = vendo por quê, { $done } de { $total } lidos …
diagnosis-gateway = Nada pode ser feito agora: { $why }
diagnosis-cannot-tell = Não dá para dizer, pois não deu para ler aquilo que diria: { $why }
diagnosis-as-wanted = A esta altura já está como você queria: não há mais nada a fazer.
diagnosis-not-member = O número não está mais no grupo. Peça que o adicionem de novo e aperte { $retry } para repetir.
diagnosis-no-such-group = O grupo não existe mais, ou o número não está nele: o gateway não diz qual dos dois. Olhe no WhatsApp; se ele sumiu, não há mais nada a fazer.
diagnosis-announcements-group = É um grupo de avisos, que fica com a comunidade: não há nada a fazer.
diagnosis-is-community = Isto mesmo é uma comunidade, e nenhuma comunidade pode ser vinculada a outra. Aperte { $find } nos painéis, para que o Synod saiba.
diagnosis-no-such-community = A comunidade não existe mais, ou o número não está nela. Escolha outra, ou peça que adicionem o número de novo.
diagnosis-in-other-community = Está em { $community }, e um grupo só fica em uma comunidade por vez. Use mover.
diagnosis-community-full = A comunidade está cheia: { $size } de { $limit } grupos. Desvincule alguns dela, ou escolha outra comunidade.
diagnosis-not-admin = O número não é admin do grupo. Peça a um admin dele que promova o número e aperte { $retry } para repetir.
diagnosis-not-admin-of-community = O número não é admin da comunidade. Peça a um admin dela que promova o número e aperte { $retry } para repetir.
diagnosis-not-admin-of-community-waits = O número não é admin da comunidade, então o vínculo pode estar esperando como sugestão. Peça a um admin dela que aprove no WhatsApp e leia de novo.
diagnosis-may-await-approval = Pode estar esperando que um admin da comunidade aprove no WhatsApp; não se vê nada de errado. Se ninguém encontrar o pedido lá, aperte { $retry } para repetir.
diagnosis-last-subgroup = É o último grupo da comunidade, que tem de ficar. Vincule outro antes.
diagnosis-never-sent = Não foi enviado, e não se vê nada de errado. Aperte { $resume } para continuar com o que ficou, ou { $retry } para repetir.
diagnosis-nothing-wrong = Agora nada impede isso, até onde se pode ver. Aperte { $retry } para repetir.

# As teclas.
key-space = Espaço
help-title = Teclas
help-none = Nenhuma tecla ou ação corresponde. { $back } mostra todas de novo.
palette-title = Todas as ações
palette-none = Nenhuma ação se chama assim. { $back } volta.
help-section-moving = Mover-se
help-section-marking = Marcar
help-section-acting = Agir
help-section-planning = Em um plano
help-section-instances = Instâncias
help-section-program = Programa
help-up-down = acima, abaixo
help-page = uma página acima, abaixo
help-half-page = meia página acima, abaixo
help-first-last = ao início, ao fim
help-pane = próximo painel, o anterior
help-extend = estender a faixa
help-filter = filtrar por palavras; com ~ na frente: difuso
help-toggle-all-groups = painel direito: grupos avulsos ou todos
help-sort = ordenar por nome, tamanho, papel ou vagas
help-mark = marcar e descer
help-range = começar uma faixa, ou marcá-la
help-mark-all = marcar tudo o que aparece
help-invert-marks = inverter as marcas do que aparece
help-clear-marks = esquecer todas as marcas
help-only-marked = mostrar só os marcados
help-link = vincular à comunidade escolhida à esquerda
help-unlink = desvincular da comunidade em que estão
help-move = mover para outra comunidade
help-leave = sair; no painel esquerdo: da própria comunidade
help-stop = parar depois da requisição em andamento
help-pause = pausar, ou continuar
help-retry = em uma operação: repetir o que for possível
help-look-again = numa operação: olhar de novo sem enviar nada
help-undo = em uma operação: desfazer o verificado
help-resume = em uma operação: continuar, ou entrar de novo
help-open = abrir a operação, depois um grupo dela
help-details = detalhes da linha
help-invite-link = nos detalhes de um grupo: o link de convite
help-export = nas operações: gravar uma em um arquivo
help-copy-command = nas operações: copiar o comando que pede o mesmo
help-write-plan = em um plano: gravá-lo em um arquivo
help-save = gravar o arquivo com esse nome
help-next-form = em CSV ou em JSON
help-next-outcome = em uma operação: só um resultado, depois o próximo
help-operations = operações e seu histórico
help-refresh = ler tudo de novo
help-find-communities = comunidades: as conhecidas, e a busca por mais
help-add-community = lá: adicionar uma pelo id ou por um link de convite
help-forget-community = lá: esquecer uma
help-copy = copiar o id
help-tick = incluir o arriscado, ou trocar o que não cabe
help-tick-all = incluir tudo o que é arriscado, ou nada
help-change-target = escolher outra comunidade
help-confirm = fazer (sair se confirma digitando)
help-skip-checks = pular as conferências que faltam
help-confirm-quit = parar e fechar
help-choose = escolher o que está sob o cursor
help-instances = as instâncias: situação, número, cota, o que roda
help-step-instance = próxima instância, a anterior
help-connect = lá: conectar por um código QR
help-connect-by-number = lá: conectar por código para um número de telefone
help-reconnect = lá: reconectar com a sessão que o gateway tem
help-take-text = usar o que foi digitado
help-keep-filter = manter o filtro
help-palette = todas as ações pelo nome
help-next-theme = mostrar a tela no próximo tema
help-run = na lista de ações: executar
help-help = esta ajuda
help-back = voltar um nível
help-repaint = redesenhar a tela
help-suspend = suspender
help-interrupt = parar o que roda; duas vezes: fechar o Synod
help-quit = fechar o Synod

# As instâncias.
instances-title = Instâncias
instances-shown = { $instance } (na tela)
instances-idle = nada roda
instances-not-configured = não configurada
instances-connect = Não conectada. { $qr } mostra um código QR para o celular, { $number } um código para um número de telefone; { $session } retoma a sessão que o gateway tem.
instances-no-list = Este gateway não lista outras instâncias.
instances-list-unread = Não deu para listar as outras instâncias deste token: { $why }
instances-how-to = Não está na configuração, então não pode ser escolhida. O token de { $instance } é o da conta e serve para esta também. Escreva isto na configuração e inicie o Synod de novo:
instances-how-to-short = Não está na configuração. Ponha lá um [[instance]] com gateway = { $gateway }, instance = { $name } e o token de { $instance }, e inicie o Synod de novo.
instances-token-line = token = o mesmo de { $instance }

# As comunidades, e a busca por mais.
finding-title = Comunidades de { $instance }
finding-lists = Este gateway lista as comunidades: { $key } lê a lista de novo. A que ele deixar de fora pode ser adicionada pelo id.
finding-unread = A lista de grupos ainda não foi lida, então não há o que consultar.
finding-known = De todos os grupos já se sabe se são comunidades.
finding-offer = { $count ->
    [1] { $count } grupo pode ser uma comunidade. Consultá-lo
   *[other] { $count } grupos podem ser comunidades. Consultá-los
} { $requests ->
    [1] custa { $requests } requisição
   *[other] custa { $requests } requisições
}, cerca de { $span }. { $key } começa; continua com esta janela fechada.
finding-running = { $asked } de { $total ->
    [1] { $total } grupo consultado
   *[other] { $total } grupos consultados
}, { $found ->
    [1] { $found } achada
   *[other] { $found } achadas
}, falta cerca de { $span }
finding-paused = Em pausa: { $asked } de { $total ->
    [1] { $total } grupo consultado
   *[other] { $total } grupos consultados
}, { $found ->
    [1] { $found } achada
   *[other] { $found } achadas
}. { $key } continua; isso custa { $requests ->
    [1] { $requests } requisição
   *[other] { $requests } requisições
}, cerca de { $span }.
finding-failed = { $count } sem resposta
finding-now = Consultando agora: { $group }
finding-control = Consultando antes: { $community }, já conhecida, pois uma resposta só vale enquanto ela for listada
finding-ended = A busca { $asked ->
    [0] não consultou nenhum grupo
    [1] consultou { $asked } grupo
   *[other] consultou { $asked } grupos
} e { $found ->
    [0] não achou nenhuma comunidade
    [1] achou { $found } comunidade
   *[other] achou { $found } comunidades
}.
finding-ended-early = A busca terminou antes, { $asked ->
    [0] sem consultar nenhum grupo
    [1] depois de { $asked } grupo
   *[other] depois de { $asked } grupos
}: { $why }
finding-none = Nenhuma comunidade é conhecida ainda.
finding-from-configuration = configuração
finding-from-screen = sua
finding-from-memory = lembrada
finding-from-listing = listada
finding-from-probe = achada
finding-size = { $count ->
    [1] { $count } grupo
   *[other] { $count } grupos
}
finding-reading = ainda não lida
finding-add = Id ou link de convite:
finding-add-id = Id:
finding-checking = Lendo a listagem …
finding-added = { $community } é uma comunidade e agora é conhecida.
finding-was-known = { $community } já é conhecida.
finding-not-added = Não é uma comunidade deste número: { $why }. Dê um id, como o que { $copy } copia, ou um link de convite.
finding-not-added-id = Não é uma comunidade deste número: { $why }. Dê um id, como o que { $copy } copia.
finding-not-read = Não adicionada, pois não deu para conferir: { $why }
finding-forgotten = { $community } foi esquecida.
finding-forgotten-configured = { $community } fica esquecida até o Synod iniciar de novo, pois a configuração a indica.
finding-forgotten-listed = { $community } fica esquecida até tudo ser lido de novo, pois o gateway a lista.

# Conectar uma instância.
connect-title = Conectar { $instance }
connect-asking = Perguntando ao gateway. Antes se lê se a instância está conectada; um código pode levar um minuto.
connect-qr = No celular: WhatsApp, Aparelhos conectados, Conectar um aparelho, e aponte a câmera para cá.
connect-lasts = Vale por mais { $span }; depois outro é pedido.
connect-no-room = O código QR precisa de { $columns }×{ $rows } células, e há { $wide }×{ $high }: aumente o terminal ou diminua as letras, ou aperte { $key } para um código que se digita no celular.
connect-picture = O gateway deu o código QR como imagem, que um terminal não pode mostrar. Aperte { $key } para um código que se digita no celular, ou conecte no painel do gateway.
connect-code = Digite isto no celular: WhatsApp, Aparelhos conectados, Conectar um aparelho, Conectar com número de telefone.
connect-on-its-way = O gateway retoma a sessão que tem.
connect-taken-up = O celular aceitou. Esperando a instância se conectar …
connect-unused = Ninguém usou o que foi oferecido, e nada mais é pedido sozinho. { $key } pede de novo.
connect-failed = Não deu para conectar: { $why }
connect-number = O número a conectar, em dígitos, com o país:
connect-number-wrong = Um número tem de 7 a 15 dígitos, o país primeiro, sem + nem espaços.
connect-number-what = O gateway dá um código que se digita no celular deste número.
connect-seen = Visto agora mesmo: { $state }
connect-unseen = Não deu para ver: { $why }
connect-closes = O código é um segredo: quem o ler pode conectar o próprio celular. { $back } o esquece.

# A configuração: o que há de errado nela. Nenhum valor do arquivo aparece, pois qualquer um pode ser um segredo.
config-begin =
    Para dar uma olhada sem configuração, rode `synod demo`: não precisa de gateway nem de configuração.
    Para escrever uma, comece com isto, e ponha em RYZE_TOKEN o token da instância:

    { $example }

    Depois `synod doctor` diz se funciona.
config-none =
    Ainda não há configuração: { $path } não existe.

    { $begin }
config-missing =
    O arquivo de configuração { $path } não existe. Confira --config e SYNOD_CONFIG, ou escreva o arquivo.

    { $begin }
config-no-instances =
    O arquivo de configuração { $path } não define nenhuma instância.

    { $begin }
config-unreadable = Não dá para ler o arquivo de configuração { $path }: { $why }. Confira o dono e o modo dele.
config-too-long = O arquivo { $path } tem mais de 1 MiB: não é configuração nem tema. Indique outro arquivo.
config-no-text = O arquivo { $path } não é texto em UTF-8: não é configuração nem tema. Indique outro arquivo ou escreva-o de novo.
config-no-file = { $path } não é um arquivo comum: não é configuração nem tema. Indique outro arquivo.
config-unsafe = A configuração não é usada: { $why }
config-theme-unreadable = Não dá para ler o arquivo de tema { $path }: { $why }. Escreva-o como docs/themes.md mostra, ou indique outro tema em [ui] na configuração.
config-no-home = A pasta pessoal não é conhecida: nem HOME nem { $variable } está definida. Defina uma delas, ou dê { $flag } com um caminho.
config-problem =
    { $path }, linha { $line }: { $what }
    Por exemplo: { $example }
config-twice = Esta chave ou tabela aparece aqui pela segunda vez; cada uma só pode aparecer uma vez.
config-no-toml = Esta linha não pode ser lida como TOML. Textos precisam de aspas dos dois lados, listas de colchetes, e cada linha de uma chave, um sinal de igual e um valor.
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
config-same-name = A instância da linha { $other } já tem este nome; cada uma precisa do seu, e maiúsculas e minúsculas não as distinguem.
config-name = `name` deve ter de 1 a 40 caracteres visíveis, sem espaços nas pontas.
config-instance = `instance` deve conter o nome da instância no gateway: sem barras, sem espaços nas pontas.
config-client-token = `client_token` é da Z-API; este gateway não tem. Tire a linha.
config-communities = `communities` deve conter ids como textos entre aspas.
config-proxy = `proxy` deve ser uma URL que começa com http:// ou https://.
config-proxy-password = `proxy` contém uma senha, mas outros além de você podem ler este arquivo. Deixe-o só seu com: chmod 600 { $quoted } - ou use HTTPS_PROXY.
config-url-scheme = Uma URL base deve começar com https://.
config-url-plain = Em http simples o token iria legível pela rede; só é permitido para esta própria máquina. Use https://.
config-url-user = Uma URL base não pode conter usuário nem senha.
config-url-query = Uma URL base não pode conter consulta nem fragmento.
config-url-host = O host ou a porta da URL base não é válido.
config-url-path = Uma URL base deve ter só caracteres visíveis simples, sem .. no caminho.
config-read-back = `read_back` deve ter de 1 a 20 tempos, cada um maior que o anterior.
config-timeout = Um tempo limite deve ser maior que zero.
config-throttle = A primeira pausa deve ser maior que zero, e não maior que a mais longa.
config-key-binding = Uma tecla deve ser um texto entre aspas, ou uma lista deles.
config-secret = `{ $key }` deve ser uma tabela com uma das chaves env, file e command.
config-secret-open = `{ $key }` está escrito aqui, mas outros além de você podem ler este arquivo. Deixe-o só seu com: chmod 600 { $quoted } - ou busque o segredo em outro lugar.
config-secret-strange = `{ $key }` está vazio, ou contém espaços ou outros sinais que nenhum token tem.
config-secret-env = `env` deve conter o nome de uma variável de ambiente, não o próprio segredo.
config-secret-command = `command` deve ser uma lista de textos: o programa, depois seus argumentos.

# Por que um arquivo não é usado; cada texto vem depois de dois-pontos. O comando fica no fim, para ser copiado.
file-system = { $why }
file-not-regular = não é um arquivo comum, mas uma pasta, um pipe ou um dispositivo
file-too-long = passa de { $most }
file-no-text = não é texto em UTF-8
file-link = { $path } é um link simbólico, que aqui não é seguido: veja aonde leva e depois o remova: rm { $quoted }
file-hard-links = { $path } tem outro nome (um hard link), então escrever nele poderia mudar outro arquivo: descubra qual e depois remova este nome: rm { $quoted }
trust-owner = { $path } pertence a outro usuário (número { $owner }): rode o Synod como esse usuário, ou olhe o que há nele e torne-o seu como root: chown { $user } { $quoted }
trust-file = outros além de você podem escrever em { $path }: olhe o que há nele e depois rode: chmod go-w { $quoted }
trust-file-root = outros além de root podem escrever em { $path }: olhe o que há nele e depois rode como root: chmod go-w { $quoted }
trust-folder = outros além de você podem trocar o que há em { $path }: olhe o que há ali e depois rode: chmod go-w { $quoted }
trust-folder-root = outros além de root podem trocar o que há em { $path }: olhe o que há ali e depois rode como root: chmod go-w { $quoted }

# De onde vem um segredo, como começo de uma frase; depois, por que não dá para obtê-lo.
secret-from-variable = A variável de ambiente { $name }
secret-from-some-variable = A variável de ambiente que a configuração indica
secret-from-file = O arquivo { $path }
secret-from-command = O comando { $program }
secret-from-text = O texto no arquivo de configuração
secret-not-set = { $from } não está definida. Defina-a onde o Synod é iniciado, com `export`.
secret-unreadable = Não dá para ler o arquivo { $path }: { $why }. Confira o caminho, o dono e o modo dele.
secret-no-file = { $path } não é um arquivo. Indique o arquivo que contém o segredo.
secret-not-private = Outros podem ler o arquivo { $path }. Deixe-o só seu: chmod 600 { $quoted }
secret-not-run = { $from } não pode ser rodado: { $why }. Confira se está instalado e no PATH.
secret-failed = { $from } falhou ({ $status }). Rode-o à mão para ver por quê.
secret-too-slow = { $from } não terminou em 30 segundos e foi parado. Talvez esperasse uma resposta: rode-o à mão.
secret-empty = { $from } não contém nada. Ponha o segredo ali.
secret-no-token = { $from } contém espaços, ou caracteres que nenhum token tem. Deve conter só o segredo, em uma linha.
secret-too-long = { $from } contém mais de 4 KiB, o que nenhum token tem. Ponha ali só o segredo.
secret-failed-saying = { $from } falhou ({ $status }): “{ $words }”. Rode-o à mão para ver mais.

# O que impede de abrir uma instância.
instance-unread = instância “{ $name }”: não dá para ler { $key }: { $why }
instance-unopened = instância “{ $name }”: { $why }
open-token = `{ $key }` deve ser texto imprimível, sem quebras de linha, e não vazio.
open-instance = O nome da instância está vazio.
open-ca-file = Não dá para ler os certificados em { $path }: { $why }. Confira ca_file.
open-ca-unsafe = ca_file não é usado: { $why }
open-no-certificates = { $path } não contém nenhum certificado em formato PEM. Confira ca_file.
open-proxy = A URL do proxy não pode ser usada. Confira proxy na configuração.
open-proxy-variable = { $name } não contém a URL de um proxy que o Synod possa usar. Ela deve ser como http://host:porta.
open-tls = Nenhum certificado de autoridade foi encontrado: instale os do sistema (ca-certificates), ou defina ca_file.
community-id = “{ $given }” não é o id de uma comunidade em { $gateway }: { $why }. Um id lá é como { $example }.
community-id-ending = não termina em @g.us
community-id-digits = tem mais do que dígitos
id-empty = um id não pode ser vazio
id-too-long = um id tem no máximo 128 caracteres
id-character = um id só tem letras, dígitos e os caracteres . _ : @ -

# Teclas da configuração que não podem ser usadas; o terminal; o log.
key-no-action = Nenhuma ação se chama “{ $action }”; docs/keys.md tem os nomes.
key-no-key = “{ $key }” não é uma tecla; teclas se escrevem como x, X, ctrl-x, space, f5, shift-up.
key-twice = “{ $key }” está ali duas vezes.
key-unsent = “{ $key }” nunca chega: os terminais a enviam como outra tecla ou não a enviam; escolha outra.
key-taken = “{ $key }” já significa “{ $other }”, então “{ $action }” não poderia ser alcançada por ela.
key-typed = “{ $key }” é digitada em um campo onde se quer “{ $action }”; escolha uma que não seja letra.
terminal-none = a entrada e a saída padrão não são um terminal
terminal-dumb = o terminal não sabe posicionar texto (TERM=dumb)
log-level = O nível do log deve ser um de off, error, warn, info, debug e trace.
log-file = Não dá para abrir o arquivo de log { $path }: { $why }. Tire --log-level, ou escolha outra pasta com --state-dir.
log-unsafe = Não há log: { $why }
log-taken = Não dá para iniciar o log: { $why }.

# A linha de comando.
terminal-unusable = este comando precisa de um terminal: { $why }. Rode-o em um, ou use um comando que não precise, como synod simulate; synod --help lista todos.
quit-waiting = esperando a requisição em andamento terminar, para que o resultado fique no registro …
simulate-listening = O gateway simulado escuta em { $address }. Suas instâncias, como configuração:
simulate-cannot-listen = não dá para escutar em { $address }: { $why }. Escolha outro endereço com --listen.
simulate-remote = { $address } pode ser alcançado de outras máquinas. Escute em 127.0.0.1, ou acrescente --allow-remote, que serve com tokens aleatórios.
cli-no-language = Nenhum idioma se chama “{ $given }”. Há: { $known }.
cli-which-instance = A configuração tem várias instâncias: diga qual com --instance. São: { $names }.
cli-no-instance = Nenhuma instância da configuração se chama “{ $name }”. Há: { $names }.
cli-list-community = --community só vale com `synod list groups`.
cli-listing-unread = Não deu para ler a listagem da comunidade: { $why }
cli-is-community = comunidade
cli-announcements-of = avisos de { $community }
cli-no-groups = Nenhum grupo foi indicado. Indique grupos por id ou nome, ou dê um arquivo com eles em --groups-from.
cli-type-groups = Lendo grupos do terminal, um por linha; Ctrl-D termina.
cli-groups-unreadable = Não dá para ler os grupos de { $what }: { $why }. Dê um arquivo de texto com um grupo por linha.
cli-group-too-long = O item { $position } dos grupos é longo demais para um nome ({ $bytes } bytes): “{ $begin }…”. Indique um grupo por item, por id, nome ou link de convite.
cli-more-unknown = { $count ->
    [one] E mais { $count } para o qual nada foi encontrado.
   *[other] E mais { $count } para os quais nada foi encontrado.
}
cli-cut-short = A leitura foi cortada: tente de novo.
cli-unknown-group = Nenhum grupo se chama “{ $given }”. `synod list groups` mostra todos.
cli-unknown-community = Nenhuma comunidade se chama “{ $given }”. `synod list communities` mostra as conhecidas; indique outra pelo id.
cli-unknown-near = Será que é um destes?
cli-invite-unsupported = O número { $position } dos grupos não é o nome de nenhum grupo; parece um link de convite ou o código de um, e este gateway não sabe dizer de quem é. Diga o grupo pelo id ou pelo nome.
cli-invite-unfollowed = O número { $position } dos grupos não é o nome de nenhum grupo e, como link de convite ou código de um, não leva a grupo nenhum: { $why }. Peça um novo a um admin, ou diga o grupo pelo id ou pelo nome.
cli-invite-of-community = Uma comunidade é dita pelo id ou pelo nome, não por um link de convite: `synod list communities` mostra quais há.
cli-ambiguous = “{ $given }” serve para { $count } deles: diga qual pelo id.
cli-candidate-in = { $candidate }  (em { $community })
cli-candidate-members = { $candidate }, { $count ->
    [1] { $count } membro
   *[other] { $count } membros
}
cli-on-line = Linha { $line }: { $words }
cli-not-in-source = Estes não estão em { $community }, onde --from diz que estão:
cli-read-only = Nada foi enviado: --read-only recusa toda mudança. Tire-o, ou veja o plano com --dry-run.
cli-needs-yes = Nada foi enviado: não há a quem perguntar aqui. Acrescente --yes para rodar o plano sem perguntar, ou --dry-run para vê-lo.
cli-json-needs-yes = Nada foi enviado: --json não pergunta nada. Acrescente --yes para rodar o plano, ou --dry-run para vê-lo.
cli-needs-count = Nada foi enviado: para sair com --yes é preciso também --count, com o número de grupos do plano. --dry-run mostra o plano.
cli-count-differs = Nada foi enviado: --count diz { $given }, mas o plano enviaria { $sent }. Veja-o com --dry-run.
cli-not-confirmed = Não confirmado: nada foi enviado.
cli-interrupted = Interrompido: nada foi enviado.
cli-nothing-sent = Nada disto é enviado.
cli-stopping = Para depois da requisição em andamento; as conferências continuam. Ctrl-C de novo termina na hora, e o registro guarda o que estava em andamento.
cli-ask = { $count ->
    [1] Fazer? y (sim) ou n (não):
   *[other] Fazer com { $count } grupos? y (sim) ou n (não):
}
cli-ask-count = Digite { $count } para sair, qualquer outra coisa para terminar:
cli-ask-name = Digite “{ $expected }” para sair desta comunidade, qualquer outra coisa para terminar:
cli-ask-tail = Digite { $expected }, o fim do id, para sair desta comunidade, qualquer outra coisa para terminar:
cli-operation-unended = #{ $operation } foi deixada antes do fim: { $counts }. `synod operations show { $operation }` mostra o que está no registro.
cli-plan-written = O plano está em { $file }: `synod apply` o roda. Nada foi enviado.
cli-plan-unwritable = Não dá para gravar o plano em { $file }: { $why }. Escolha outro arquivo com --plan; nada foi enviado.
cli-plan-unreadable = Não dá para ler o plano { $file }: { $why }. Dê um arquivo que --plan escreveu.
cli-plan-none = { $file } não é um plano: dê um arquivo que --plan escreveu.
cli-plan-version = O plano { $file } foi escrito por outra versão do Synod: faça-o de novo com --plan.
cli-plan-damaged = O plano { $file } está danificado perto da linha { $line }: faça-o de novo com --plan.
cli-plan-other-instance = O plano foi feito para outra instância que não “{ $name }” desta configuração: use a configuração com que foi feito, ou faça-o de novo.
cli-plan-changed = Nada foi enviado: aquilo em que o plano se apoia mudou desde que foi feito. Faça-o de novo e veja:
cli-plan-change = { $name }: { $before } quando o plano foi feito; agora: { $now }
cli-no-operation = O registro não tem a operação { $number } destas instâncias: `synod operations list` as mostra.
cli-undo-loses = { $count ->
    [1] { $count } grupo dela não pode ser trazido de volta assim: `synod operations show` diz qual.
   *[other] { $count } grupos dela não podem ser trazidos de volta assim: `synod operations show` diz quais.
}
cli-nothing-again = Não há nada a fazer de novo: `synod operations list` mostra o que foi feito.
cli-nothing-of-it = Nada da operação { $number } pode ser feito assim: `synod operations show { $number }` mostra o que aconteceu com ela.
cli-nothing-to-resume-settled = Não resta nada da operação { $number }: ela parou antes da hora, mas a leitura mostrou que todos os seus grupos estão resolvidos. `synod operations show { $number }` mostra esses grupos.
cli-nothing-to-resume-complete = Não resta nada da operação { $number }: ela foi até o fim. `synod operations show { $number }` mostra o que aconteceu com ela.
cli-nothing-while-running = A operação { $number } ainda não terminou: `synod operations show { $number }` mostra até onde foi.
cli-nothing-to-look-for = Tudo da operação #{ $number } já está resolvido.
cli-unended = não terminada: { $counts }
cli-pruned = { $count ->
    [0] Nenhuma operação é tão antiga.
    [1] { $count } operação removida.
   *[other] { $count } operações removidas.
}
cli-ask-prune = { $count ->
    [1] Remover { $count } operação do registro, com tudo o que ela conta e os links de convite que guardou? y (sim) ou n (não):
   *[other] Remover { $count } operações do registro, com tudo o que elas contam e os links de convite que guardaram? y (sim) ou n (não):
}
cli-forgot-links = { $count ->
    [0] Nenhum link de convite está guardado.
    [1] { $count } link de convite esquecido.
   *[other] { $count } links de convite esquecidos.
}
cli-ask-forget-links = { $count ->
    [1] Esquecer { $count } link de convite? Depois não dá para entrar de novo no grupo. y (sim) ou n (não):
   *[other] Esquecer { $count } links de convite? Depois não dá para entrar de novo nos grupos. y (sim) ou n (não):
}
cli-man-unwritable = Não dá para gravar as páginas do manual em { $dir }: { $why }. Escolha outra pasta com --dir.

# O exame: o que se olha, e o que se encontra.
doctor-program = programa
doctor-configuration = configuração
doctor-config-mode = seu modo
doctor-instance = instância
doctor-reachable = alcance
doctor-tls = criptografia
doctor-token = token
doctor-connection = conexão
doctor-budget = cota
doctor-phone = celular
doctor-free-space = espaço livre
doctor-clock = relógio
doctor-state-dir = pasta de estado
doctor-journal = registro
doctor-terminal = terminal
doctor-locale = letras
doctor-config-advice = Corrija e rode synod doctor de novo.
doctor-config-ok = { $count ->
    [1] { $file } define { $count } instância
   *[other] { $file } define { $count } instâncias
}
doctor-mode-private = ninguém mais pode ler
doctor-mode-open = outros podem ler, o que está bem enquanto não houver segredo nele
doctor-mode-advice = Para que seja só seu: chmod 600 { $quoted }
doctor-instance-advice = Corrija na configuração e rode synod doctor de novo.
doctor-reachable-ok = o gateway responde
doctor-tls-ok = o certificado do gateway é aceito
doctor-tls-loopback = http simples, só nesta máquina
doctor-token-ok = o gateway o aceita
doctor-budget-unknown = o gateway não diz quantas requisições restam
doctor-budget-advice = Outros programas podem usar este mesmo token; espere a renovação antes de enviar muito.
doctor-phone-online = on-line, diz o gateway
doctor-phone-offline = off-line, diz o gateway, embora o número esteja conectado
doctor-phone-advice = As mudanças podem falhar ou demorar: veja se o celular está ligado e com rede.
doctor-clock-unknown = não comparado: a resposta do gateway não trouxe a hora; veja se a desta máquina está certa
doctor-clock-ok = a menos de um minuto do relógio do gateway
doctor-clock-ahead = o relógio desta máquina está { $span } adiantado em relação ao do gateway
doctor-clock-behind = o relógio desta máquina está { $span } atrasado em relação ao do gateway
doctor-clock-advice = Certificados, esperas e as horas do registro dependem dele: acerte-o, por exemplo com timedatectl set-ntp true.
doctor-state-ok = dá para escrever em { $dir }
doctor-state-advice = Dê a si mesmo o direito de escrever em { $dir }, ou escolha outra com --state-dir.
doctor-free-space-left = { $megabytes } MB onde fica o registro
doctor-free-space-advice = Nada é enviado quando o registro não pode ser escrito: libere espaço para { $dir }, ou escolha outro com --state-dir.
doctor-state-open = outros podem olhar dentro
doctor-state-mode-advice = Para que seja só sua: chmod 700 { $quoted }
doctor-journal-ok = dá para ler
doctor-terminal-ok = { $term }
doctor-terminal-none = nenhum aqui: `synod` sozinho precisa de um, os comandos não
doctor-terminal-dumb = diz que não sabe desenhar nada: ponha em TERM o que ele é
doctor-locale-other = este ambiente não pede UTF-8
doctor-locale-advice = Nomes podem aparecer errados: ponha em LANG um locale UTF-8, como pt_BR.UTF-8.

# O que dá errado com o registro e com a trava de uma instância. $file é o arquivo; $why, as palavras do sistema, ou store-read-only
store-no-directory = o diretório de estado { $file } não é um diretório: tire dali o que está no lugar dele ou escolha outro com --state-dir
store-not-writable = não é possível gravar o registro { $file }: { $why }. Dê a si o direito de gravar ali ou escolha outro diretório com --state-dir
store-read-only = ele é somente leitura, ou o diretório dele é
store-disk-full = não é possível gravar o registro { $file }: o disco está cheio, ou um arquivo não pode crescer mais (ulimit -f). Libere espaço e inicie o Synod de novo
store-newer = o registro { $file } foi gravado por um Synod mais novo (formato { $found }, este conhece { $known }): use aquela versão ou escolha outro diretório com --state-dir
store-damaged = o registro { $file } está danificado ou não é um registro: mova-o para começar um novo e guarde-o, pois ele diz o que foi enviado
store-busy = o registro { $file } está em uso por outro programa: espere que ele termine e tente de novo
store-unsafe = o diretório de estado não é usado: { $why }
store-no-locks = este sistema de arquivos não sabe bloquear arquivos, e dois programas poderiam gravar no registro { $file } ao mesmo tempo: ponha o diretório de estado em um disco local (--state-dir)
store-conflict = o registro { $file } já tem outro evento nesse lugar: outro Synod grava na mesma operação; deixe só um continuar
store-gone = o registro { $file } foi removido ou substituído enquanto o Synod o usava: o que se escreve nele se perde. Nada mais é enviado. Se puder, ponha o arquivo de volta, inicie o Synod de novo e veja o que foi feito
store-interrupted = o trabalho no registro { $file } foi interrompido: inicie o Synod de novo, ele lê o que foi registrado
store-other = não foi possível usar o registro { $file }: { $why }. Tente de novo ou escolha outro diretório com --state-dir
journal-broke-at-order = o registro falhou ao receber a ordem: inicie o Synod de novo, ele lê o que foi registrado
journal-broke-at-reading = o registro falhou ao ler o que foi interrompido: inicie o Synod de novo
journal-other-order = o registro devolveu outra coisa no lugar da ordem, e nada foi enviado: inicie o Synod de novo
journal-no-json = não foi possível gravar um evento como JSON: { $why }
claim-held = outro Synod grava nesta instância: espere que ele termine ou pare-o lá
claim-held-by = outro Synod (processo { $process }, desde { $since }) grava nesta instância: espere que ele termine ou pare-o lá
claim-failed = não é possível obter a trava { $file }: { $why }. Nada é enviado sem ela; dê a si o direito de gravar ali ou escolha outro diretório com --state-dir
claim-unsafe = a trava não é obtida, e nada é enviado sem ela: { $why }
claim-no-locks = este sistema de arquivos não sabe bloquear arquivos, e a trava { $file } não barraria ninguém: ponha o diretório de estado em um disco local (--state-dir)
claim-gone = a trava { $file } foi removida ou substituída enquanto o Synod a segurava, e outro Synod pode estar escrevendo nesta instância. Nada mais é enviado; inicie o Synod de novo quando nenhum outro estiver rodando
claim-cut-short = o trabalho nela foi interrompido
submit-unknown-instance = o motor não conhece a instância { $instance }
submit-ending = o Synod está terminando, por isso nenhuma operação pode ser iniciada
