//! Plausible names for generated worlds, assembled from word lists in Portuguese, Spanish and English.

/// The words of one language.
pub(super) struct Tongue {
    bodies: &'static [&'static str],
    /// Their places or owners.
    homes: &'static [&'static str],
    subjects: &'static [&'static str],
    /// Words that distinguish similar ones.
    places: &'static [&'static str],
    /// Words that distinguish a group from the next; a number may follow.
    apart: &'static [&'static str],
}

#[rustfmt::skip]
const PORTUGUESE: Tongue = Tongue {
    bodies: &[
        "Condomínio", "Escola", "Igreja", "Paróquia", "Associação de Moradores", "Clínica", "Colégio",
        "Cooperativa", "Clube", "Mutirão", "Voluntários", "Academia", "Sindicato", "Feira", "Ação Social",
        "Coral",
    ],
    homes: &[
        "São José", "Jardim das Flores", "Boa Vista", "Santa Rita", "do Porto", "Vila Mariana", "Beira-Mar",
        "Nossa Senhora da Paz", "Lagoa", "Pinheiros", "do Sertão", "Cristo Rei", "Água Verde", "Ipanema",
        "Três Irmãos", "da Serra", "Campo Belo", "São João", "Bela Cintra", "Morro Alto",
    ],
    subjects: &[
        "Avisos", "Recepção", "Famílias", "Limpeza", "Compras", "Manutenção", "Pais e mães", "Coordenação",
        "Portaria", "Carona solidária", "Escala de domingo", "Plantão", "Ensaio", "Futebol", "Horta 🌱",
        "Reunião", "Financeiro", "Secretaria", "Catequese", "Doações", "Ação de Natal", "Turma", "Professores",
        "Oração", "Mudança", "Vendas", "Achados e perdidos", "Síndicos", "Garagem", "Emergências",
        "Aniversários", "Transporte escolar", "Jovens",
    ],
    places: &[
        "Bloco A", "Bloco B", "Torre Norte", "Torre Sul", "Centro", "Zona Leste", "1º ano", "2º ano", "3º B",
        "5º C", "Manhã", "Tarde", "Noite", "Sala 4", "Sede", "Filial", "Unidade 2", "Quadra 7", "Ala Oeste",
        "Santo Antônio", "Vila Nova", "Térreo",
    ],
    apart: &[
        "", "", "–", "nº", "turma", "equipe", "2025", "2026", "grupo", "oficial",
    ],
};

#[rustfmt::skip]
const SPANISH: Tongue = Tongue {
    bodies: &[
        "Vecinos", "Colegio", "Parroquia", "Club", "Clínica", "Cooperativa", "Asociación", "Escuela",
        "Consorcio", "Comedor", "Voluntarios", "Biblioteca", "Mercado", "Peña", "Residencia", "Agrupación",
    ],
    homes: &[
        "San Telmo", "del Sur", "Santa Lucía", "La Esperanza", "de la Ribera", "Villa Crespo", "San Martín",
        "Nueva Córdoba", "El Roble", "Los Álamos", "del Prado", "Belgrano", "Río Claro", "La Merced",
        "Chacarita", "Niño Jesús", "Alta Gracia", "Peñalolén",
    ],
    subjects: &[
        "Avisos", "Turno de noche", "Ensayo", "Padres y madres", "Emergencias", "Limpieza", "Compras",
        "Guardia", "Reunión", "Administración", "Mudanza", "Fútbol", "Huerta", "Catequesis", "Colecta",
        "Maestras", "Cumpleaños", "Transporte", "Jóvenes", "Comisión", "Mantenimiento", "Ventas", "Cocheras",
        "Portería", "Recreación", "Objetos perdidos", "Tesorería", "Salita", "Egresados", "Acción social",
        "Cocina", "Deportes",
    ],
    places: &[
        "Norte", "Sur", "Torre 1", "Torre 2", "Planta baja", "Piso 3", "1º grado", "4º B", "6º A", "Mañana",
        "Tarde", "Noche", "Sede central", "Anexo", "Aula 7", "Cancha", "Barrio Alto", "Calle Sarmiento",
        "Manzana 12", "Sector B",
    ],
    apart: &[
        "", "", "–", "n.º", "equipo", "grupo", "2025", "2026", "oficial",
    ],
};

#[rustfmt::skip]
const ENGLISH: Tongue = Tongue {
    bodies: &[
        "Harbor", "Riverside", "Northgate", "St. Anne's", "Hillcrest", "Maple Street", "Old Mill", "Lakeview",
        "Queen's Park", "Eastfield", "Kingsway", "Orchard", "Westbrook", "Ferry Road",
    ],
    homes: &[
        "Clinics", "Tenants", "Primary School", "Choir", "Football Club", "Allotments", "Parish", "Food Bank",
        "Traders", "Library Friends", "Scouts", "Care Home", "Cyclists", "Theatre", "Neighbours",
        "Swimming Club",
    ],
    subjects: &[
        "Reception", "Night shift", "Cleaning rota", "Parents", "Volunteers", "Parking", "Notices", "Committee",
        "Rehearsal", "Car pool", "Fundraising", "Lost and found", "Kitchen", "Front desk", "Repairs",
        "Teachers", "Training", "Match day", "Garden", "Deliveries", "Book club", "Youth", "Safety",
        "Newcomers", "Treasurers", "On call", "Lab results", "Pharmacy", "School run", "Events", "Welcome",
        "Swap shop",
    ],
    places: &[
        "North", "South", "Block A", "Block C", "Ground floor", "Room 12", "Year 1", "Year 4", "Year 6",
        "Morning", "Evening", "Main site", "Annexe", "Hall", "Team A", "Team B", "Upper deck", "High Street",
        "Wing 3", "Saturdays",
    ],
    apart: &[
        "", "", "–", "no.", "team", "group", "2025", "2026", "crew",
    ],
};

/// The uses and places of numbers that are reached through a gateway; safe in a path.
const DESKS: &[&str] =
    &["recepcao", "ventas", "frontdesk", "secretaria", "guardia", "office", "plantao", "soporte"];
const TOWNS: &[&str] = &[
    "santos", "recife", "rosario", "lima", "leeds", "bristol", "olinda", "cusco", "natal", "salta", "york",
    "dover",
];

fn pick(words: &[&'static str], rng: &mut fastrand::Rng) -> &'static str {
    words[rng.usize(..words.len())]
}

impl Tongue {
    /// One of the languages; Portuguese more often than the others.
    pub(super) fn any(rng: &mut fastrand::Rng) -> &'static Self {
        match rng.u8(..10) {
            0..=4 => &PORTUGUESE,
            5..=7 => &SPANISH,
            _ => &ENGLISH,
        }
    }

    /// A community's name.
    pub(super) fn community(&self, rng: &mut fastrand::Rng) -> String {
        format!("{} {}", pick(self.bodies, rng), pick(self.homes, rng))
    }

    /// A group's name.
    pub(super) fn group(&self, count: usize, rng: &mut fastrand::Rng) -> String {
        let (subject, place) = (pick(self.subjects, rng), pick(self.places, rng));
        match (pick(self.apart, rng), rng.u8(..4)) {
            (_, 0) => format!("{subject} {place}"),
            ("", _) => format!("{subject} {place} {}", count + 1),
            ("–", _) => format!("{subject} – {place}"),
            (apart, _) => format!("{subject} {place} {apart} {}", count + 1),
        }
    }
}

/// The name of the n-th number through which a generated world is reached, each unique.
pub(super) fn number(index: usize) -> String {
    let all = DESKS.len() * TOWNS.len();
    let (desk, town) = (DESKS[index % DESKS.len()], TOWNS[(index / DESKS.len()) % TOWNS.len()]);
    if index < all { format!("{desk}-{town}") } else { format!("{desk}-{town}-{}", index / all + 1) }
}
