using System.CommandLine;
using Portal.Bench;

return await BenchCommand.RunAsync(args);
