using Microsoft.EntityFrameworkCore;
using Portal.Data.Payments;
using Portal.Data.Timesheets;

namespace Portal.Data.Databases;

/// <summary>The tables of <c>timesheet_new</c>. One context per operation, from <see cref="IDbContextFactory{TContext}"/>.</summary>
public sealed class PortalDbContext(DbContextOptions<PortalDbContext> options) : DbContext(options)
{
    public DbSet<Timesheet> Timesheets => Set<Timesheet>();

    public DbSet<TimesheetOptions> TimesheetOptions => Set<TimesheetOptions>();

    public DbSet<TimesheetHistory> TimesheetHistory => Set<TimesheetHistory>();

    public DbSet<Payment> Payments => Set<Payment>();

    public DbSet<Hospital> Hospitals => Set<Hospital>();

    public DbSet<Worker> Workers => Set<Worker>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(PortalDbContext).Assembly);
        // Tables have singular names.
        modelBuilder.Entity<Payment>().ToTable("payment");
        modelBuilder.Entity<Hospital>().ToTable("hospital");
        modelBuilder.Entity<Worker>().ToTable("worker");
        modelBuilder.Entity<TimesheetOptions>().ToTable("timesheet_options");
        modelBuilder.Entity<TimesheetHistory>().ToTable("timesheet_history");
    }
}
