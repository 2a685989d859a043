using System.Security.Cryptography;
using System.Text;

namespace Portal.Data.Databases;

/// <summary>What PostgreSQL stores instead of a password (https://www.postgresql.org/docs/current/catalog-pg-authid.html).
/// Sent in its place, the password itself never appears in a statement and so in no log of the server.</summary>
internal static class ScramVerifier
{
    private const int _iterations = 4096;

    public static string Of(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        var salted = Rfc2898DeriveBytes.Pbkdf2(
            Encoding.UTF8.GetBytes(password.Normalize(NormalizationForm.FormKC)), salt, _iterations, HashAlgorithmName.SHA256, 32);
        var stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var server = HMACSHA256.HashData(salted, "Server Key"u8);
        return $"SCRAM-SHA-256${_iterations}:{Convert.ToBase64String(salt)}${Convert.ToBase64String(stored)}:{Convert.ToBase64String(server)}";
    }
}
