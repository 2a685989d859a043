using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Portal.Data.Payments;

namespace Portal.Data.Approvals;

/// <summary>Registration of what hospital staff do: deciding and paying.</summary>
public static class ApprovalServices
{
    public static IServiceCollection AddPortalApprovals(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        return services.AddSingleton<ApprovalQueue>().AddSingleton<ApprovalService>().AddSingleton<PaymentService>();
    }
}
