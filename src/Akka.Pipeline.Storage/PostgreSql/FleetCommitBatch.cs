namespace Akka.Pipeline.Storage.PostgreSql;

using Akka.Pipeline.Core.Fleet;
using Npgsql;

/// <summary>Turns a <see cref="FleetCommit"/> into the statements of one batch, in the order of locks that 0002-fleet.sql names.</summary>
internal sealed class FleetCommitBatch(PostgresNames names, SessionId session, FleetCommit commit)
{
    /// <summary>The routes that it names beside those of its changes.</summary>
    public IEnumerable<string> Routes =>
        [.. commit.CompletedBatches.Select(ticket => ticket.Route), .. commit.ReturnedBatches.Select(back => back.Ticket.Route), .. commit.Notes.Select(note => note.Route)];

    /// <summary>What comes before the changes: the fence, and the claims.</summary>
    public void AppendClaims(NpgsqlBatch batch)
    {
        batch.Append("SELECT fleet_fence($1)").With(session.Epoch);
        if (commit.CompletedBatches.Count > 0)
        {
            AppendCompleted(batch, [.. commit.CompletedBatches.OrderBy(ticket => ticket.Route, StringComparer.Ordinal).ThenBy(ticket => ticket.Number)]);
        }

        if (commit.ReturnedBatches.Count > 0)
        {
            AppendReturned(batch, commit.ReturnedBatches);
        }

        if (commit.FinishedParts.Count > 0)
        {
            AppendFinished(batch, commit.FinishedParts);
        }

        if (commit.ReturnedParts.Count > 0)
        {
            var command = batch.Append(FleetSql.ReturnParts).With(session.Epoch);
            AddParts(command, commit.ReturnedParts, back => back.Ticket);
            command.AddArray(commit.ReturnedParts, back => Delay(back.NotBefore));
        }
    }

    /// <summary>What comes after them.</summary>
    public void AppendNotes(NpgsqlBatch batch)
    {
        if (commit.Notes.Count > 0)
        {
            var command = batch.Append(
                "INSERT INTO fleet_audit (session_id, event, route_id, path, number) SELECT $1, * FROM unnest($2::text[], $3::int[], $4::bytea[], $5::bigint[])").With(session.Epoch);
            command.AddArray(commit.Notes, note => note.What);
            command.AddArray(commit.Notes, note => names.Route(note.Route));
            command.AddArray(commit.Notes, note => note.Path is { } path ? StoredText.OfPath(path) : null);
            command.AddArray(commit.Notes, note => note.Batch);
        }
    }

    private void AppendCompleted(NpgsqlBatch batch, List<BatchTicket> tickets)
    {
        AddBatches(batch.Append(FleetSql.CompleteBatches).With(session.Epoch), tickets, ticket => ticket).AddArray(tickets, ticket => ticket.Claim);
        AddBatches(batch.Append(FleetSql.RefuseOtherBatches), tickets, ticket => ticket);
    }

    private void AppendReturned(NpgsqlBatch batch, IReadOnlyList<BatchReturn> returned)
    {
        if (returned.Any(back => back.Rest is { Count: 0 }))
        {
            throw new ArgumentException("A batch of no files is completed, not given back.", nameof(returned));
        }

        var command = AddBatches(batch.Append(FleetSql.ReturnBatches).With(session.Epoch), returned, back => back.Ticket);
        command.AddArray(returned, back => back.Ticket.Claim);
        command.AddArray(returned, back => Delay(back.NotBefore));
        command.AddArray(returned, back => back.Rest?.Count);
        command.AddArray(returned, back => back.Rest?.Sum(file => file.Fingerprint.SizeBytes));
        command.AddArray(returned, back => back.Rest is { } rest ? BatchContent.Write(rest) : null);
    }

    private void AppendFinished(NpgsqlBatch batch, IReadOnlyList<PartFinish> finished)
    {
        var command = batch.Append(FleetSql.FinishParts).With(session.Epoch);
        AddParts(command, finished, part => part.Ticket);
        command.AddArray(finished, part => part.Part.SizeBytes);
        command.AddArray(finished, part => StoredText.OfDigest(part.Part.ETag));
        command.AddArray(finished, part => StoredText.OfDigest(part.Part.Digests.Md5));
        command.AddArray(finished, part => StoredText.OfDigest(part.Part.Digests.Crc32C));
        command.AddArray(finished, part => StoredText.OfDigest(part.Part.Digests.Sha256));
        batch.Append(FleetSql.RefuseOtherParts)
            .AddArray(finished, part => StoredText.OfName(part.Ticket.UploadId)).AddArray(finished, part => part.Ticket.PartNumber);
    }

    private NpgsqlBatchCommand AddBatches<T>(NpgsqlBatchCommand command, IReadOnlyList<T> rows, Func<T, BatchTicket> of) =>
        command.AddArray(rows, row => names.Route(of(row).Route)).AddArray(rows, row => of(row).Number);

    private static void AddParts<T>(NpgsqlBatchCommand command, IReadOnlyList<T> rows, Func<T, PartTicket> of) =>
        command.AddArray(rows, row => StoredText.OfName(of(row).UploadId)).AddArray(rows, row => of(row).PartNumber).AddArray(rows, row => of(row).Claim);

    private static TimeSpan? Delay(TimeSpan notBefore) => notBefore > TimeSpan.Zero ? notBefore : null;
}
