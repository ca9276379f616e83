namespace Akka.Pipeline.Storage.PostgreSql;

using Akka.Pipeline.Core.Fleet;
using Npgsql;

/// <summary>One connection that listens for NOTIFY, made anew when it breaks. For one caller at a time.</summary>
internal sealed class NewsListener(PostgresPlace place) : IAsyncDisposable
{
    // A connection that went dead without a word is noticed by a question every so often.
    private const int KeepAliveSeconds = 10;

    private NpgsqlConnection? connection;
    private FleetNews pending;

    public async Task<FleetNews> WaitAsync(TimeSpan timeout, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(timeout);
        try
        {
            if (connection is null)
            {
                await ConnectAsync(patience.Token);
                return FleetNews.Anything;
            }

            if (pending == FleetNews.None)
            {
                await connection.WaitAsync(patience.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // The time is over.
        }
        catch (Exception e) when (PostgresFailures.IsOfDatabase(e) || e is InvalidOperationException)
        {
            await CloseAsync();
            await WaitOutAsync(patience.Token, cancellation);
        }

        var news = pending;
        pending = FleetNews.None;
        return news;
    }

    public async ValueTask DisposeAsync() => await CloseAsync();

    private static async Task WaitOutAsync(CancellationToken patience, CancellationToken cancellation)
    {
        // A moment at most: after a restart of the server the next call should find it soon. The caller looks for itself meanwhile.
        try
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), patience);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
        }
    }

    private async Task ConnectAsync(CancellationToken cancellation)
    {
        var settings = new NpgsqlConnectionStringBuilder(place.Connection.ConnectionString) { Pooling = false, KeepAlive = KeepAliveSeconds };
        var opened = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await opened.OpenAsync(cancellation);
            opened.Notification += (_, notification) => pending |= notification.Payload switch
            {
                "batches" => FleetNews.Batches,
                "parts" => FleetNews.Parts,
                "sessions" => FleetNews.Sessions,
                _ => FleetNews.Anything,
            };
            await using var listen = new NpgsqlCommand("LISTEN akka_pipeline", opened);
            await listen.ExecuteNonQueryAsync(cancellation);
            connection = opened;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    private async Task CloseAsync()
    {
        if (connection is { } open)
        {
            connection = null;
            await open.DisposeAsync();
        }
    }
}
