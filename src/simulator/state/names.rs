//! Believable names for generated worlds, in several languages.

/// What communities are called.
pub(super) const COMMUNITIES: &[&str] = &[
    "Harbor Clinics",
    "Escolas do Norte",
    "Vecinos de San Telmo",
    "Chorfreunde Lindenau",
    "Igreja da Praia",
    "جمعية الحي القديم",
    "港北フットボールクラブ",
    "Padres del Colegio Sur",
    "Cooperativa Agrícola",
    "Riverside Tenants",
    "Kleingärten am See",
    "Voluntários da Enchente 🌊",
];

/// What a group is for.
pub(super) const SUBJECTS: &[&str] = &[
    "Reception",
    "Recepção",
    "Turno de noche",
    "Fahrgemeinschaft",
    "Limpeza",
    "Compras",
    "Night shift",
    "Famílias",
    "Ensayo",
    "Turnier",
    "المتطوعون",
    "保護者会",
    "Manutenção",
    "Cleaning rota",
    "Horta 🌱",
    "Padres y madres",
    "Vorstand",
    "Parking",
    "Escala de domingo",
    "Emergencias",
];

/// Which of several like it.
pub(super) const PLACES: &[&str] = &[
    "Centro",
    "Norte",
    "Sur",
    "Ost",
    "Altstadt",
    "3º B",
    "Bloco 7",
    "Room 12",
    "Sala 4",
    "Team A",
    "الشرق",
    "二組",
];
