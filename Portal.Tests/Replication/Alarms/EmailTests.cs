namespace Portal.Tests.Replication.Alarms;

public sealed class EmailTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Both_ends_of_an_alarm_are_mailed_to_everyone_named_once_each()
    {
        await using var server = new SmtpListener();
        await using var alarms = await AlarmScene.CreateAsync();
        var portal = alarms.Portal([.. Settings(server), ("PortalAddress", "https://portal.test")]);
        await alarms.Scene.NewAsync("select replication.not_written('08001', 'gone')");
        await portal.LookAsync(Cancel);
        await portal.LookAsync(Cancel);
        await alarms.Scene.NewAsync("select replication.link_restored()");
        await portal.LookAsync(Cancel);
        await alarms.Portal(Settings(server)).LookAsync(Cancel);

        server.Messages.Select(m => m.Subject).ShouldBe(["[Portal] The old database cannot be written", "[Portal] Resolved: The old database cannot be written"]);
        var opened = server.Messages.First();
        opened.To.Mailboxes.Select(m => m.Address).ShouldBe(["ada@portal.test", "bob@portal.test"]);
        opened.From.ToString().ShouldContain("alarms@portal.test");
        opened.TextBody.ShouldNotBeNull().ShouldContain("Users' changes are kept and will be delivered.");
        opened.TextBody.ShouldNotBeNull().ShouldContain("https://portal.test/replication");
        server.Messages.Last().InReplyTo.ShouldBe(opened.MessageId);
        (await alarms.ListAsync()).Alarms.Single().Told.ShouldAllBe(t => t.DeliveredAt != null);
    }

    [Fact]
    public async Task A_server_that_refuses_is_noted_in_words_and_asked_again()
    {
        await using var server = new SmtpListener { ToRecipient = "550 no such user" };
        await using var alarms = await AlarmScene.CreateAsync();
        var portal = alarms.Portal(Settings(server));
        await alarms.Scene.NewAsync("select replication.not_written('08001', 'gone')");

        await portal.LookAsync(Cancel);
        (await alarms.OpenAsync()).Single().Told.Single().Problem.ShouldBe("The mail server refused the message (550).");

        server.ToRecipient = "250 OK";
        await alarms.Scene.NewAsync("update replication.alarm_delivery set next_attempt_at = now()");
        await portal.LookAsync(Cancel);
        server.Messages.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_server_that_hangs_or_is_away_is_given_up_in_time()
    {
        await using var server = new SmtpListener { Hangs = true };
        await using var alarms = await AlarmScene.CreateAsync();
        await alarms.Scene.NewAsync("select replication.not_written('08001', 'gone')");

        await alarms.Portal([.. Settings(server), ("Email:Timeout", "00:00:00.3")]).LookAsync(Cancel);
        (await alarms.OpenAsync()).Single().Told.Single().Problem.ShouldBe("The mail server did not answer in time.");

        var settings = Settings(server);
        await server.DisposeAsync();
        await alarms.Scene.NewAsync("update replication.alarm_delivery set next_attempt_at = now()");
        await alarms.Portal(settings).LookAsync(Cancel);
        (await alarms.OpenAsync()).Single().Told.Single().Problem.ShouldBe("The mail server cannot be reached.");
    }

    private static (string, string)[] Settings(SmtpListener server) =>
    [
        ("Email:Host", "127.0.0.1"), ("Email:Port", $"{server.Port}"), ("Email:From", "alarms@portal.test"), ("Email:To", "ada@portal.test, Bob <bob@portal.test>"),
    ];
}
