namespace Portal.Data.Demo;

/// <summary>Names and sentences of the demo data.</summary>
internal static class DemoWords
{
    public static readonly (long Id, string Name, string TimeZone, string Currency)[] Hospitals =
    [
        (15, "St Brannock's Hospital, Bristol", "Europe/London", "GBP"),
        (16, "Royal Fenland Infirmary, Ely", "Europe/London", "GBP"),
        (17, "St Elmo Hospital, Valletta", "Europe/Malta", "EUR"),
        (18, "Kelso Valley Hospital, Edinburgh", "Europe/London", "GBP"),
    ];

    /// <summary>The worker of the demo account, with the number of the worked example.</summary>
    public const long DemoWorkerId = 33;

    public const string DemoWorkerName = "Amara Okafor";

    public static readonly string[] FirstNames =
    [
        "Grace", "Tomasz", "Priya", "Callum", "Siobhán", "Mateo", "Leila", "Joseph", "Ngozi", "Hannah",
        "Wei", "Fatima", "Oliver", "Ines", "Kwame", "Rosa", "Dylan", "Anjali", "Marek", "Chloe",
    ];

    public static readonly string[] LastNames =
    [
        "Mensah", "Kowalski", "Patel", "Fraser", "O'Connell", "García", "Haddad", "Borg", "Eze", "Whitfield",
        "Zhang", "Rahman", "Hughes", "Camilleri", "Boateng", "Marino", "Evans", "Menon", "Novák", "Sinclair",
        "Ferreira", "Lindqvist", "Achebe",
    ];

    public static readonly string[] Staff =
        ["Ruth Ellery", "Daniel Osei", "Marija Vella", "Helen Abernethy", "Samir Kapoor"];

    public static readonly (string Name, decimal Rate)[] Units =
    [
        ("Emergency Department", 31.40m), ("Ward 7, Acute Medicine", 24.75m), ("Intensive Care", 34.20m),
        ("Maternity", 28.10m), ("Theatre Recovery", 29.65m), ("Paediatrics", 27.35m), ("Ward 12, Stroke", 23.90m),
        ("Outpatients", 21.15m),
    ];

    public static readonly string[] FinishedLater =
    [
        "Handover ran over, two patients were being transferred.",
        "Stayed until the night nurse arrived, her train was late.",
        "Cardiac arrest on the ward at the end of the shift.",
        "Finished writing up notes after three late admissions.",
        "Asked by the charge nurse to cover until the next shift came in.",
        "Waited with a confused patient until family arrived.",
    ];

    public static readonly string[] StartedEarlier =
    [
        "Asked to come in early, the ward was one short.",
        "Came in early for the major incident briefing.",
        "Early start agreed with the site manager to cover sickness.",
    ];

    public static readonly string[] BreakCutShort =
    [
        "No full break, the ward was too busy to be relieved.",
        "Called back from my break to help with an admission.",
        "Took half of the break only, one nurse for both bays.",
    ];

    public static readonly string[] LeftEarly =
    [
        "Sent home early, the bay was closed.",
        "Felt unwell and was relieved by the bank nurse.",
    ];

    public static readonly string[] LaterRejected =
    [
        "The rota shows you were relieved on time. Please check the finishing time.",
        "The ward log says the handover was over at the planned end. Who asked you to stay?",
    ];

    public static readonly string[] EarlierRejected =
    [
        "Early start was not agreed with the ward. Please claim from the planned start or name who agreed it.",
    ];

    public static readonly string[] BreakRejected =
    [
        "The break was taken according to the ward log. Please put it back.",
    ];

    public static readonly string[] LeftEarlyRejected =
    [
        "This looks like the shift of the day before. Please check with the ward clerk.",
    ];

    public static readonly string[] Resubmissions =
    [
        "Corrected after checking with the ward clerk.",
        "Corrected the finishing time as you asked.",
    ];
}
