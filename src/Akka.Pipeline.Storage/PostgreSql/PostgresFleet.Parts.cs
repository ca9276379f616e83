namespace Akka.Pipeline.Storage.PostgreSql;

using Akka.Pipeline.Core.Fleet;
using Npgsql;

/// <content>Parts of one large file, shared by all nodes.</content>
public sealed partial class PostgresFleet
{
    public Task<FleetOutcome> PublishPartsAsync(SessionId session, PartsToDo parts, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return WriteForAsync(
            session,
            [],
            batch =>
            {
                var upload = StoredText.OfName(parts.UploadId);
                if (parts.Again)
                {
                    batch.Append("DELETE FROM part WHERE multipart_id = (SELECT id FROM multipart WHERE upload_id = $1) AND number = ANY ($2)").With(upload).With(parts.Numbers.ToArray());
                }

                batch.Append(FleetSql.PublishParts).With(session.Epoch).With(upload).With(parts.Numbers.ToArray());
            },
            cancellation);
    }

    public Task<Claimed<PartClaim>> ClaimPartsAsync(SessionId session, IReadOnlyList<string> routes, int most, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        return ClaimAsync(
            session, routes, (connection, routeIds) => connection.Ask(FleetSql.ClaimParts).With(session.Epoch).With(routeIds).With(most), (row, _) => ReadPart(row), cancellation);
    }

    public async Task<Claimed<CompletionClaim>> ClaimCompletionAsync(SessionId session, IReadOnlyList<string> routes, CancellationToken cancellation)
    {
        var claimed = await ClaimAsync(
            session, routes, (connection, routeIds) => connection.Ask(FleetSql.ClaimCompletion).With(session.Epoch).With(routeIds), (row, _) => ReadCompletion(row), cancellation);
        return claimed.Items.Count == 0
            ? new Claimed<CompletionClaim>(claimed.Alive, [])
            : claimed with { Items = await database.ReadAsync((connection, stop) => WithPartsAsync(connection, claimed.Items, stop), cancellation) };
    }

    public Task<PartsState?> PartsAsync(string uploadId, CancellationToken cancellation) =>
        database.ReadAsync(
            async (connection, stop) => (await connection
                .Ask("SELECT (SELECT count(*) FROM fleet_part p WHERE p.multipart_id = m.id AND p.session_id IS NULL), (SELECT count(*) FROM fleet_part p WHERE p.multipart_id = m.id AND p.session_id IS NOT NULL), "
                    + "(SELECT count(*) FROM part d WHERE d.multipart_id = m.id), u.session_id FROM multipart m JOIN fleet_upload u ON u.multipart_id = m.id WHERE m.upload_id = $1")
                .With(StoredText.OfName(uploadId))
                .ListAsync(row => new PartsState((int)row.GetInt64(0), (int)row.GetInt64(1), (int)row.GetInt64(2), row.IsDBNull(3) ? null : new SessionId(row.GetInt64(3))), stop))
                .SingleOrDefault(),
            cancellation);

    /// <summary>A part claim of the columns of <see cref="UploadRow"/>, number and claim.</summary>
    private PartClaim ReadPart(NpgsqlDataReader row)
    {
        var upload = UploadRow.Read(row, database.Names);
        return new PartClaim(new PartTicket(upload.UploadId, row.GetInt32(15), row.GetInt32(16)), upload);
    }

    /// <summary>A right to complete of the columns of <see cref="UploadRow"/> and claim; its parts are to be read yet.</summary>
    private CompletionClaim ReadCompletion(NpgsqlDataReader row)
    {
        var upload = UploadRow.Read(row, database.Names);
        return new CompletionClaim(new CompletionTicket(upload.UploadId, row.GetInt32(15)), upload);
    }

    private static async Task<IReadOnlyList<CompletionClaim>> WithPartsAsync(NpgsqlConnection connection, IReadOnlyList<CompletionClaim> claims, CancellationToken cancellation)
    {
        var whole = new List<CompletionClaim>(claims.Count);
        foreach (var claim in claims)
        {
            var parts = await UploadRow.PartsAsync(connection, claim.Ticket.UploadId, cancellation);
            whole.Add(claim with { Upload = claim.Upload with { Parts = parts } });
        }

        return whole;
    }
}
