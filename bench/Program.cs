using Portal.Bench;

return await BenchCommand.RunAsync(args);
