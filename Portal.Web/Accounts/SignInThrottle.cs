using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace Portal.Web.Accounts;

/// <summary>Slows down guessing: attempts from one address, and wrong passwords where no lockout counts them.</summary>
public sealed class SignInThrottle(IOptions<AccountOptions> options) : IDisposable
{
    private readonly PartitionedRateLimiter<string> _addresses =
        Limiter(options.Value.SignInsPerMinute, TimeSpan.FromMinutes(1));

    private readonly PartitionedRateLimiter<string> _failures =
        Limiter(options.Value.WrongPasswords, TimeSpan.FromMinutes(options.Value.LockoutMinutes));

    /// <summary>Counts an attempt; false when there were too many from this address within a minute.</summary>
    public bool TryFrom(string address)
    {
        using var lease = _addresses.AttemptAcquire(address);
        return lease.IsAcquired;
    }

    /// <summary>
    /// Counts a wrong password. Used where Identity counts none: for e-mail addresses without an account, so that they
    /// lock like the others and nobody learns which ones exist, and for the present password when it is changed.
    /// </summary>
    public void Fail(string key) => _failures.AttemptAcquire(key).Dispose();

    /// <summary>Whether there were too many wrong passwords.</summary>
    public bool IsLocked(string key)
    {
        using var lease = _failures.AttemptAcquire(key, permitCount: 0);
        return !lease.IsAcquired;
    }

    public void Dispose()
    {
        _addresses.Dispose();
        _failures.Dispose();
    }

    private static PartitionedRateLimiter<string> Limiter(int permits, TimeSpan window) =>
        PartitionedRateLimiter.Create<string, string>(
            key => RateLimitPartition.GetFixedWindowLimiter(key, _ => new FixedWindowRateLimiterOptions
            {
                PermitLimit = permits,
                Window = window,
            }),
            StringComparer.OrdinalIgnoreCase);
}
