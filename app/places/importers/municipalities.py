"""Municipalities of the states that have several time zones, by the two letters of the state in a CLUES.

Source: INEGI, Catálogo Único de Claves de Áreas Geoestadísticas (2020).
"""

MUNICIPALITIES: dict[str, tuple[str, ...]] = {
    "CH": (
        *("Ahumada", "Aldama", "Allende", "Aquiles Serdán", "Ascensión", "Bachíniva", "Balleza"),
        *("Batopilas de Manuel Gómez Morín", "Bocoyna", "Buenaventura", "Camargo", "Carichí"),
        *("Casas Grandes", "Chihuahua", "Chínipas", "Coronado", "Coyame del Sotol", "Cuauhtémoc"),
        *("Cusihuiriachi", "Delicias", "Dr. Belisario Domínguez", "El Tule", "Galeana", "Gran Morelos"),
        *("Guachochi", "Guadalupe", "Guadalupe y Calvo", "Guazapares", "Guerrero", "Gómez Farías"),
        *("Hidalgo del Parral", "Huejotitán", "Ignacio Zaragoza", "Janos", "Jiménez", "Julimes", "Juárez"),
        *("La Cruz", "López", "Madera", "Maguarichi", "Manuel Benavides", "Matachí", "Matamoros", "Meoqui"),
        *("Morelos", "Moris", "Namiquipa", "Nonoava", "Nuevo Casas Grandes", "Ocampo", "Ojinaga"),
        *("Praxedis G. Guerrero", "Riva Palacio", "Rosales", "San Francisco de Borja"),
        *("San Francisco de Conchos", "San Francisco del Oro", "Santa Bárbara", "Santa Isabel", "Satevó"),
        *("Saucillo", "Temósachic", "Urique", "Uruachi", "Valle de Zaragoza", "Valle del Rosario"),
    ),
    "CL": (
        *("Abasolo", "Acuña", "Allende", "Arteaga", "Candela", "Castaños", "Cuatro Ciénegas", "Escobedo"),
        *("Francisco I. Madero", "Frontera", "General Cepeda", "Guerrero", "Hidalgo", "Jiménez", "Juárez"),
        *("Lamadrid", "Matamoros", "Monclova", "Morelos", "Múzquiz", "Nadadores", "Nava", "Ocampo", "Parras"),
        *("Piedras Negras", "Progreso", "Ramos Arizpe", "Sabinas", "Sacramento", "Saltillo"),
        *("San Buenaventura", "San Juan de Sabinas", "San Pedro", "Sierra Mojada", "Torreón", "Viesca"),
        *("Villa Unión", "Zaragoza"),
    ),
    "NL": (
        *("Abasolo", "Agualeguas", "Allende", "Anáhuac", "Apodaca", "Aramberri", "Bustamante"),
        *("Cadereyta Jiménez", "Cerralvo", "China", "Ciénega de Flores", "Doctor Arroyo", "Doctor Coss"),
        *("Doctor González", "El Carmen", "Galeana", "García", "General Bravo", "General Escobedo"),
        *("General Terán", "General Treviño", "General Zaragoza", "General Zuazua", "Guadalupe", "Hidalgo"),
        *("Higueras", "Hualahuises", "Iturbide", "Juárez", "Lampazos de Naranjo", "Linares", "Los Aldamas"),
        *("Los Herreras", "Los Ramones", "Marín", "Melchor Ocampo", "Mier y Noriega", "Mina", "Montemorelos"),
        *("Monterrey", "Parás", "Pesquería", "Rayones", "Sabinas Hidalgo", "Salinas Victoria"),
        *("San Nicolás de los Garza", "San Pedro Garza García", "Santa Catarina", "Santiago", "Vallecillo"),
        *("Villaldama",),
    ),
    "NT": (
        *("Acaponeta", "Ahuacatlán", "Amatlán de Cañas", "Bahía de Banderas", "Compostela", "Del Nayar"),
        *("Huajicori", "Ixtlán del Río", "Jala", "La Yesca", "Rosamorada", "Ruíz", "San Blas"),
        *("San Pedro Lagunillas", "Santa María del Oro", "Santiago Ixcuintla", "Tecuala", "Tepic", "Tuxpan"),
        *("Xalisco",),
    ),
    "TS": (
        *("Abasolo", "Aldama", "Altamira", "Antiguo Morelos", "Burgos", "Bustamante", "Camargo", "Casas"),
        *("Ciudad Madero", "Cruillas", "El Mante", "González", "Guerrero", "Gustavo Díaz Ordaz"),
        *("Gómez Farías", "Güémez", "Hidalgo", "Jaumave", "Jiménez", "Llera", "Mainero", "Matamoros", "Mier"),
        *("Miguel Alemán", "Miquihuana", "Méndez", "Nuevo Laredo", "Nuevo Morelos", "Ocampo", "Padilla"),
        *("Palmillas", "Reynosa", "Río Bravo", "San Carlos", "San Fernando", "San Nicolás", "Soto la Marina"),
        *("Tampico", "Tula", "Valle Hermoso", "Victoria", "Villagrán", "Xicoténcatl"),
    ),
}
