using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Portal.Data.Timesheets;

/// <summary>Registration of this feature.</summary>
public static class TimesheetsServices
{
    public static IServiceCollection AddPortalTimesheets(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        return services.AddSingleton<TimesheetQueries>().AddSingleton<TimesheetService>();
    }
}
