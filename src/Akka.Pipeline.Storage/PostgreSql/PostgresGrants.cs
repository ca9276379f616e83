namespace Akka.Pipeline.Storage.PostgreSql;

/// <summary>What the owner of the schema grants to the role of the nodes, as SQL to run: Grants.sql with the names filled in.</summary>
public static class PostgresGrants
{
    /// <param name="schema">The schema of the ledger; akka_pipeline if nothing else was set.</param>
    /// <param name="role">The role of the nodes.</param>
    public static string For(string schema, string role)
    {
        using var reader = new StreamReader(typeof(PostgresGrants).Assembly.GetManifestResourceStream("PostgreSql.Grants.sql")!);
        return reader.ReadToEnd().Replace(":\"schema\"", Quoted(schema), StringComparison.Ordinal).Replace(":\"node\"", Quoted(role), StringComparison.Ordinal);
    }

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
