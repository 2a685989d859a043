namespace Portal.Data.Replication;

/// <summary>What a replication service says: either the value, or in plain words why there is none.</summary>
public sealed record Answer<T>
    where T : class
{
    private Answer(T? value, Trouble? trouble) => (Value, Trouble) = (value, trouble);

    public T? Value { get; }

    public Trouble? Trouble { get; }

    public static implicit operator Answer<T>(T value) => new(value, null);

    public static implicit operator Answer<T>(Trouble trouble) => new(null, trouble);
}
