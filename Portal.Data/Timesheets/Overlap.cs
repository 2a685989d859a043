using Microsoft.EntityFrameworkCore;
using Portal.Data.Databases;

namespace Portal.Data.Timesheets;

/// <summary>Names the entry that a claim collides with, once the database has refused the claim.</summary>
internal static class Overlap
{
    public static async Task<ClaimProblem> ProblemAsync(
        PortalDbContext db, long workerId, long id, Claim claim, CancellationToken cancellationToken)
    {
        var other = await db.Timesheets.AsNoTracking()
            .Where(t => t.WorkerId == workerId && t.Id != id && t.ClaimedStart < claim.End && t.ClaimedEnd > claim.Start)
            .OrderBy(t => t.ClaimedStart)
            .Include(t => t.Options).ThenInclude(o => o!.Hospital)
            .FirstOrDefaultAsync(cancellationToken);
        if (other is not { Claim: { } taken, Options.Hospital: { } hospital })
        {
            return new ClaimProblem(ClaimField.Start, "You already have an entry for this time. Change the times, or the other entry.");
        }

        var clock = HospitalClock.For(hospital.TimeZone);
        return new ClaimProblem(
            ClaimField.Start,
            $"You already have an entry for this time: {hospital.Name}, {Display.Date(clock.Date(taken.Start))}, {Display.Shift(taken, clock)}. Change the times here, or that entry.",
            other.Id);
    }
}
