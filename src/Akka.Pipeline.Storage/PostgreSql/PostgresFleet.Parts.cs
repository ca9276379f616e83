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

    public Task<PartsState?> PartsAsync(string uploadId, CancellationToken cancellation) =>
        database.ReadAsync(
            async (connection, stop) => (await connection
                .Ask("SELECT (SELECT count(*) FROM fleet_part p WHERE p.multipart_id = m.id AND p.session_id IS NULL), (SELECT count(*) FROM fleet_part p WHERE p.multipart_id = m.id AND p.session_id IS NOT NULL), "
                    + "(SELECT count(*) FROM part d WHERE d.multipart_id = m.id) FROM multipart m WHERE m.upload_id = $1")
                .With(StoredText.OfName(uploadId))
                .ListAsync(row => new PartsState((int)row.GetInt64(0), (int)row.GetInt64(1), (int)row.GetInt64(2)), stop))
                .SingleOrDefault(),
            cancellation);

    /// <summary>A part claim of the columns of <see cref="UploadRow"/>, number and claim.</summary>
    private PartClaim ReadPart(NpgsqlDataReader row)
    {
        var upload = UploadRow.Read(row, database.Names);
        return new PartClaim(new PartTicket(upload.UploadId, row.GetInt32(15), row.GetInt32(16)), upload);
    }
}
