namespace Akka.Pipeline.Storage.Ledgers;

using System.Globalization;
using System.Security.Cryptography;
using System.Text;

/// <summary>One numbered script of a dialect. It runs once, and is recorded with its checksum; a released script is never edited.</summary>
internal sealed record Migration(int Number, string Name, string Sql, string Checksum)
{
    /// <summary>All embedded scripts whose names begin with the prefix, by number, from 1 on without a gap.</summary>
    public static IReadOnlyList<Migration> Load(string resourcePrefix)
    {
        var assembly = typeof(Migration).Assembly;
        var found = new List<Migration>();
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(resourcePrefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
            // A checkout may have turned the line ends.
            var sql = reader.ReadToEnd().ReplaceLineEndings("\n");
            var name = resource[resourcePrefix.Length..];
            var number = int.Parse(name.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture);
            if (number != found.Count + 1)
            {
                throw new InvalidOperationException($"The ledger's migration {name} should have number {found.Count + 1:d4}.");
            }

            found.Add(new Migration(number, name, sql, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql)))));
        }

        return found;
    }
}
